#!/usr/bin/env bash
# Builds the image and tags it latest and with its version; the version names the commit when the
# tree is not exactly a release.
set -euo pipefail
cd "$(dirname "$0")/../.."

image="${IMAGE:-kiwitcms/kiwi}"
version="$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)"
revision="$(git rev-parse HEAD 2>/dev/null || echo unknown)"
if [ "$(git describe --tags --exact-match 2>/dev/null)" != "v$version" ] ||
    [ -n "$(git status --porcelain 2>/dev/null)" ]; then
    version="$version-dev.$(git rev-parse --short HEAD 2>/dev/null || echo unknown)"
fi

arguments=()
[ -z "${BASE_IMAGE:-}" ] || arguments+=(--build-arg "BASE_IMAGE=$BASE_IMAGE")
[ -z "${RUST_IMAGE:-}" ] || arguments+=(--build-arg "RUST_IMAGE=$RUST_IMAGE")

docker build --file ops/Dockerfile --tag "$image:latest" --tag "$image:$version" \
    --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
    "${arguments[@]}" ${DOCKER_BUILD_ARGS:-} .
echo "$image:latest $image:$version"
