#!/usr/bin/env python3
"""What an office pays beside its own packs, and what the directory costs the publisher.

Real programs over loopback; a relay counts every byte, both ways, headers included. "Own packs" are the
bodies of answers for packs of data. The offices of all other townships are real entries of the registry
with grants of their own (bench_offices), so that every node of the tree exists.

scripts/bench.sh --tree runs it; `--parts` selects, `--quick` makes small realms.
"""
import argparse
import collections
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SOURCE / "tests" / "e2e"))
from relay import Relay, bytes_of, pack_bytes, print_requests  # noqa: E402
from world import *  # noqa: E402,F403

OFFICES = Path(os.environ.get("ROOTLET_BENCH_BIN", SOURCE / "build" / "bench")) / "bench" / "bench_offices"
DIGITS = (2, 4, 6, 9)
TOWN, PREFECTURE = "330402007", "3304"  # a township of mean size, in Jiaxing
TARGETS = []
LONG = False  # an office in every township of the country, where that changes no figure of an office


def target(number, what, value, limit):
    TARGETS.append((number, what, value, limit))
    verdict = "ok" if limit is None or value <= limit else "MISS"
    print(f"  [{number}] {what}: {value:,}" + (f" (at most {limit:,}) {verdict}" if limit else ""),
          flush=True)


def timed(*command, **options):
    """Runs a command; returns seconds and peak memory in MB."""
    before = time.monotonic()
    with open(os.devnull, "w") as nowhere:
        child = subprocess.Popen([str(c) for c in command], stdout=nowhere, env=environment())
        _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        raise AssertionError(f"{command}: status {status}")
    return time.monotonic() - before, usage.ru_maxrss / 1024


def townships(path=OLD):
    with open(path, encoding="utf-8") as file:
        next(file)
        return sorted({line[:9] for line in file})


def children_on_path(codes):
    """For each township, how many children the nodes on its path have together."""
    below = collections.defaultdict(set)
    for code in codes:
        for parent, child in zip((0,) + DIGITS, DIGITS):
            below[code[:parent]].add(code[:child])
    return {code: sum(len(below[code[:parent]]) for parent in (0,) + DIGITS[:-1]) for code in codes}


def beside_paths(codes, *towns):
    """One township below each child of each node on the paths to `towns`: with an office in each, these
    nodes have as many children as with an office in every township."""
    chosen = {}
    for town in towns:
        for parent, child in zip((0,) + DIGITS, DIGITS):
            for code in codes:
                if code.startswith(town[:parent]):
                    chosen.setdefault((child, code[:child]), code)
    return sorted(set(chosen.values()) - set(towns))


def disk_bytes(folder):
    return sum(path.stat().st_blocks * 512 for path in Path(folder).rglob("*") if path.is_file())


def file_bytes(folder, pattern):
    return sum(path.stat().st_size for path in Path(folder).rglob(pattern) if path.is_file())


class TreeWorld(World):
    """A world whose offices reach the gateway through a relay."""

    def make(self, *definitions, delay_s=0):
        self.relay = Relay(self.port, delay_s)
        run(PLATFORM, "init", self.realm, "--name", "Bench", "--url", self.relay.address)
        for definition in definitions:
            path = self.folder / f"{definition['id']}.dataset.json"
            path.write_text(json.dumps(definition, ensure_ascii=False))
            self.platform("dataset", "add", path)
        return self

    def fill(self, codes, *datasets):
        """An office in each division, granted the datasets there."""
        path = self.folder / "offices.csv"
        path.write_text("".join(f"o{code},{code}\n" for code in codes))
        seconds, _ = timed(OFFICES, self.realm, path, *datasets)
        print(f"  {len(codes):,} offices with grants: {seconds:.1f} s", flush=True)

    def publish_timed(self, dataset, path):
        return timed(PLATFORM, "--realm", self.realm, "publish", dataset, "--from", f"csv:{path}",
                     "--accept-changes", "100%")

    def join(self, name, division, *datasets, divisions=None):
        """An enrolled office with a grant for each of `datasets`."""
        invitation = self.folder / f"{name}.enroll"
        self.platform("office", "add", name, "--division", division, "--name", name, "--out", invitation)
        for dataset in datasets:
            self.platform("grant", "add", name, dataset, "--divisions", divisions or division,
                          "--purposes", "address-lookup")
        office = Office(self, name)
        office.run("enroll", invitation)
        self.relay.take()
        return office

    def sync(self, office, what):
        """One sync: the bytes of everything, and of own packs."""
        office.run("sync", timeout=3600)
        requests = self.relay.take()
        whole, own = bytes_of(requests), pack_bytes(requests)
        print(f"  {what}: {whole:,} bytes, own packs {own:,}, beside {whole - own:,}, "
              f"{len(requests)} requests", flush=True)
        if len(requests) < 15:
            print_requests(requests)
        return whole, own

    def sync_of_all(self, office, what):
        """The same for an office with many packs: the bytes of all other requests. The bars are 1.1 times a flat
        directory of such a realm: 1,433,428 bytes at first, 230,085 at the update."""
        office.run("sync", timeout=3600)
        requests = self.relay.take()
        whole, own = bytes_of(requests), pack_bytes(requests)
        packs = [request for request in requests if request.path.startswith("/packs/")]
        print(f"  {what}: {whole:,} bytes in {len(requests)} requests, own packs {own:,}; heads of the requests for "
              f"{len(packs)} ranges of packs {bytes_of(packs) - own:,}", flush=True)
        return whole - bytes_of(packs)


