#!/usr/bin/env bash
# A county's code list and its weather notices, with the real programs. README.md tells the story.
. "$(dirname "$0")/../story_tools.sh"
notices_of() { office "$1" query weather-notices --purpose warning --format csv --limit 0 2>/dev/null | tail -n +2; }
wanted() { grep ",$1," "$2" | rows; }

step "The operator publishes the code list for everybody, and the first notices"
make_realm "Example county"
platform dataset add "$here/crops.dataset.json"
platform dataset add "$here/notices.dataset.json"
platform form add "$here/damage.form.json"
python3 "$here/generate.py" crops | platform publish crop-codes --from csv:-
python3 "$here/generate.py" notices 0 >"$world/0.csv"
python3 "$here/generate.py" notices 7 >"$world/7.csv"
platform publish weather-notices --from "csv:$world/7.csv" --dry-run >>"$world/operator.txt"
platform publish weather-notices --from "csv:$world/0.csv"
open_gateway
township=$(sed -n 2p "$world/0.csv" | cut -d, -f2)
join hill "$township"
platform grant add hill crop-codes --purposes reporting
platform grant add hill weather-notices --divisions "$township" --purposes warning
office hill sync
same 10 "$(office hill query crop-codes --purpose reporting --format jsonl 2>/dev/null | wc -l)" "crop codes"
same "$(wanted "$township" "$world/0.csv")" "$(notices_of hill | rows)" "first notices"

step "Hours later the office holds the new notices of its own township, and no others"
platform publish weather-notices --from "csv:$world/7.csv"
office hill sync
same "$(wanted "$township" "$world/7.csv")" "$(notices_of hill | rows)" "later notices"

step "A storm has passed: the clerk reports damage, with the spelling of her spreadsheet"
notice=$(notices_of hill | head -n 1 | cut -d, -f1)
printf '{"notice":"%s","crop":"C01","hectares":12.50,"power_is_on":"是"}' "$notice" | office hill submit damage-report -
settle hill accepted 1
platform inbox list
