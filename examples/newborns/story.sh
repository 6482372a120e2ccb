#!/usr/bin/env bash
# Births reported while the link is down, with the real programs. README.md tells the story.
. "$(dirname "$0")/../story_tools.sh"

step "The operator publishes the health stations and invites a township"
make_realm "Example county"
platform dataset add "$here/health-stations.dataset.json"
platform form add "$here/newborn.form.json"
python3 "$here/generate.py" stations >"$world/stations.csv"
platform publish health-stations --from "csv:$world/stations.csv"
open_gateway
join riverside 999901001
platform grant add riverside health-stations --purposes birth-registration
office riverside sync

step "The link goes down; the clerk registers five births, and one with a wrong identity number"
close_gateway
mkdir "$world/births"
python3 "$here/generate.py" births 5 "$world/births"
for file in "$world"/births/*.json; do office riverside submit newborn "$file"; done
sed 's/"mother": "[0-9]*[0-9X]"/"mother": "999999199001010010"/' "$world/births/birth-0.json" >"$world/wrong.json"
code=0; office riverside submit newborn "$world/wrong.json" 2>"$world/wrong.txt" || code=$?
same 8 "$code" "exit code for a wrong check digit"
grep -q mother "$world/wrong.txt" || fail "the message does not name the field"
code=0; office riverside sync 2>/dev/null || code=$?
same 3 "$code" "exit code without a link"
same 5 "$(office riverside status --json | value "d['outbox']['saved'] + d['outbox']['sealed']")" "records that wait"
office riverside search 第3卫生院 --purpose birth-registration

step "The link is back: each birth is taken in once, and the clerk sees it"
open_gateway
settle riverside accepted 5
same 5 "$(platform inbox list --json | value "len(d['records'])")" "records at the platform"
office riverside sync
same 5 "$(platform inbox list --json | value "len({r['id'] for r in d['records']})")" "different records"
