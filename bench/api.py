#!/usr/bin/env python3
"""The local API with the real programs: an office with all villages and a roster of 1,000,000 rows, its daemon without
a limit of memory and in a control group of 512 MB. Prints figures and targets.

First copies arrive; point reads go over api.sock with the daemon on one core and the clients on another; eight readers
search both tables at once while days of the roster are applied; the daemon idles. scripts/bench.sh --api runs it.
Other programs on the machine disturb all times but those called processor time, so the load is printed beside each.
"""
import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

SOURCE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(SOURCE / "tests" / "e2e"), str(SOURCE / "bench")]
from memory_group import MemoryGroup  # noqa: E402
from read import memory_mb, processor_seconds  # noqa: E402
from world import DEMO, OLD, PROGRAMS, World, wait_until  # noqa: E402

BENCH = Path(os.environ.get("ROOTLET_BENCH_BIN", PROGRAMS)) / "bench"
PURPOSE, READERS, LIMIT_MB = "bench", 8, 512
CLERK = "games"  # a user and a group that every Debian has
SEARCHED = {"villages": ("code", "name"), "roster": ("id_number", "name", "address", "phone")}
TARGETS = []


def load():
    return f"load {os.getloadavg()[0]:.1f}"


def say(what, words):
    print(f"  {what:<46} {words}; {load()}", flush=True)


def target(what, value, limit, unit, at_least=False):
    good = value >= limit if at_least else value <= limit
    word = "at least" if at_least else "at most"
    line = (f"{what:<76} {value:>10,.2f} {unit} ({word} {limit:,}) {'ok' if good else 'MISS'}; {load()}")
    TARGETS.append((good, line))
    print("  " + line, flush=True)


def bench(name, *words, **options):
    return json.loads(subprocess.run([BENCH / f"bench_{name}", *map(str, words)], check=True, text=True,
                                     capture_output=True, **options).stdout)


class Fixture:
    """The realm with its days as folders, and what is asked for."""

    def __init__(self, world, rows, towns, days):
        self.world, self.days = world, days
        world.folder.chmod(0o755)
        self.data = world.folder / "data"
        self.data.mkdir()
        subprocess.run([BENCH / "bench_table", "roster", self.data, str(rows), str(towns),
                        *map(str, range(1, days + 1))], check=True)
        world.make_realm_of(self.definition("villages", DEMO / "villages.dataset.json"),
                            self.definition("roster", SOURCE / "bench/tables/roster/roster.dataset.json"))
        world.publish_table("villages", OLD)
        world.publish_table("roster", self.data / "day0.csv")
        self.targets()

    def definition(self, name, path):
        dataset = json.loads(path.read_text())
        dataset["sharing"]["uses"] = [PURPOSE]
        for column in dataset["columns"]:
            column["search"] = column["name"] in SEARCHED[name]
        out = self.world.folder / f"{name}.json"
        out.write_text(json.dumps(dataset))
        return out

    def targets(self):
        """Files of targets: rows by their keys, and searches of both tables."""
        tables = {"villages": OLD, "roster": self.data / "day0.csv"}
        with open(self.world.folder / "rows", "w") as out, open(self.world.folder / "keys", "w") as keys:
            for name, path in tables.items():
                with open(path, encoding="utf-8", newline="") as file:
                    for number, row in enumerate(csv.reader(file)):
                        if number % 40 != 1:
                            continue
                        out.write(f"row\t/api/v1/datasets/{name}/rows/{row[0]}?purpose={PURPOSE}\n")
                        if name == "roster":
                            keys.write(row[0] + "\n")
        with open(self.world.folder / "searches", "w") as out, open(self.world.folder / "pinyin", "w") as pinyin:
            for path in tables.values():
                texts = subprocess.run([BENCH / "bench_search", "texts", path], check=True, text=True,
                                       capture_output=True).stdout
                for line in texts.splitlines():
                    kind, text = line.split("\t")
                    file = pinyin if kind == "full pinyin" else out
                    file.write(f"{kind}\t/api/v1/search?purpose={PURPOSE}&limit=50&q={quote(text)}\n")

    def keep_day(self, day):
        shutil.copytree(self.world.realm / "repository", self.day(day))

    def day(self, number):
        return self.world.folder / f"day{number}"

    def make_days(self):
        self.keep_day(0)
        for day in range(1, self.days + 1):
            self.world.publish_table("roster", self.data / f"day{day}.csv")
            self.keep_day(day)


