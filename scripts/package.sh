#!/usr/bin/env bash
# Builds the two Debian packages into build/packages.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh
mkdir -p build/packages
before=$(cat build/packages/sizes 2>/dev/null || true)
rm -f build/packages/*.deb
(cd build/release && cpack -B ../packages >/dev/null)
(cd build/packages && stat -c '%n %s' *.deb) >build/packages/sizes
# How each has grown since the last time.
while read -r name bytes; do
  was=$(awk -v name="$name" '$1 == name { print $2 }' <<<"$before")
  printf '%s: %d bytes%s\n' "build/packages/$name" "$bytes" "${was:+ ($(printf '%+d' $((bytes - was))) since the last build)}"
done <build/packages/sizes
