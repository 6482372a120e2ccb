#!/usr/bin/env bash
# Builds the bench preset and runs every measurement against the tools that Debian offers; prints one table with its
# targets and writes bench/out/<time>.json. Usage: scripts/bench.sh [--quick] [--only CASE,CASE…]
# Takes about half an hour on two idle processors; --quick a few minutes.
# scripts/bench.sh --tree [--quick|--long] [--parts PART,PART…] measures what an office pays beside its own packs instead, and
# what the directory costs the publisher, with the real programs. --long adds 43,000 offices with 10 datasets: half an hour.
# Parts: township, prefecture, growth, many, trips, revocation.
# scripts/bench.sh --api [--quick] [--only unlimited|limited] measures the local API over api.sock with the real programs, also
# in a control group of 512 MB (as root): point reads, searches while days are applied, memory. Half an hour.
# scripts/bench.sh --sources [--rows N] [--runs N] measures publishing out of PostgreSQL against COPY and publishing the file;
# with --odbc reading through psqlODBC against COPY.
# scripts/bench.sh --database [--quick] [--parts copy,workers,offices] measures the platform on PostgreSQL: intake against COPY,
# two workers against one, 43,000 offices.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/deps.sh

# The tools to compare with.
packages=(rsync xdelta3 sqlite3 sqlite3-tools zstd xz-utils)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
  as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

cmake --preset bench >/dev/null
if [ "${1:-}" = --tree ]; then
  shift
  cmake --build --preset bench --target bench_offices rootlet rootlet-platform
  export ROOTLET_BIN=$PWD/build/bench ROOTLET_BENCH_BIN=$PWD/build/bench
  exec python3 bench/tree.py "$@"
fi
if [ "${1:-}" = --sources ]; then
  shift
  cmake --build --preset bench --target rootlet-platform bench_read_source
  export ROOTLET_BIN=$PWD/build/bench
  exec python3 bench/sources.py "$@"
fi
if [ "${1:-}" = --database ]; then
  shift
  cmake --build --preset bench --target bench_offices bench_intake_load rootlet-platform
  export ROOTLET_BIN=$PWD/build/bench ROOTLET_BENCH_BIN=$PWD/build/bench
  exec python3 bench/platform/database.py "$@"
fi
cmake --build --preset bench --target bench rootlet
if [ "${1:-}" = --api ]; then
  shift
  export ROOTLET_BIN=$PWD/build/bench
  exec python3 bench/api.py "$@"
fi
exec python3 bench/run.py "$@"
