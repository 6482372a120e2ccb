#!/usr/bin/env bash
# Installs what is missing and builds the release preset into build/release: everything, or the targets named.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/deps.sh
cmake --preset release >/dev/null
cmake --build --preset release ${1:+--target "$@"}