def villages(digits):
    definition = json.loads((DEMO / "villages.dataset.json").read_text())
    definition["division"]["digits"] = digits
    return definition


def renamed(prefix, name):
    """One village below `prefix` has another name."""
    state = {"done": False}

    def edit(line):
        if state["done"] or not line.startswith(prefix):
            return line
        state["done"] = True
        cells = line.split(",")
        return ",".join([cells[0], f'"{name}"', *cells[2:]])
    return edit


def measure_villages_by_township(quick):
    """Must show 1 (townships) and 4."""
    print("villages, cut by township", flush=True)
    old, new = OLD, NEW
    with TreeWorld() as world:
        world.make(villages(9))
        if quick:
            old = subset(OLD, world.folder / "old.csv", "33", "34")
            new = subset(NEW, world.folder / "new.csv", "33", "34")
        codes = townships(old)
        counts = children_on_path(codes)
        worst = max(codes, key=lambda code: counts[code])
        print(f"  {len(codes):,} townships; children on a path: mean "
              f"{statistics.mean(counts.values()):.0f}, most {counts[worst]} ({worst}), "
              f"{TOWN}: {counts[TOWN]}", flush=True)
        seconds, memory = world.publish_timed("villages", old)
        target(4, "first publish, seconds", round(seconds, 1), 150)
        print(f"  peak memory {memory:.0f} MB", flush=True)
        world.fill(codes if LONG else beside_paths(codes, TOWN, worst), "villages")
        world.serve()
        town, far = world.join("town", TOWN, "villages"), world.join("far", worst, "villages")
        every = world.join("every", "all", "villages")
        whole, own = world.sync(town, "first sync of a township")
        target(1, "first sync of a township beside own packs", whole - own, 11_000)
        whole, own = world.sync(far, "first sync of the township with most on its path")
        target(1, "first sync of an office that holds everything, without requests for packs",
               world.sync_of_all(every, "first sync of an office that holds everything"), 1_576_000)
        world.stop_gateway()
        seconds, memory = world.publish_timed("villages", new)
        target(4, "second publish, seconds", round(seconds, 1), 12)
        target(4, "second publish, peak memory MB", round(memory), 400)
        repository = world.realm / "repository"
        packs = file_bytes(repository, "*.pack*")
        target(4, "repository on disk over the bytes of its packs, percent",
               round(100 * disk_bytes(repository) / packs), 200)
        world.serve()
        changed = {line[:9] for line in set(rows_of(old, "")) ^ set(rows_of(new, ""))}
        for office, code in ((town, TOWN), (far, worst)):
            whole, own = world.sync(office, f"update of {code}, own partition "
                                            f"{'changed' if code in changed else 'unchanged'}")
            if office is town:
                target(1, "update beside own packs", whole - own, 5_500 if own else 5_000)
        target(1, "update of an office that holds everything, without requests for packs",
               world.sync_of_all(every, "update of an office that holds everything"), 253_000)
        target(1, "directory of a township on disk, bytes",
               disk_bytes_of(town.home, "directory.db"), 200_000)
        edited = subset(new, world.folder / "edited.csv", "", edit=renamed(TOWN, "新村"))
        world.publish(edited)
        whole, own = world.sync(town, "update, only the own partition changed")
        target(1, "update with only own changes beside own packs", whole - own, 5_500)


