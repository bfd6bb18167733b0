#!/usr/bin/env bash
# Makes sure there is a Chromium for the end-to-end tests and prints its path: CHROMIUM_PATH, an installed one, Debian's
# package (as root), or the one Playwright can download. Where none of that works: says what to do and exits 3.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

say() { printf '%s\n' "$*" >&2; }

find_chromium() {
  local candidate
  for candidate in \
    "${CHROMIUM_PATH:-}" /usr/bin/chromium /usr/bin/google-chrome /usr/bin/google-chrome-stable /usr/bin/chromium-browser \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" /Applications/Chromium.app/Contents/MacOS/Chromium; do
    # Asked for its version: Ubuntu's chromium-browser may be a stub that only tells one to install a snap.
    if [ -x "$candidate" ] && "$candidate" --version >/dev/null 2>&1; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  candidate=$(node -e 'console.log(require("@playwright/test").chromium.executablePath())' 2>/dev/null || true)
  if [ -x "$candidate" ]; then printf '%s\n' "$candidate"; return 0; fi
  return 1
}

if find_chromium; then exit 0; fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && grep -qx 'ID=debian' /etc/os-release 2>/dev/null; then
  say "Installing chromium (Debian package) …"
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >"$log" 2>&1; then
    say "apt-get could not install chromium:"
    tail -n 15 "$log" >&2
    exit 3
  fi
else
  say "Downloading a Chromium with Playwright …"
  if ! npx playwright install chromium >"$log" 2>&1; then
    say "Playwright could not download a Chromium:"
    tail -n 8 "$log" >&2
    say "Install Chromium or Google Chrome, or set CHROMIUM_PATH to one."
    exit 3
  fi
fi
if ! find_chromium; then
  say "A Chromium was installed but does not run. Install one, or set CHROMIUM_PATH to one."
  exit 3
fi
