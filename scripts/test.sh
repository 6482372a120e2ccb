#!/usr/bin/env bash
# Sets up, builds and runs every test: unit, property, crash, loopback, and end to end with the real
# programs. Ends with CTest's summary and its exit status.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh
ctest --preset release "$@"
