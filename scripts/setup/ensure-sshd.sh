#!/usr/bin/env bash
# Makes sure there is an OpenSSH server for tests that push over real SSH: the installed one, or Debian's package (as
# root). No service is started: a test runs its own on loopback. Where that does not work: says what to do and exits 3.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }

find_sshd() {
  local candidate
  for candidate in /usr/sbin/sshd /usr/local/sbin/sshd /usr/bin/sshd; do
    if [ -x "$candidate" ]; then return 0; fi
  done
  return 1
}

if ! find_sshd || ! command -v ssh >/dev/null || ! command -v ssh-keygen >/dev/null; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "The tests need an OpenSSH server. Install it: sudo apt-get install openssh-server   (macOS has one)"
    exit 3
  fi
  say "Installing openssh-server (Debian package) …"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  # The package would start a server for the whole machine, which nobody asked for.
  policy=/usr/sbin/policy-rc.d
  made_policy=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    made_policy=1
  fi
  ok=1
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openssh-server openssh-client; } >"$log" 2>&1 || ok=
  [ -z "$made_policy" ] || rm -f "$policy"
  if [ -z "$ok" ]; then
    say "apt-get could not install openssh-server:"
    tail -n 15 "$log" >&2
    exit 3
  fi
fi

# Run by root, sshd wants this directory, which its service would make.
if [ "$(id -u)" = 0 ] && [ "$(uname -s)" = Linux ]; then mkdir -p -m 0755 /run/sshd; fi
