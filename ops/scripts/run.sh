#!/usr/bin/env bash
# The demonstration: several tenants on a private PostgreSQL in var/, at https://localhost:8443/.
# The first start creates the administrator and the tenants; later ones find them.
set -euo pipefail
cd "$(dirname "$0")/../.."

ops/scripts/install-dependencies.sh run
ops/scripts/build.sh server

kiwi=target/release/kiwi
export KIWI_DATA_DIR="${KIWI_DATA_DIR:-$PWD/var}"
export KIWI_TENANTS_DOMAIN="${KIWI_TENANTS_DOMAIN:-kiwi.localhost}"
export KIWI_PUBLIC_PORT="${KIWI_PUBLIC_PORT:-8443}"
# a database of its own, whatever else this shell is set up for
unset DATABASE_URL KIWI_DB_HOST
mkdir -p "$KIWI_DATA_DIR"

"$kiwi" serve &
server=$!
stop() {
    trap '' INT TERM
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" || true
}
trap 'stop; exit 0' INT TERM
trap stop EXIT

ready() (
    exec 3<>/dev/tcp/127.0.0.1/8081
    printf 'GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
    head -n 1 <&3 | grep -q ' 200 '
) 2>/dev/null
for _ in $(seq 600); do
    kill -0 "$server" 2>/dev/null || { wait "$server"; exit 1; }
    if ready; then break; fi
    sleep 0.2
done

administrator=admin
marker="$KIWI_DATA_DIR/administrator-created"
if [ ! -e "$marker" ]; then
    password="$(head -c 12 /dev/urandom | base64 | tr '+/' '-_')"
    file="$(mktemp)"
    chmod 600 "$file"
    echo "$password" >"$file"
    "$kiwi" createsuperuser --noinput --username "$administrator" \
        --email admin@kiwi.localhost --password-file "$file" --reset-password
    rm -f "$file"
    touch "$marker"
fi
"$kiwi" tenant apply tenants/ --owner "$administrator"

cat <<TEXT

  Kiwi is ready.

    https://localhost:8443/             the public tenant
    https://demo.kiwi.localhost:8443/   the demonstration

TEXT
if [ -n "${password:-}" ]; then
    printf '  Log in as %s with the password  %s\n  It is shown this once; change it with: %s changepassword %s\n\n' \
        "$administrator" "$password" "$kiwi" "$administrator"
else
    printf '  Log in as %s with the password of the first start, or set one: %s changepassword %s\n\n' \
        "$administrator" "$kiwi" "$administrator"
fi
printf '  The browser warns about the certificate until it trusts %s/static/ca.crt.\n  Ctrl-C stops everything.\n\n' "$KIWI_DATA_DIR"

wait "$server"