class BenchWorld(World):
    def make_realm_of(self, *definitions):
        self.platform("init", self.realm, "--name", "Bench", "--url", self.url)
        for definition in definitions:
            self.platform("dataset", "add", definition)

    def publish_table(self, dataset, path):
        self.platform("publish", dataset, "--from", f"csv:{path}", "--accept-changes", "100%", timeout=1200)

    def enrolled(self, name):
        office = super().office(name, "all", purposes=PURPOSE, enrol=False)
        self.platform("grant", "add", name, "roster", "--divisions", "all", "--purposes", PURPOSE, "--export")
        return office


class Daemon:
    """An office's daemon, in a group or not."""

    def __init__(self, office, group):
        self.office, self.group = office, group
        sockets = office.world.folder / f"{office.name}.sockets"
        sockets.mkdir()
        self.general = ["--socket", sockets / "agent.sock"]
        words = [PROGRAMS / "agent" / "rootlet", "--home", office.home, *self.general, "--clerk-group", CLERK, "run",
                 "--poll", "6h", "--api-listen", "off"]
        command = group.command(*words) if group else words
        self.child = office.world.start(*command, log=f"{office.name}.log")
        self.socket = sockets / "api.sock"
        wait_until(self.socket.exists, 30, "the API listens")
        self.pid = self.child.pid

    def sync(self, folder):
        began = time.monotonic()
        before = processor_seconds(self.pid)
        self.office.run(*self.general, "sync", "--from", folder, timeout=1800)
        return time.monotonic() - began, processor_seconds(self.pid) - before

    def pin(self, processors):
        for thread in Path(f"/proc/{self.pid}/task").iterdir():
            try:
                os.sched_setaffinity(int(thread.name), processors)
            except ProcessLookupError:
                pass  # it has ended

    def memory(self):
        words = f"daemon {memory_mb(self.pid):.0f} MB now, {memory_mb(self.pid, 'VmHWM'):.0f} MB at most"
        if self.group:
            found = self.group.figures()
            words += (f"; group {found['peak_mb']:.0f} MB at most with page cache ({found['page_cache_mb']:.0f} MB "
                      f"of it cache now), limit met {found['limit_met']} times, {found['killed']} killed")
        return words


def client(daemon, words, processor=None):
    """A client outside the group, as the clerk that the daemon asks the system about."""
    pinned = ["taskset", "-c", processor] if processor else []
    clerk = {"user": CLERK, "group": CLERK, "extra_groups": []} if os.geteuid() == 0 else {}
    return subprocess.Popen([*pinned, str(BENCH / "bench_http"), str(daemon.socket), *map(str, words)],
                            stdout=subprocess.PIPE, text=True, **clerk)


def heard(child):
    out, _ = child.communicate()
    if child.returncode != 0:
        raise AssertionError("bench_http failed")
    return json.loads(out)


def point_reads(daemon, fixture, name, runs=5):
    targets = fixture.world.folder / "rows"
    cores = sorted(os.sched_getaffinity(0))
    daemon.pin({cores[0]})
    p50, costs = [], []
    for _ in range(runs):
        p50.append(heard(client(daemon, (targets, 1, 2), str(cores[-1])))["ms"]["row"]["p50"] * 1e3)
        before = processor_seconds(daemon.pid)
        found = heard(client(daemon, (targets, 4, 3), str(cores[-1])))
        costs.append((processor_seconds(daemon.pid) - before) / found["count"] * 1e6)
        say(f"{name}: point reads", f"p50 {p50[-1]:.0f} µs on one connection; on four {found['count'] / found['seconds']:,.0f} "
            f"a second, p95 {found['ms']['row']['p95'] * 1e3:.0f} µs, {costs[-1]:.1f} µs of processor each")
    daemon.pin(cores)
    target(f"{name}: point read over api.sock, p50, wall time, best of {runs}", min(p50), 300, "µs")
    target(f"{name}: point reads a second of the daemon's processor time, best of {runs}", 1e6 / min(costs), 10_000, "",
           at_least=True)


def statements(office, fixture, name):
    for dataset in ("roster",):
        found = bench("read", "statement", office.home, dataset, 20_000, fixture.world.folder / "keys")
        target(f"{name}: the statement against SQLite's own, {dataset}", found["ratio"], 1.5, "")


