#!/usr/bin/env bash
# Installs what the tests need and runs all of them, quick ones first. Names of stages run only those:
#   ./scripts/test.sh [format] [lint] [types] [unit] [sandbox] [faults] [build] [attacks] [e2e]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/setup/require-node.sh
exec node scripts/testing/run-tests.mjs "$@"
