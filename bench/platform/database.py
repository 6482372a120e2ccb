"""The platform on PostgreSQL, with throw-away servers. Usage: bench/platform/database.py [--quick] [--parts copy,workers,offices]

copy     one worker's intake of sealed batches against COPY of the same rows into the same table with its indexes
workers  two workers against one, when each commit takes 5 ms more (the server's commit_delay, with fsync on)
offices  43,000 offices registered: listing them, a first publish and a day's publish, on both engines
"""
import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
PLATFORM = Path(os.environ.get("ROOTLET_BIN", SOURCE / "build" / "bench")).resolve() / "platform" / "rootlet-platform"
BENCH = Path(os.environ.get("ROOTLET_BENCH_BIN", SOURCE / "build" / "bench")).resolve() / "bench"
COLUMNS = ("office, id, attempt, kind, form, form_version, at, content, kept, digest, state, objections, line, sequence, batch, "
           "received_at, judged_at")


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"failed: {command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def timed(*command):
    began = time.monotonic()
    run(*command)
    return time.monotonic() - began


class Server:
    def __init__(self, folder, name, *settings):
        self.folder = folder / name
        self.address = run(SOURCE / "scripts/postgres.sh", "start", self.folder, *settings).strip()

    def stop(self):
        subprocess.run([SOURCE / "scripts/postgres.sh", "stop", self.folder], check=False, capture_output=True)

    def schema(self, name):
        return f"postgres:{self.address}&schema={name}"

    def sql(self, text):
        return run("psql", self.address, "-v", "ON_ERROR_STOP=1", "-qAtc", text)


def fill(server, folder, name, offices, batches, records):
    (folder / name).mkdir()
    return json.loads(run(BENCH / "bench_intake_load", "fill", folder / name, server.schema(name), offices, batches, records))


def work(server, folder, name, workers):
    """Seconds until nothing waits, and the records of all workers."""
    command = [str(word) for word in (BENCH / "bench_intake_load", "work", folder / name, server.schema(name))]
    began = time.monotonic()
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(workers)]
    reports = [json.loads(child.communicate()[0]) for child in running]
    return time.monotonic() - began, sum(report["records"] for report in reports)


def measure_copy(folder, quick):
    server = Server(folder, "copy")
    try:
        offices, batches, records = (50, 10, 40) if quick else (200, 10, 50)
        ratios = []
        for turn in range(3):
            name = f"copy{turn}"
            gate = fill(server, folder, name, offices, batches, records)
            seconds, taken = work(server, folder, name, 1)
            rows = folder / f"{name}.rows"
            run("psql", server.address, "-qc", f"\\copy (SELECT {COLUMNS} FROM {name}_records.records) TO '{rows}' (FORMAT binary)")
            server.sql(f"CREATE TABLE {name}_raw (LIKE {name}_records.records INCLUDING ALL)")
            raw = timed("psql", server.address, "-qc", f"\\copy {name}_raw({COLUMNS}) FROM '{rows}' (FORMAT binary)")
            ratios.append(raw / seconds)
            print(f"copy {turn}: {taken} records in {gate['batches']} batches; the gateway's part {gate['seconds']:.2f} s, "
                  f"one worker {seconds:.2f} s ({taken / seconds:.0f}/s), COPY {raw:.2f} s ({taken / raw:.0f}/s), "
                  f"ratio {ratios[-1]:.2f}", flush=True)
        print(f"intake against COPY: median {sorted(ratios)[1]:.2f} (at least 0.3)", flush=True)
    finally:
        server.stop()


def measure_workers(folder, quick):
    server = Server(folder, "workers", "fsync=on", "commit_delay=5000", "commit_siblings=0")
    try:
        offices, batches, records = (100, 4, 5) if quick else (400, 10, 5)
        ratios = []
        for turn in range(3):
            seconds = []
            for workers in (1, 2):
                name = f"w{turn}_{workers}"
                fill_quickly(server, folder, name, offices, batches, records)
                spent, taken = work(server, folder, name, workers)
                assert taken == offices * batches * records, taken
                seconds.append(spent)
            ratios.append(seconds[0] / seconds[1])
            print(f"workers {turn}: {offices * batches} batches of {records} records; one worker {seconds[0]:.2f} s, "
                  f"two {seconds[1]:.2f} s, ratio {ratios[-1]:.2f}", flush=True)
        print(f"two workers against one with 5 ms for each commit: median {sorted(ratios)[1]:.2f} (at least 1.6)", flush=True)
    finally:
        server.stop()


def fill_quickly(server, folder, name, offices, batches, records):
    """Without the delay, which is for the workers. A setting of the database is above the server's."""
    server.sql("ALTER DATABASE postgres SET commit_delay = 0")
    fill(server, folder, name, offices, batches, records)
    server.sql("ALTER DATABASE postgres RESET commit_delay")


DATASET = {"id": "towns", "title": "Towns", "provider": {"code": "11X", "name": "Unit"}, "format": "table", "update": "daily",
           "sharing": {"attribute": "conditional", "scope": "s", "uses": ["address-lookup"]}, "grade": "general",
           "division": {"column": "code", "digits": 6},
           "columns": [{"name": "code", "type": "text", "key": True}, {"name": "name", "type": "text"},
                       {"name": "people", "type": "integer"}]}


def measure_offices(folder, quick):
    count = 4_300 if quick else 43_000
    server = Server(folder, "offices")
    codes = [f"{11 + i // 2000}{i // 100 % 20:02}{i // 10 % 10 + 10:02}{i % 10:03}" for i in range(count)]
    (folder / "offices.csv").write_text("".join(f"o{i},{code}\n" for i, code in enumerate(codes)))
    (folder / "towns.json").write_text(json.dumps(DATASET))
    for day, name in enumerate(("first.csv", "second.csv")):
        (folder / name).write_text("code,name,people\n" + "".join(
            f"{code},town {i},{i + (day if i % 100 == 0 else 0)}\n" for i, code in enumerate(codes)))
    try:
        for engine, more in (("SQLite", ()), ("PostgreSQL", ("--database", server.schema("offices")))):
            realm = folder / engine
            run(PLATFORM, "init", realm, "--name", engine, *more)
            command = (PLATFORM, "--realm", realm)
            run(*command, "dataset", "add", folder / "towns.json")
            registered = timed(BENCH / "bench_offices", realm, folder / "offices.csv", "towns")
            listed = timed(*command, "office", "list", "--json")
            first = timed(*command, "publish", "towns", "--from", f"csv:{folder / 'first.csv'}")
            second = timed(*command, "publish", "towns", "--from", f"csv:{folder / 'second.csv'}", "--accept-changes", "100%")
            print(f"{engine}: {count} offices with a grant each registered in {registered:.1f} s; list {listed:.1f} s; first "
                  f"publish {first:.1f} s, a day's {second:.1f} s", flush=True)
    finally:
        server.stop()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--parts", default="copy,workers,offices")
    options = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rootlet-bench-"))
    folder.chmod(0o755)
    try:
        for part in options.parts.split(","):
            {"copy": measure_copy, "workers": measure_workers, "offices": measure_offices}[part](folder, options.quick)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