def searches(daemon, fixture, name, days, seconds=20, runs=2):
    """Runs with readers only, and runs in each of which half the days are applied. The kinds of the targets; what one
    search by full pinyin costs, search_costs() says."""
    targets = fixture.world.folder / "searches"
    found = {"readers only": [], "while days are applied": []}
    for run in range(runs):
        found["readers only"].append(heard(client(daemon, (targets, READERS, seconds / 2))))
        looking = client(daemon, (targets, READERS, seconds))
        time.sleep(seconds / 10)
        for day in days[run * len(days) // runs:(run + 1) * len(days) // runs]:
            took, spent = daemon.sync(fixture.day(day))
            say(f"{name}: day {day} of the roster applied", f"{took:.1f} s, {spent:.1f} s of the daemon's processor time"
                " (with the searches)")
        found["while days are applied"].append(heard(looking))
    for what, results in found.items():
        for kind in results[0]["ms"]:
            p95 = [result["ms"][kind]["p95"] for result in results]
            say(f"{name}: {kind}, {what}", "p50/p95/p99 " + ", ".join(
                f"{r['ms'][kind]['p50']:.1f}/{r['ms'][kind]['p95']:.1f}/{r['ms'][kind]['p99']:.1f}" for r in results)
                + f" ms, {sum(r['ms'][kind]['count'] for r in results)} searches")
            target(f"{name}: search by {kind}, {what}, p95, wall time, best of {runs}", min(p95), 30, "ms")


def search_costs(daemon, fixture, name):
    """Processor time of one search of each kind: what the daemon spends when nothing waits."""
    kinds = {}
    for name_of_file in ("searches", "pinyin"):
        for line in (fixture.world.folder / name_of_file).read_text().splitlines():
            kinds.setdefault(line.split("\t")[0], []).append(line)
    for kind, lines in kinds.items():
        one = fixture.world.folder / "one-kind"
        one.write_text("\n".join(lines) + "\n")
        before = processor_seconds(daemon.pid)
        found = heard(client(daemon, (one, 1, 3)))
        spent = (processor_seconds(daemon.pid) - before) / found["count"] * 1e3
        say(f"{name}: one search by {kind}", f"{spent:.2f} ms of processor, p95 {found['ms'][kind]['p95']:.1f} ms, "
            "one reader")


def measure(office, fixture, name, group, days):
    daemon = Daemon(office, group)
    took, spent = daemon.sync(fixture.day(0))
    say(f"{name}: first copies of both tables", f"{took:.0f} s, {spent:.0f} s of processor; {daemon.memory()}")
    say(f"{name}: files of the office", ", ".join(
        f"{path.name} {path.stat().st_size / 1e6:.0f} MB" for path in sorted((office.home / "datasets").glob("*.db"))))
    point_reads(daemon, fixture, name)
    search_costs(daemon, fixture, name)
    searches(daemon, fixture, name, days)
    time.sleep(8)  # sessions and files are closed
    say(f"{name}: idle again", daemon.memory())
    if group:
        found = group.figures()
        target(f"{name}: killed for memory", found["killed"], 0, "programs")
        target(f"{name}: memory of the group at most, page cache included", found["peak_mb"], LIMIT_MB, "MB")
    statements(office, fixture, name)
    daemon.child.terminate()
    daemon.child.wait(30)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--quick", action="store_true", help="a roster of 100,000 rows")
    options.add_argument("--only", choices=("unlimited", "limited"), help="one of the two daemons")
    given = options.parse_args()
    rows, towns = (100_000, 20) if given.quick else (1_000_000, 300)
    names = [given.only] if given.only else ["unlimited", "limited"]
    print(f"{os.cpu_count()} processors, {load()}")
    with BenchWorld() as world:
        fixture = Fixture(world, rows, towns, 4)
        world.serve()
        offices = {name: world.enrolled(name) for name in names}
        for name, office in offices.items():
            office.run("enroll", world.folder / f"{name}.enroll")
        world.stop_gateway()
        fixture.make_days()
        for name, office in offices.items():
            if name == "unlimited":
                measure(office, fixture, name, None, [1, 2, 3, 4])
            else:
                with MemoryGroup(LIMIT_MB) as group:
                    measure(office, fixture, f"in {LIMIT_MB} MB", group, [1, 2, 3, 4])
    print("\nTargets")
    for _, line in TARGETS:
        print(line)
    return 0 if all(good for good, _ in TARGETS) else 1


if __name__ == "__main__":
    sys.exit(main())
