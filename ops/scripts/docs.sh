#!/usr/bin/env bash
# Builds the book of docs/ into target/book.
set -euo pipefail
cd "$(dirname "$0")/../.."

ops/scripts/install-dependencies.sh docs
mdbook="$(ops/scripts/tool.sh mdbook)"
"$mdbook" build docs --dest-dir "$PWD/target/book"
echo "target/book/index.html"
