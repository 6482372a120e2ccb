#!/usr/bin/env python3
"""Writes the register of one month: generate.py MONTH > subsidies.csv

Four townships, 300 households each. Every month a few households change their amount, are suspended, leave or join.
"""
import csv
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from people import name  # noqa: E402

TOWNSHIPS = ("999901001", "999901002", "999902001", "999902002")


def first_month(chance):
    rows = {}
    for township in TOWNSHIPS:
        for number in range(300):
            key = f"{township}{number:03}"
            members = chance.randrange(1, 8)
            rows[key] = [key, township, name(chance), members, f"{members * 215}.50",
                         f"20{chance.randrange(18, 26)}-{chance.randrange(1, 13):02}-01", "false"]
    return rows


def next_month(rows, chance, month):
    for key in chance.sample(sorted(rows), 12):
        act = chance.randrange(3)
        if act == 0:
            rows[key][4] = f"{int(rows[key][3]) * 230}.00"
        elif act == 1:
            rows[key][6] = "true"
        else:
            del rows[key]
    township = chance.choice(TOWNSHIPS)
    key = f"{township}{300 + month:03}"
    rows[key] = [key, township, name(chance), 2, "430.00", f"2026-{month:02}-01", "false"]


chance = random.Random(809)
rows = first_month(chance)
for month in range(2, int(sys.argv[1]) + 1):
    next_month(rows, chance, month)
out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["household", "division", "head", "members", "amount", "since", "suspended"])
out.writerows(rows[key] for key in sorted(rows))
