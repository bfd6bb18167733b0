#!/usr/bin/env bash
# Makes sure that gVisor's runsc is on this machine (Debian's package), and says what the Docker engine needs to use it.
# Changes nothing in the engine's configuration: others may use it. See docs/gvisor.md.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }

if [ "$(uname -s)" != Linux ]; then
  say "gVisor runs on Linux only. Where the engine is in a virtual machine, its kernel is not the host's anyway."
  exit 3
fi

if ! command -v runsc >/dev/null; then
  if ! command -v apt-get >/dev/null; then
    say "runsc is not installed, and this is not Debian or Ubuntu: see https://gvisor.dev/docs/user_guide/install/."
    exit 3
  fi
  if [ "$(id -u)" != 0 ]; then
    say "runsc is not installed: run  sudo apt-get install runsc"
    exit 3
  fi
  say "Installing runsc (a Debian package) …"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends runsc; } >"$log" 2>&1; then
    say "runsc could not be installed. The last lines:"
    tail -n 15 "$log" >&2
    exit 3
  fi
fi

if docker info --format '{{range $name, $_ := .Runtimes}}{{$name}} {{end}}' 2>/dev/null | grep -qw runsc; then
  say "$(runsc --version | head -n 1) is installed, and the Docker engine has it. Set SANDBOX_RUNTIME=runsc in .env."
  exit 0
fi

say "$(runsc --version | head -n 1) is installed, but the Docker engine does not have it yet. Add this to its configuration"
say "(/etc/docker/daemon.json), restart the engine, and set SANDBOX_RUNTIME=runsc in .env:"
say ""
say '  { "runtimes": { "runsc": { "path": "'"$(command -v runsc)"'", "runtimeArgs": ["--host-uds=all", "--network=none"] } } }'
exit 3
