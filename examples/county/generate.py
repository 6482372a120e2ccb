#!/usr/bin/env python3
"""Writes invented data: generate.py crops > crops.csv, or generate.py notices HOUR > notices.csv"""
import csv
import random
import sys

CROPS = ("水稻", "小麦", "玉米", "大豆", "油菜", "棉花", "花生", "茶叶", "柑橘", "西瓜")
TOWNSHIPS = [f"9999{county:02}{township:03}" for county in (1, 2) for township in range(1, 11)]
LEVELS = ("蓝", "黄", "橙", "红")

out = csv.writer(sys.stdout, lineterminator="\n")
if sys.argv[1] == "crops":
    out.writerow(["code", "name"])
    out.writerows((f"C{number:02}", crop) for number, crop in enumerate(CROPS, 1))
else:
    hour = int(sys.argv[2])
    chance = random.Random(99)
    out.writerow(["id", "division", "issued", "until", "level", "words"])
    for at in range(hour + 1):
        for township in chance.sample(TOWNSHIPS, 6):
            out.writerow([f"{township}-{at:02}", township, f"2026-07-01 {at:02}:00:00", f"2026-07-01 {at + 6:02}:00:00",
                          chance.choice(LEVELS), f"{at} 时起有雷雨大风，请注意防范"])
