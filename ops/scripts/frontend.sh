#!/usr/bin/env bash
# Installs the npm modules when the lock file changed and builds apps/frontend when a source changed.
set -euo pipefail
cd "$(dirname "$0")/../../apps/frontend"

lock_hash="$(sha256sum package-lock.json | cut -d' ' -f1)"
lock_stamp=node_modules/.installed-lock
if [ "$(cat "$lock_stamp" 2>/dev/null)" != "$lock_hash" ]; then
    # not `npm ci`: it refuses a lock file without the programs for other platforms, which a
    # mirror of the registry may not have; the versions of the lock file count here as well
    rm -rf node_modules
    npm install --no-save --no-audit --no-fund
    echo "$lock_hash" >"$lock_stamp"
fi

[ "${1:-}" = modules ] && exit 0

source_hash="$(find . \( -name node_modules -o -name dist -o -name test-results \) -prune -o -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)"
source_stamp=dist/.built-sources
if [ ! -d dist/static ] || [ "$(cat "$source_stamp" 2>/dev/null)" != "$source_hash" ]; then
    npm run --silent build
    echo "$source_hash" >"$source_stamp"
fi
