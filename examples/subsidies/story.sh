#!/usr/bin/env bash
# A month in the life of a subsidy register, with the real programs. README.md tells the story.
. "$(dirname "$0")/../story_tools.sh"
purpose=(--purpose subsidy-review)
csv_of() { office "$1" query subsidies "${purpose[@]}" --format csv --limit 0 2>/dev/null; }

step "The operator publishes January and grants each township its own households"
make_realm "Example county"
platform dataset add "$here/subsidies.dataset.json"
platform form add "$here/household-visit.form.json"
python3 "$here/generate.py" 1 >"$world/january.csv"
python3 "$here/generate.py" 2 >"$world/february.csv"
platform publish subsidies --from "csv:$world/january.csv"
open_gateway
for township in 999901001 999902002; do
  join "t$township" "$township"
  platform grant add "t$township" subsidies --divisions "$township" --purposes subsidy-review
  office "t$township" sync
done
same "$(grep -c ,999901001, "$world/january.csv")" "$(csv_of t999901001 | tail -n +2 | wc -l)" "households of the township"

step "A month later only the change travels"
platform publish subsidies --from "csv:$world/february.csv"
before=$(csv_of t999901001 | sha256sum)
office t999901001 sync
down=$(office t999901001 status --json | value "d['last_change']['bytes_down'] if d.get('last_change') else d['last_sync']['bytes_down']")
whole=$(grep ,999901001, "$world/february.csv" | wc -c)
echo "   $down bytes came down; the township's table has $whole bytes"
[ "$before" != "$(csv_of t999901001 | sha256sum)" ] || fail "no household changed"
same "$(grep ,999901001, "$world/february.csv" | rows)" "$(csv_of t999901001 | tail -n +2 | rows)" "rows after the change"

step "A clerk visits a household; the operator returns the report, then accepts the corrected one"
id=$(printf '{"household":"999901001007","head":"王安","members":3,"visited":"2026-02-11","result":"keep"}' |
  office t999901001 submit household-visit - --json | value "d['id']")
settle t999901001 received 1
platform inbox return "$id" --field members --reason accuracy --words "Five people live there"
settle t999901001 returned 1
printf '{"household":"999901001007","head":"王安","members":5,"visited":"2026-02-11","result":"keep"}' >"$world/fixed.json"
office t999901001 outbox fix "$id" "$world/fixed.json"
settle t999901001 received 1
platform inbox accept "$id"
settle t999901001 accepted 1
same 1 "$(platform inbox list --json | value "len(d['records'])")" "records at the platform"

step "The operator takes February back; the office returns to January, as a small change"
platform publish subsidies --restore 1
office t999901001 sync
same "$(grep ,999901001, "$world/january.csv" | rows)" "$(csv_of t999901001 | tail -n +2 | rows)" "rows after the restore"
