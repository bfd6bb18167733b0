#!/usr/bin/env bash
# Makes sure a Docker engine answers: uses the one that runs, starts the one that is installed, installs one on
# Debian and Ubuntu as root. Everything else: says what to do and exits 3. Prints nothing when the engine answers.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }

engine_answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# Without pgrep: a small Debian does not have it.
engine_runs() { grep -qsx dockerd /proc/[0-9]*/comm; }

wait_for_engine() {
  local deadline=$((SECONDS + ${1:-60}))
  until engine_answers; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    [ -z "${started:-}" ] || kill -0 "$started" 2>/dev/null || return 1
    sleep 0.3
  done
}

install_packages() {
  say "Installing $* (Debian packages) …"
  local log
  log=$(mktemp)
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >"$log" 2>&1; then
    say "apt-get could not install $*:"
    tail -n 15 "$log" >&2
    exit 3
  fi
  rm -f "$log"
}

if command -v docker >/dev/null && engine_answers; then exit 0; fi

if [ -n "${DOCKER_HOST:-}" ]; then
  say "No Docker engine answers at DOCKER_HOST=$DOCKER_HOST. Start it, or unset DOCKER_HOST to use the one of this machine."
  exit 3
fi

if [ "$(uname -s)" != Linux ]; then
  say "No Docker engine answers. Start Docker Desktop (or another engine), then run this again."
  exit 3
fi

if command -v docker >/dev/null; then
  reason=$(docker version 2>&1 >/dev/null | tail -n 1 || true)
  case "$reason" in
    *"permission denied"*)
      say "The Docker engine runs, but this user may not use it. Add yourself to its group and log in again:"
      say "    sudo usermod -aG docker $(id -un)"
      exit 3 ;;
  esac
fi

if [ "$(id -u)" != 0 ]; then
  say "No Docker engine answers and this user is not root, so it cannot be started or installed from here."
  if command -v dockerd >/dev/null; then say "Start it:   sudo systemctl start docker   (or: sudo dockerd)"
  else say "Install it: https://docs.docker.com/engine/install/   (Debian, Ubuntu: sudo apt-get install docker.io)"; fi
  exit 3
fi

if ! command -v dockerd >/dev/null; then
  if ! command -v apt-get >/dev/null; then
    say "No Docker engine is installed and this is not Debian or Ubuntu: https://docs.docker.com/engine/install/"
    exit 3
  fi
  install_packages docker.io iptables
fi

say "Starting the Docker engine …"
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null && systemctl start docker >/dev/null 2>&1; then :
elif engine_runs; then :
else
  log=/var/log/dockerd.log
  touch "$log" 2>/dev/null || log=/tmp/dockerd.log
  # A pid file of an engine that was killed would stop the new one.
  rm -f /var/run/docker.pid
  setsid dockerd >"$log" 2>&1 </dev/null &
  started=$!
fi
if ! wait_for_engine 90; then
  say "The Docker engine did not come up. Its last lines:"
  tail -n 12 "${log:-/dev/null}" >&2 || true
  exit 3
fi
say "Docker engine $(docker version --format '{{.Server.Version}}') answers."
