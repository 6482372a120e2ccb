#!/usr/bin/env bash
# Builds the two Debian packages into build/packages.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh
mkdir -p build/packages
rm -f build/packages/*.deb
(cd build/release && cpack -B ../packages >/dev/null)
ls -l build/packages/*.deb
