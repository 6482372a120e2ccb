#!/usr/bin/env bash
# Installs missing dependencies and builds a preset (release, or ROOTLET_PRESET) into build/<preset>: all targets, or the
# named ones. ROOTLET_LONG=1 prepares the tests for a long run.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${ROOTLET_PRESET:-release}
scripts/deps.sh
cmake --preset "$preset" -DROOTLET_LONG="${ROOTLET_LONG:-0}" >/dev/null
TIMEFORMAT='Built in %R s on the clock, %U s of processor time in user mode and %S s in the kernel.'
time cmake --build --preset "$preset" ${1:+--target "$@"}
