#!/usr/bin/env bash
# Installs everything that building, testing and the demo need, from a bare Debian 12:
# Debian's packages, and npm packages pinned by the integrity hashes of their lock files: SQLite's source with page
# encryption, Node, the public villages tables, and what the console's web files are made of. Safe to run again: it skips
# what is already installed. Nothing is fetched later.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  build-essential cmake ninja-build ccache pkg-config ca-certificates
  libboost1.81-dev libboost-program-options1.81-dev libboost-json1.81-dev libboost-system1.81-dev
  libcurl4-openssl-dev libexpat1-dev libp11-kit-dev libpq-dev libsodium-dev libspdlog-dev libssl-dev libtss2-dev libutf8proc-dev
  libxlsxwriter-dev libzip-dev libzstd-dev unixodbc-dev zlib1g-dev doctest-dev
  python3 unicode-data curl chromium fonts-noto-cjk nginx-light postgresql-15 odbcinst odbc-postgresql libsqliteodbc softhsm2 swtpm
  libtss2-tcti-swtpm0 faketime
  debootstrap systemd-container dpkg-dev fakeroot
)
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
# Any npm will do, not only Debian's.
command -v npm >/dev/null || missing+=(npm)
if [ "${#missing[@]}" -gt 0 ]; then
  echo "Installing Debian packages: ${missing[*]}"
  as_root apt-get update -qq
  # Tests run nginx on their own port; keep Debian's nginx service from starting.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
    as_root chmod 0755 /usr/sbin/policy-rc.d
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-unsafe-io \
    "${missing[@]}" >/dev/null
fi

stamp=third_party/node_modules/.rootlet-stamp
if ! cmp -s third_party/package-lock.json "$stamp"; then
  echo "Fetching the pinned npm packages"
  (cd third_party && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  cp third_party/package-lock.json "$stamp"
fi

# The packages of the console, of its tests of the test of another TUF client and of the S3 server, by the pinned Node: the one of this
# machine's kind.
node=$(echo "$PWD"/third_party/node_modules/node-linux-*/bin)
for web in agent/console/web tests/console tests/e2e/tuf_js tests/e2e/s3; do
  cmp -s $web/package-lock.json $web/node_modules/.rootlet-stamp && continue
  echo "Fetching the npm packages of $web"
  (cd $web && PATH="$node:$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  cp $web/package-lock.json $web/node_modules/.rootlet-stamp
done
