#!/usr/bin/env bash
# Fuzzes every target of libs/*/fuzz for FUZZ_SECONDS seconds each (default 60). cargo-fuzz is
# compiled into target/tools when it is missing. The same properties run in `make test` as
# property tests.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/target/tools/bin:$HOME/.cargo/bin:$PATH"

if ! cargo fuzz --version >/dev/null 2>&1; then
    cargo install cargo-fuzz --locked --root target/tools
fi
# fuzzing needs switches that stable compilers hide
export RUSTC_BOOTSTRAP=1
export CARGO_TARGET_DIR="$PWD/target/fuzz"

for folder in libs/*/fuzz; do
    for target in $(cargo fuzz list --fuzz-dir "$folder"); do
        echo "== $folder $target"
        options=("-max_total_time=${FUZZ_SECONDS:-60}")
        [ ! -e "$folder/$target.dict" ] || options+=("-dict=$folder/$target.dict")
        cargo fuzz run --fuzz-dir "$folder" "$target" -- "${options[@]}"
    done
done
