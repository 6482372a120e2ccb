#!/usr/bin/env python3
"""Writes invented data: generate.py stations > stations.csv, or generate.py births COUNT FOLDER for one JSON file each."""
import csv
import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from people import identity_number, name  # noqa: E402

STATIONS = [(f"S{number:02}", f"示例镇第{number}卫生院", f"0000-{7000000 + number}") for number in range(1, 13)]


def birth(chance):
    day = chance.randrange(1, 28)
    mother_born = f"{chance.randrange(1988, 2004)}{chance.randrange(1, 13):02}{chance.randrange(1, 28):02}"
    station = chance.choice(STATIONS)
    return {"station": station[0], "station_name": station[1], "name": name(chance),
            "born": f"2026-10-{day:02} {chance.randrange(24):02}:{chance.randrange(60):02}",
            "weight": chance.randrange(2400, 4200), "mother": identity_number(chance, mother_born),
            "sex": chance.choice("fm")}


if sys.argv[1] == "stations":
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["station", "name", "phone"])
    out.writerows(STATIONS)
else:
    chance = random.Random(2026)
    for number in range(int(sys.argv[2])):
        Path(sys.argv[3], f"birth-{number}.json").write_text(
            json.dumps(birth(chance), ensure_ascii=False), encoding="utf-8")
