#!/usr/bin/env bash
# Builds the image and tags it latest and with its version; the version names the commit when the
# tree is not exactly a release. FLAVOUR=distroless builds the one without a shell and appends the
# flavour to both tags.
set -euo pipefail
cd "$(dirname "$0")/../.."

docker="${DOCKER:-docker}"
image="${IMAGE:-kiwitcms/kiwi}"
flavour="${FLAVOUR:-debian}"
version="$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)"
revision="$(git rev-parse HEAD 2>/dev/null || echo unknown)"
created="$(TZ=UTC0 git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd 2>/dev/null || date -u +%FT%TZ)"
if [ "$(git describe --tags --exact-match 2>/dev/null)" != "v$version" ] ||
    [ -n "$(git status --porcelain 2>/dev/null)" ]; then
    version="$version-dev.$(git rev-parse --short HEAD 2>/dev/null || echo unknown)"
fi

tags=("$image:latest" "$image:$version")
case "$flavour" in
debian) ;;
distroless)
    BASE_IMAGE="${BASE_IMAGE:-gcr.io/distroless/cc-debian12}"
    tags=("$image:distroless" "$image:$version-distroless")
    ;;
*)
    echo "FLAVOUR: expected debian or distroless, got $flavour" >&2
    exit 2
    ;;
esac

arguments=(--build-arg "VERSION=$version" --build-arg "REVISION=$revision"
    --build-arg "CREATED=$created" --build-arg "FLAVOUR=$flavour")
for name in RUST_IMAGE BASE_IMAGE BUILD_IMAGE; do
    [ -z "${!name:-}" ] || arguments+=(--build-arg "$name=${!name}")
done
[ -z "${PLATFORM:-}" ] || arguments+=(--platform "$PLATFORM")
for tag in "${tags[@]}"; do arguments+=(--tag "$tag"); done

# BuildKit leaves out the stages that nothing needs
DOCKER_BUILDKIT=1 "$docker" build --file ops/Dockerfile "${arguments[@]}" ${DOCKER_BUILD_ARGS:-} .
echo "${tags[@]}"
