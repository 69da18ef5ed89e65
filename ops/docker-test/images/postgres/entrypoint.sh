#!/bin/bash
# Makes a cluster in an empty volume, then becomes the server.
set -euo pipefail

as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }

setting() { # setting <NAME> <default>: the variable, or the content of the file <NAME>_FILE names
    local file="$1_FILE"
    if [ -n "${!file:-}" ]; then cat "${!file}"; else printf '%s' "${!1:-$2}"; fi
}

case "${1:-}" in
'' | -*) set -- postgres "$@" ;;
postgres) ;;
*) exec "$@" ;;
esac

mkdir -p "$PGDATA" /run/postgresql
chown -R postgres:postgres /var/lib/postgresql /run/postgresql
chmod 0700 "$PGDATA"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    user="$(setting POSTGRES_USER postgres)"
    password="$(setting POSTGRES_PASSWORD '')"
    database="$(setting POSTGRES_DB "$user")"
    if [ -z "$password" ]; then
        echo "POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE is missing" >&2
        exit 1
    fi
    pwfile="$(mktemp)"
    printf '%s\n' "$password" >"$pwfile"
    chown postgres "$pwfile"
    as_postgres initdb --username="$user" --pwfile="$pwfile" \
        --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 >/dev/null
    rm "$pwfile"
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
    as_postgres pg_ctl start --wait --silent --options="-c listen_addresses=''"
    if [ "$database" != postgres ]; then
        as_postgres createdb --username="$user" --maintenance-db=postgres "$database"
    fi
    for file in /docker-entrypoint-initdb.d/*; do
        case "$file" in
        *.sh) POSTGRES_USER="$user" POSTGRES_DB="$database" as_postgres bash "$file" ;;
        *.sql) as_postgres psql --username="$user" --dbname="$database" -v ON_ERROR_STOP=1 -q -f "$file" ;;
        esac
    done
    as_postgres pg_ctl stop --wait --silent --mode=fast
fi
exec setpriv --reuid=postgres --regid=postgres --init-groups "$@"
