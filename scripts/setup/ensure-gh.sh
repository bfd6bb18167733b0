#!/usr/bin/env bash
# Makes sure there is a `gh` for the tests of pull requests: the installed one, or Debian's package (as root; unpacked
# below .cache for any other user). Where that does not work: says what to do and exits 3. Prints its path.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

say() { printf '%s\n' "$*" >&2; }
local_gh=.cache/gh/usr/bin/gh

if command -v gh >/dev/null; then command -v gh; exit 0; fi
if [ -x "$local_gh" ]; then printf '%s\n' "$PWD/$local_gh"; exit 0; fi

if ! command -v apt-get >/dev/null; then
  say "The tests of pull requests need the GitHub CLI: https://cli.github.com (macOS: brew install gh)"
  exit 3
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
say "Installing gh (Debian package) …"
if [ "$(id -u)" = 0 ]; then
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gh; } >"$log" 2>&1; then
    say "apt-get could not install gh:"
    tail -n 15 "$log" >&2
    exit 3
  fi
  command -v gh
else
  mkdir -p .cache/gh
  if ! { cd .cache/gh && apt-get download -qq gh && dpkg-deb -x gh_*.deb . && rm -f gh_*.deb; } >"$log" 2>&1; then
    say "gh could not be fetched from the package registry:"
    tail -n 15 "$log" >&2
    exit 3
  fi
  printf '%s\n' "$PWD/$local_gh"
fi