def disk_bytes_of(folder, stem):
    return sum(path.stat().st_size for path in Path(folder).iterdir() if path.name.startswith(stem))


def measure_villages_by_prefecture(quick):
    """Must show 1 (prefectures)."""
    print("villages, cut by prefecture", flush=True)
    with TreeWorld() as world:
        world.make(villages(4))
        old, new = OLD, NEW
        if quick:
            old = subset(OLD, world.folder / "old.csv", "33", "34")
            new = subset(NEW, world.folder / "new.csv", "33", "34")
        world.publish_timed("villages", old)
        world.fill(sorted({code[:4] for code in townships(old)}), "villages")
        world.serve()
        office = world.join("jiaxing", PREFECTURE, "villages")
        world.sync(office, "first sync of Jiaxing")
        world.publish_timed("villages", new)
        whole, _ = world.sync(office, "update of Jiaxing")
        target(1, "update of Jiaxing in all", whole, 4_500)


def township_codes(count):
    """`count` townships in the order of codes: real ones, and invented ones behind them."""
    real = townships()
    if count <= len(real):
        begin = real.index(TOWN[:2] + min(code[2:] for code in real if code.startswith(TOWN[:2])))
        return (real[begin:] + real[:begin])[:count]
    extra = (f"{code[:6]}{900 + i}" for i in range(9) for code in real[::25])
    known = set(real)
    while len(real) < count:
        code = next(extra)
        if code not in known:
            known.add(code)
            real.append(code)
    return sorted(real)


def synthetic(number, digits=9, update="daily"):
    name = f"table-{number:03}"
    return {"id": name, "title": {"zh": f"登记表{number}", "en": f"Register {number}"},
            "provider": {"code": "11100000MB0123", "name": {"zh": "民政部门", "en": "Civil affairs"}},
            "format": "table", "update": update, "grade": "general",
            "sharing": {"attribute": "unconditional", "mode": "batch", "uses": ["address-lookup"]},
            "division": {"column": "code", "digits": digits},
            "columns": [{"name": "code", "type": "text", "key": True},
                        {"name": "name", "type": "text", "search": True},
                        {"name": "amount", "type": "integer"}]}


def write_table(path, codes, number, day):
    with open(path, "w", encoding="utf-8") as out:
        out.write("code,name,amount\n")
        for i, code in enumerate(codes):
            out.write(f"{code}001,村{i % 97},{(i * 7919 + number * 104729 + day * 1299709) % 100000}\n")
    return path


