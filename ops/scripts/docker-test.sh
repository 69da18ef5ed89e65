#!/usr/bin/env bash
# Tests the image and the compose files; arguments go to ops/docker-test/run.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
ops/scripts/install-dependencies.sh docker
exec python3 ops/docker-test/run.py "$@"
