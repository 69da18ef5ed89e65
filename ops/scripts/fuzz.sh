#!/usr/bin/env bash
# Runs each fuzz target for SECONDS_EACH seconds (default 60). Needs a nightly toolchain and
# cargo-fuzz (`cargo install cargo-fuzz`); the same properties run in `make test` with proptest.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$HOME/.cargo/bin:$PATH"

if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "missing: cargo-fuzz (cargo install cargo-fuzz --locked)" >&2
    exit 1
fi
