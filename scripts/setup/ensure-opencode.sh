#!/usr/bin/env bash
# Makes sure the pinned OpenCode is at .cache/opencode/<version>/opencode (for tests that run it outside a container)
# and prints that path. The version and its checksum stand in packages/sandbox/Dockerfile, in one place.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
DOCKERFILE=packages/sandbox/Dockerfile

say() { printf '%s\n' "$*" >&2; }
pin() { sed -n "s/^ARG $1=//p" "$DOCKERFILE"; }

version=$(pin OPENCODE_VERSION)
[ -n "$version" ] || { say "No OPENCODE_VERSION in $DOCKERFILE."; exit 1; }

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64)
    platform=linux-x64 expected=$(pin OPENCODE_SHA512_X64)
    if ! grep -qw avx2 /proc/cpuinfo; then platform=linux-x64-baseline expected=$(pin OPENCODE_SHA512_X64_BASELINE); fi ;;
  Linux-aarch64) platform=linux-arm64 expected="" ;;
  Darwin-arm64) platform=darwin-arm64 expected="" ;;
  Darwin-x86_64) platform=darwin-x64 expected="" ;;
  *) say "OpenCode has no build for $(uname -s) on $(uname -m)."; exit 3 ;;
esac

target="$PWD/.cache/opencode/$version/opencode"
if [ -x "$target" ]; then printf '%s\n' "$target"; exit 0; fi

say "Downloading OpenCode $version ($platform) from the npm registry …"
mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$(dirname "$target")/download.XXXXXX")
trap 'rm -rf "$work"' EXIT
# By npm: a bare machine has no curl, and npm knows the user's registry, its login and its proxy. npm holds the package
# against what the registry says; the pin, where there is one for the platform, against what we tested with.
(cd "$work" && npm pack --silent "opencode-$platform@$version" >/dev/null && mv ./*.tgz package.tgz)
actual=$(node -e 'process.stdout.write(require("node:crypto").createHash("sha512").update(require("node:fs").readFileSync(process.argv[1])).digest("base64"))' "$work/package.tgz")
[ -z "$expected" ] || [ "$actual" = "$expected" ] || { say "The checksum of opencode-$platform $version is wrong: $actual"; exit 1; }

tar -xzf "$work/package.tgz" -C "$work"
chmod 755 "$work/package/bin/opencode"
mv "$work/package/bin/opencode" "$target"
printf '%s\n' "$target"