def measure_growth(quick):
    """Must show 2."""
    found = []
    for count in ((43, 430) if quick else (430, 4_300, 43_000) if LONG else (430, 4_300)):
        print(f"growth: {count:,} offices, 10 datasets cut by township, all changing", flush=True)
        with TreeWorld() as world:
            tables = [synthetic(number) for number in range(10)]
            world.make(*tables)
            codes = township_codes(count)
            ids = [table["id"] for table in tables]

            def publish(day):
                for number, one in enumerate(ids):
                    seconds, memory = world.publish_timed(
                        one, write_table(world.folder / "table.csv", codes, number, day))
                print(f"  day {day}: the last publish {seconds:.1f} s, {memory:.0f} MB", flush=True)

            publish(0)
            world.fill([code for code in codes if code != codes[len(codes) // 2]], *ids)
            world.serve()
            office = world.join("town", codes[len(codes) // 2], *ids)
            world.sync(office, "first sync")
            publish(1)
            whole, own = world.sync(office, "update")
            found.append(whole - own)
            print(f"  repository: {disk_bytes(world.realm / 'repository'):,} bytes on disk", flush=True)
    for smaller, larger in zip(found, found[1:]):
        target(2, "growth of a township's bytes beside own packs by a tenfold realm, percent",
               round(100 * larger / smaller - 100), 33)
    target(2, "a township's bytes beside own packs in the largest realm", found[-1], 7_000)


def measure_many(quick):
    """Must show 3: 500 datasets, of which an office is granted 5."""
    count = 60 if quick else 500
    print(f"{count} datasets, 5 granted", flush=True)
    with TreeWorld() as world:
        tables = [synthetic(number) for number in range(count)]
        world.make(*tables)
        ids = [table["id"] for table in tables]
        codes = [TOWN]

        def publish(day, some):
            for number, one in enumerate(ids):
                if one in some:
                    world.publish_timed(one, write_table(world.folder / "t.csv", codes, number, day))

        publish(0, ids)
        mine = ids[::count // 5][:5]
        others = [one for one in ids if one not in mine]
        # A neighbour in the same township is granted the others, so that they have rows there.
        world.fill([TOWN], *others)
        world.serve()
        office = world.join("town", TOWN, *mine)
        whole, own = world.sync(office, "first sync")
        target(3, "first sync beside own packs", whole - own, 60_000)
        publish(1, others)
        whole, own = world.sync(office, "update, the others changed")
        target(3, "update in which the others changed", whole, 5_000)
        publish(2, mine[:1])
        world.sync(office, "update, one own changed")


def measure_trips(_quick):
    """Must show 5: a link of 600 ms."""
    print("a link with 600 ms from request to answer", flush=True)
    with TreeWorld() as world:
        world.make(villages(9), delay_s=0.3)
        old = subset(OLD, world.folder / "old.csv", "3304", "3305", "3402")
        world.publish(old)
        world.fill([code for code in townships(old) if code != TOWN], "villages")
        world.serve()
        office = world.join("town", TOWN, "villages")
        world.sync(office, "first sync")
        world.publish(subset(OLD, world.folder / "new.csv", "3304", "3305", "3402",
                             edit=renamed(TOWN, "新村")))
        world.relay.connections = 0
        before = time.monotonic()
        office.run("sync")
        seconds = time.monotonic() - before
        requests = world.relay.take()
        print_requests(requests)
        target(5, "round trips after the connection stands (requests, one after the other)",
               len(requests), 4)
        print(f"  {world.relay.connections} connection, {seconds:.1f} s in all", flush=True)


def measure_revocation(quick):
    """An office with 20 streams is revoked: what that takes here, and what it costs the offices that stay."""
    count = 430 if quick else 43_000 if LONG else 4_300
    print(f"an office with 20 streams is revoked among {count:,} offices", flush=True)
    with TreeWorld() as world:
        tables = [synthetic(number) for number in range(20)]
        world.make(*tables)
        codes = township_codes(count)
        ids = [table["id"] for table in tables]
        for number, one in enumerate(ids):
            world.publish_timed(one, write_table(world.folder / "table.csv", codes, number, 0))
        town = codes[len(codes) // 2]
        beside = next(code for code in codes if code[:6] == town[:6] and code != town)
        world.fill([code for code in codes if code not in (town, beside)], *ids)
        world.serve()
        world.join("leaver", town, *ids).run("sync")
        county, neighbour = world.join("county", town[:6], *ids), world.join("neighbour", beside, *ids)
        for office in (county, neighbour):
            office.run("sync")
        world.relay.take()
        world.stop_gateway()
        seconds, memory = timed(PLATFORM, "--realm", world.realm, "office", "revoke", "leaver")
        print(f"  revoking: {seconds:.1f} s, {memory:.0f} MB", flush=True)
        world.serve()
        world.sync(county, "the county's office, which holds the 20 streams too")
        world.sync(neighbour, "an office beside it, which holds none of them")


PARTS = {"township": measure_villages_by_township, "prefecture": measure_villages_by_prefecture,
         "growth": measure_growth, "many": measure_many, "trips": measure_trips,
         "revocation": measure_revocation}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--long", action="store_true", help="43,000 offices: hours")
    given = parser.parse_args()
    global LONG
    LONG = given.long
    for part in given.parts.split(","):
        PARTS[part](given.quick)
    print()
    for number, what, value, limit in TARGETS:
        verdict = "" if limit is None else ("ok" if value <= limit else "MISS")
        print(f"[{number}] {what:75} {value:>12,} {'' if limit is None else format(limit, ','):>10} {verdict}")


if __name__ == "__main__":
    main()
