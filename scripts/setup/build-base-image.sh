#!/usr/bin/env bash
# Makes the base image `background-agents-base:bookworm` from Debian's packages, for machines where no container
# registry is in reach. Does nothing when the image is there. Needs root (debootstrap makes a root file system).
set -euo pipefail

BASE_TAG="${BASE_TAG:-background-agents-base:bookworm}"
MIRROR="${DEBIAN_MIRROR:-http://deb.debian.org/debian}"

say() { printf '%s\n' "$*" >&2; }

if docker image inspect "$BASE_TAG" >/dev/null 2>&1; then exit 0; fi

if [ "$(id -u)" != 0 ] || [ "$(uname -s)" != Linux ]; then
  say "The base image debian:bookworm-slim could not be pulled, and only root on Linux can build one instead."
  say "Get it once where a registry is in reach:  docker pull debian:bookworm-slim"
  exit 3
fi

log=$(mktemp)
root=$(mktemp -d /var/tmp/background-agents-base.XXXXXX)
cleanup() { rm -rf "$root" "$log"; }
trap cleanup EXIT

fail() {
  say "$1 Its last lines:"
  tail -n 15 "$log" >&2
  exit 3
}

if ! command -v debootstrap >/dev/null; then
  if ! command -v apt-get >/dev/null; then
    say "debootstrap is missing and this is not Debian or Ubuntu: install it, or pull debian:bookworm-slim."
    exit 3
  fi
  say "Installing debootstrap (a Debian package) …"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debootstrap; } >"$log" 2>&1 ||
    fail "debootstrap could not be installed."
fi

say "Building the base image from Debian's packages (about half a minute) …"
debootstrap --variant=minbase bookworm "$root" "$MIRROR" >"$log" 2>&1 || fail "debootstrap failed."
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/info/*
tar -C "$root" --numeric-owner --one-file-system -c . | docker import --change 'CMD ["bash"]' - "$BASE_TAG" >"$log" 2>&1 ||
  fail "docker import failed."
