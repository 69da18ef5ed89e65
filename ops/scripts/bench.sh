#!/usr/bin/env bash
# CPU per request of server and database, in release builds. KIWI_BENCH_OTHER=<kiwi binary> is
# measured in the same run, turn by turn. Arguments are passed on to `devtool bench`.
set -euo pipefail
cd "$(dirname "$0")/../.."

ops/scripts/install-dependencies.sh bench
ops/scripts/build.sh
exec target/release/devtool bench --kiwi target/release/kiwi \
    --json target/bench/latest.json ${KIWI_BENCH_OTHER:+--other "$KIWI_BENCH_OTHER"} "$@"
