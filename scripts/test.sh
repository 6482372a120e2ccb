#!/usr/bin/env bash
# Sets up, builds and runs every test: unit, property, crash, loopback, and end to end with the real
# programs. Ends with CTest's summary and its exit status.
#   scripts/test.sh [--sanitize address|thread] [--long] [arguments of ctest…]
# --sanitize address builds everything with the address and undefined-behaviour sanitizers, --sanitize thread with the
# thread sanitizer; both take hours rather than minutes. --long tries every case of each sweep.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=release
unset ROOTLET_LONG
while [ $# -gt 0 ]; do
  case $1 in
    --sanitize)
      case ${2:-} in
        address) preset=asan ;;
        thread) preset=tsan ;;
        *) echo "--sanitize takes address or thread" >&2; exit 2 ;;
      esac
      shift 2 ;;
    --long) export ROOTLET_LONG=1; shift ;;
    --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) break ;;
  esac
done
ROOTLET_PRESET=$preset scripts/build.sh
ctest --preset "$preset" "$@"
