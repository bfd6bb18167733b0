#!/usr/bin/env bash
# Makes sure the sandbox image is there and made of the present inputs (a hash in its label): bundles the supervisor,
# builds the image where the hash differs. An image of the user's own (SANDBOX_IMAGE) is never built, only looked for.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
OUR_IMAGE=background-agents-sandbox
IMAGE="${SANDBOX_IMAGE:-$OUR_IMAGE}"
BASE=debian:bookworm-slim
BUILT_BASE=background-agents-base:bookworm

say() { printf '%s\n' "$*" >&2; }

if [ "$IMAGE" != "$OUR_IMAGE" ]; then
  docker image inspect "$IMAGE" >/dev/null 2>&1 && exit 0
  say "SANDBOX_IMAGE names $IMAGE, which this Docker engine does not have. Build or pull it, or remove SANDBOX_IMAGE."
  exit 3
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
fail() {
  say "$1 Its last lines:"
  tail -n 30 "$log" >&2
  exit 3
}

node packages/sandbox/scripts/bundle.mjs >"$log" 2>&1 || fail "The supervisor could not be bundled."
hash=$(cat packages/sandbox/dist/input-hash)
present=$(docker image inspect --format '{{index .Config.Labels "background-agents.input-hash"}}' "$IMAGE" 2>/dev/null || true)
if [ "$present" = "$hash" ]; then exit 0; fi

if ! docker image inspect "$BASE" >/dev/null 2>&1; then
  if docker image inspect "$BUILT_BASE" >/dev/null 2>&1; then BASE=$BUILT_BASE
  else
    say "Pulling $BASE …"
    if ! docker pull -q "$BASE" >"$log" 2>&1; then
      say "No registry is in reach ($(tail -n 1 "$log"))."
      scripts/setup/build-base-image.sh
      BASE=$BUILT_BASE
    fi
  fi
fi

# The registry and the proxy that npm uses on this machine are the ones that work here.
arguments=(--build-arg "BASE_IMAGE=$BASE" --build-arg "INPUT_HASH=$hash")
if [ -n "${NPM_REGISTRY:-}" ]; then arguments+=(--build-arg "NPM_REGISTRY=${NPM_REGISTRY%/}"); fi
for name in HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy; do
  if [ -n "${!name:-}" ]; then arguments+=(--build-arg "$name"); fi
done

if [ -n "$present" ]; then say "The sandbox image's inputs changed. Building it …"
else say "Building the sandbox image (the first time takes about a minute) …"; fi
started=$SECONDS
docker build "${arguments[@]}" -t "$IMAGE" packages/sandbox/ >"$log" 2>&1 &
build=$!
seen=''
while kill -0 "$build" 2>/dev/null; do
  step=$(grep -E '^Step [0-9]+/[0-9]+|^#[0-9]+ \[' "$log" | tail -n 1 | cut -c 1-72 || true)
  if [ -n "$step" ] && [ "$step" != "$seen" ]; then say "  $step"; seen=$step; fi
  sleep 0.5
done
wait "$build" || fail "The sandbox image could not be built."
# Former images of ours and the stage that only held the inputs: nothing names them any more. One that a container still
# runs on refuses to go.
for label in background-agents.input-hash background-agents.stage=inputs; do
  docker image ls -q --filter dangling=true --filter "label=$label" | sort -u | xargs -r docker image rm >/dev/null 2>&1 || true
done
say "The sandbox image is built ($((SECONDS - started)) s)."
