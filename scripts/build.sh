#!/usr/bin/env bash
# Installs missing dependencies and builds the release preset into build/release: all targets, or the named ones.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/deps.sh
cmake --preset release >/dev/null
TIMEFORMAT='Built in %R s on the clock, %U s of processor time in user mode and %S s in the kernel.'
time cmake --build --preset release ${1:+--target "$@"}
