# What the stories share: a realm on loopback in a temporary folder, its gateway, offices. A story sources this file.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
bin=${ROOTLET_BIN:-$here/../../build/release}
world=$(mktemp -d "${TMPDIR:-/tmp}/rootlet-story-XXXXXX")
realm=$world/realm
gateway=

finish() {
  local code=$?
  [ -z "$gateway" ] || { kill "$gateway" 2>/dev/null && wait "$gateway" 2>/dev/null; } || true
  [ "$code" = 0 ] || tail -n 20 "$world/gateway.log" >&2 2>/dev/null || true
  rm -rf "$world"
}
trap finish EXIT

step() { printf '\n%s\n' "$*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }

platform() { "$bin/platform/rootlet-platform" --realm "$realm" "$@"; }
office() { local name=$1; shift; "$bin/agent/rootlet" --home "$world/$name" "$@"; }

# value EXPRESSION: prints a Python expression over `d`, the JSON on standard input
value() { python3 -c 'import json,sys; d=json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"; }
# rows: the CSV rows on standard input in one quoting and sorted, as a checksum
rows() { python3 -c 'import csv,sys; print("\n".join(sorted(map(repr, csv.reader(sys.stdin)))))' | sha256sum; }
# same WANTED GOT WHAT
same() { [ "$1" = "$2" ] || fail "$3: expected $1, got $2"; }

make_realm() { # NAME
  port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
  "$bin/platform/rootlet-platform" init "$realm" --name "$1" --url "http://127.0.0.1:$port" >"$world/init.txt"
}
open_gateway() {
  "$bin/platform/rootlet-platform" --realm "$realm" serve --listen "127.0.0.1:$port" >>"$world/gateway.log" 2>&1 &
  gateway=$!
  for _ in $(seq 100); do curl -fsS -o "$world/health" "http://127.0.0.1:$port/healthz" 2>/dev/null && return; sleep 0.1; done
  fail "the gateway does not answer"
}
close_gateway() { kill "$gateway"; wait "$gateway" 2>/dev/null || true; gateway=; }
# join OFFICE DIVISION: invites an office and enrols it
join() {
  platform office add "$1" --division "$2" --name "$1" --out "$world/$1.enroll" >>"$world/operator.txt"
  office "$1" enroll "$world/$1.enroll"
}
# settle OFFICE STATE COUNT: syncs until COUNT records of the office are in STATE
settle() {
  for _ in $(seq 50); do
    office "$1" sync >>"$world/sync.txt" || fail "sync failed"
    [ "$(office "$1" status --json | value "d['outbox']['$2']")" = "$3" ] && return
    sleep 0.1
  done
  fail "not $3 records of $1 are $2"
}
