#!/usr/bin/env bash
# The quick part of test.sh: formatting, lints and the tests that need no database.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
export PATH="$HOME/.cargo/bin:$PATH"

. ops/scripts/suite.sh

frontend() { (cd apps/frontend && npm run --silent "$1"); }

suite format cargo fmt --all --check
suite frontend-build ops/scripts/frontend.sh
suite frontend-lint frontend lint
suite frontend-unit frontend test
suite clippy cargo clippy --workspace --all-targets --locked -- -D warnings
suite unit cargo test --workspace --locked --lib --bins
finish
