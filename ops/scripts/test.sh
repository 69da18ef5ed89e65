#!/usr/bin/env bash
# Everything CI runs. All suites run even when one fails; the exit code tells.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
export PATH="$HOME/.cargo/bin:$PATH"
# nothing is built twice here, so incremental data would only cost time and space
export CARGO_INCREMENTAL="${CARGO_INCREMENTAL:-0}"
export INSTA_UPDATE=no
export RUST_BACKTRACE=1

ops/scripts/install-dependencies.sh test || exit 1
. ops/scripts/suite.sh

# one process a binary, so that its tests share a database server
rust_tests() { cargo test --workspace --locked --no-fail-fast; }
supply_chain() { "$(ops/scripts/tool.sh cargo-deny)" --locked check licenses bans sources; }
frontend() { (cd apps/frontend && npm run --silent "$1"); }
documentation() {
    RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" cargo doc --workspace --no-deps --document-private-items --locked &&
        ops/scripts/docs.sh
}
# the founding compose file and its first set-up; `make docker-test` has the rest
containers() {
    if [ "$(id -u)" -ne 0 ]; then
        printf 'containers are not tested here: only root can start an engine of its own\n0 passed, 0 failed\n'
        return
    fi
    ops/scripts/docker-test.sh --where-possible --scenarios start setup
}

# the suite of Rust has built them
export KIWI_BIN="$PWD/target/debug/kiwi"
export DEVTOOL_BIN="$PWD/target/debug/devtool"
export PREVIEW_BIN="$PWD/target/debug/examples/preview"

suite format cargo fmt --all --check
suite frontend-build ops/scripts/frontend.sh
suite frontend-lint frontend lint
suite frontend-unit frontend test
suite clippy cargo clippy --workspace --all-targets --locked -- -D warnings
suite supply-chain supply_chain
suite rust rust_tests
suite generated "$DEVTOOL_BIN" check
suite docs documentation
suite chart ops/scripts/chart-test.sh
suite conformance python3 ops/conformance/run.py
suite clients python3 ops/clients/run.py
suite pages frontend pages
suite browser python3 ops/browser/run.py
suite containers containers
finish
