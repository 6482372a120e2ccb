#!/usr/bin/env bash
# Sets up, builds and runs every test: units, properties, crash, loopback, and end to end with the
# real programs. The last lines are CTest's own summary; the exit status is its verdict.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh
ctest --preset release "$@"
