#!/usr/bin/env bash
# Writes what the program is made of (from the lock files) and, when the engine has the image, what
# the image holds besides, as CycloneDX into target/sbom.
set -euo pipefail
cd "$(dirname "$0")/../.."

syft="$(ops/scripts/tool.sh syft)"
image="${IMAGE:-kiwitcms/kiwi}:latest"
version="$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)"
out=target/sbom
sources="$out/sources"
rm -rf "$out" && mkdir -p "$sources"
# only what is locked goes into the program, whatever else lies in the tree
cp Cargo.lock apps/frontend/package-lock.json "$sources"
export SYFT_CHECK_FOR_APP_UPDATE=false
"$syft" scan "dir:$sources" --quiet --source-name kiwi --source-version "$version" \
    --output "cyclonedx-json=$out/program.cdx.json"
rm -r "$sources"
if "${DOCKER:-docker}" image inspect "$image" >/dev/null 2>&1; then
    "${DOCKER:-docker}" save "$image" --output "$out/image.tar"
    "$syft" scan "docker-archive:$out/image.tar" --quiet --source-name "$image" \
        --output "cyclonedx-json=$out/image.cdx.json"
    rm "$out/image.tar"
else
    echo "no image $image here: only the program is listed" >&2
fi
ls "$out"
