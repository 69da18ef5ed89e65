#!/usr/bin/env bash
# Front end and release program. Both steps do nothing when no source changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$HOME/.cargo/bin:$PATH"

ops/scripts/install-dependencies.sh build
ops/scripts/frontend.sh
cargo build --release --locked --package server --package devtool
