#!/usr/bin/env bash
# Installs missing dependencies and builds the release preset into build/release: all targets, or the named ones.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/deps.sh
cmake --preset release >/dev/null
cmake --build --preset release ${1:+--target "$@"}
