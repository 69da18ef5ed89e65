#!/usr/bin/env bash
# Tests charts/kiwi and ops/observability without a cluster. UPDATE_GOLDEN=1 rewrites what is
# generated and the expected renderings; other arguments choose checks by a part of their name.
set -euo pipefail
cd "$(dirname "$0")/../.."

tools="$(ops/scripts/chart-tools.sh)"
eval "$tools"
if [ -n "${UPDATE_GOLDEN:-}" ]; then
    "$PYTHON" ops/chart/generate.py
fi
exec "$PYTHON" ops/chart/test.py "$@"
