#!/usr/bin/env bash
# Installs what Debian 12 lacks for one purpose: build, run, test, bench, docs or docker.
# Rust and Node.js are expected; everything that is already there is left alone.
set -euo pipefail
cd "$(dirname "$0")/../.."

purpose="${1:-run}"
packages=()

need() { # need <package> <command that succeeds when it is there>
    local package="$1"
    shift
    "$@" >/dev/null 2>&1 || packages+=("$package")
}

has_postgresql() {
    [ -n "${KIWI_PG_BIN:-}" ] || command -v postgres || compgen -G '/usr/lib/postgresql/*/bin/postgres'
}
has_chromium() {
    [ -n "${CHROMIUM:-}" ] || command -v chromium || command -v chromium-browser || command -v google-chrome
}
# an engine that answers, or a daemon that can be started and a client that can build
has_docker() { docker info || { command -v dockerd && /usr/bin/docker --version; }; }
has_compose() { command -v docker-compose || docker compose version; }
has_pgbouncer() { command -v pgbouncer || [ -x /usr/sbin/pgbouncer ]; }
has_venv() { python3 -c 'import venv, ensurepip'; }

for tool in cargo node npm; do
    if ! PATH="$HOME/.cargo/bin:$PATH" command -v "$tool" >/dev/null; then
        echo "missing: $tool (install Rust from https://rustup.rs and Node.js 20 or newer)" >&2
        exit 1
    fi
done

need gcc command -v cc
case "$purpose" in
build) ;;
run | bench) need postgresql-15 has_postgresql ;;
test)
    need postgresql-15 has_postgresql
    need chromium has_chromium
    need pebble command -v pebble
    need pgbouncer has_pgbouncer
    need python3 command -v python3
    need python3-venv has_venv
    ;;
docs)
    need python3 command -v python3
    need python3-venv has_venv
    ;;
docker)
    need python3 command -v python3
    need docker.io has_docker
    need iptables command -v iptables
    need debootstrap command -v debootstrap
    need pebble command -v pebble
    need docker-compose has_compose
    ;;
*)
    echo "usage: $0 build|run|test|bench|docs|docker" >&2
    exit 2
    ;;
esac

if [ "${#packages[@]}" -gt 0 ]; then
    if ! command -v apt-get >/dev/null; then
        echo "missing: ${packages[*]} (no apt-get here: install them with this system's packages)" >&2
        exit 1
    fi
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    echo "installing: ${packages[*]}"
    # Debian would create and start a cluster on port 5432; only the programs are wanted here.
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        "${as_root[@]}" mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' |
            "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Options::=--force-confold "${packages[@]}" >/dev/null
fi
