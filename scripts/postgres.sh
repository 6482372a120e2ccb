#!/usr/bin/env bash
# A throw-away PostgreSQL of Debian's package, for tests and trials: listens on a Unix socket in DIR alone, trusts who
# reaches it, and keeps nothing safe from a power cut.
#   scripts/postgres.sh start DIR [SETTING=VALUE…]   makes and starts it; prints its address
#   scripts/postgres.sh stop DIR                     at once, as a power cut would
#   scripts/postgres.sh resume DIR                   starts it again
set -euo pipefail
usage() { sed -n '2,6s/^# \?//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
# The server refuses to run as root.
as_owner() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi; }
resume() {
  as_owner "$bin/pg_ctl" --pgdata="$1/data" --log="$1/postgres.log" --wait start -o "-c listen_addresses= \
    -c unix_socket_directories=$1 -c fsync=off -c shared_buffers=32MB -c wal_level=logical$(cat "$1/settings")" >/dev/null
}

case "$1" in
start)
  mkdir -p "$2"
  dir=$(cd "$2" && pwd)
  if [ $# = 2 ]; then :; else printf ' -c %s' "${@:3}"; fi >"$dir/settings"
  if [ "$(id -u)" = 0 ]; then chown postgres:postgres "$dir"; fi
  as_owner "$bin/initdb" --pgdata="$dir/data" --username=rootlet --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
    --no-sync >"$dir/initdb.log"
  resume "$dir"
  echo "postgresql:///postgres?host=$dir&user=rootlet"
  ;;
resume) resume "$(cd "$2" && pwd)" ;;
stop) as_owner "$bin/pg_ctl" --pgdata="$2/data" --mode=immediate stop >/dev/null ;;
*) usage ;;
esac
