#!/usr/bin/env python3
"""Reads of single rows over the local socket, with the real programs: an office with the villages of some provinces,
its daemon pinned to one core and the clients to another. Prints figures and targets.

Usage: bench/read.py [--divisions 33,11] [--count 50000]; ROOTLET_BIN and ROOTLET_BENCH_BIN name the build folders.
"""
import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SOURCE / "tests" / "e2e"))
from world import OLD, PROGRAMS, World, subset, wait_until  # noqa: E402

BENCH = Path(os.environ.get("ROOTLET_BENCH_BIN", PROGRAMS)) / "bench" / "bench_read"
TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid, what="VmRSS"):
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines()
                if line.startswith(what))
    return int(line.split()[1]) / 1024


def start_client(processor, *words):
    return subprocess.Popen(["taskset", "-c", str(processor), str(BENCH), *map(str, words)],
                            stdout=subprocess.PIPE, text=True)


def target(what, value, limit, at_least=False):
    good = value >= limit if at_least else value <= limit
    print(f"{'ok' if good else 'MISSED':6} {what}: {value:,.1f} (target {limit:,})")
    return good


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--divisions", default="33")
    options.add_argument("--count", type=int, default=50_000)
    given = options.parse_args()
    divisions = given.divisions.split(",")
    with World() as world:
        table = subset(OLD, world.folder / "villages.csv", *divisions)
        keys = world.folder / "keys"
        with open(table, encoding="utf-8") as file, open(keys, "w", encoding="ascii") as out:
            next(file)
            out.writelines(line.split(",")[0] + "\n" for line in file)
        world.make_realm()
        world.publish(table)
        world.serve()
        office = world.office("jiaxing", *divisions)
        office.run("sync")
        statement = json.loads(subprocess.run(
            [BENCH, "statement", office.home, "villages", "20000", keys], check=True, text=True,
            capture_output=True).stdout)
        office.start(poll="1h")
        socket = office.home / "agent.sock"
        wait_until(socket.exists, 20, "the daemon listens")
        subprocess.run(["taskset", "-a", "-p", "-c", "0", str(office.daemon.pid)], check=True,
                       stdout=subprocess.DEVNULL)
        time.sleep(8)  # the first cycle; then idle
        idle = memory_mb(office.daemon.pid)
        words = ("socket", socket, "villages", "address-lookup", keys)
        found = []
        for clients in (1, 4):
            before, began = processor_seconds(office.daemon.pid), time.monotonic()
            running = [start_client(1, *words, given.count // clients) for _ in range(clients)]
            outs = [json.loads(child.communicate()[0]) for child in running]
            wall = time.monotonic() - began
            spent = processor_seconds(office.daemon.pid) - before
            count = sum(out["count"] for out in outs)
            found.append({"clients": clients, "p50_us": max(out["p50_us"] for out in outs),
                          "p95_us": max(out["p95_us"] for out in outs),
                          "p99_us": max(out["p99_us"] for out in outs),
                          "per_second": count / wall, "daemon_us": spent / count * 1e6})
            print(json.dumps(found[-1]), flush=True)
        peak = memory_mb(office.daemon.pid, "VmHWM")
        time.sleep(8)
        after = memory_mb(office.daemon.pid)
        print(json.dumps({"statement": statement, "idle_mb": idle, "peak_mb": peak, "after_mb": after}))
        ledger = office.run("ledger", "list", "--json").json()["entries"]
        told = sum(entry.get("times", 1) for entry in ledger if entry["command"] == "show")
        office.run("ledger", "verify")
        wanted = given.count // 4 * 4 + given.count
        good = [target("point read over the socket, p50 in µs", found[0]["p50_us"], 300),
                target("point reads a second, daemon on one core", max(one["per_second"] for one in found),
                       10_000, at_least=True),
                target("the statement against SQLite's own", statement["ratio"], 1.5),
                target("memory when idle again, in MB", after, 25),
                target("look-ups that the ledger tells", told, wanted, at_least=True)]
        print(f"ledger entries: {len(ledger)}")
        return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
