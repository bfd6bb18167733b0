#!/usr/bin/env bash
# Starts everything for work on one machine: see README.md. Sets up what is missing first; safe to repeat.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/setup/require-node.sh
exec node scripts/processes/dev.mjs
