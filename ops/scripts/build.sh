#!/usr/bin/env bash
# Front end and release programs; arguments name the packages, otherwise kiwi and devtool. Nothing
# is done when no source changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$HOME/.cargo/bin:$PATH"

ops/scripts/install-dependencies.sh build
ops/scripts/frontend.sh
[ "$#" -gt 0 ] || set -- server devtool
cargo build --release --locked "${@/#/--package=}"
