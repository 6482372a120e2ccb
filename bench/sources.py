"""Publishing a table out of PostgreSQL against the way that it replaces: COPY to a CSV file, then publishing that file. Both in
the same run, with a throw-away server, 16 columns; prints ratios. Usage: bench/sources.py [--rows N] [--runs N] [--odbc]

The first publish reads and packs every row. In the second, 1 row in 100 has changed. With --odbc only reading is measured: through
psqlODBC against COPY to a file, against reading COPY as the source postgres: does, and against a bare loop over SQLFetch.
"""
import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
PROGRAMS = Path(os.environ.get("ROOTLET_BIN", SOURCE / "build" / "bench")).resolve()
PLATFORM, READ = PROGRAMS / "platform" / "rootlet-platform", PROGRAMS / "bench" / "bench_read_source"
COLUMNS = [{"name": "id", "type": "integer", "key": True}, {"name": "code", "type": "text"}] + [
    {"name": f"c{i}", "type": kind} for i, kind in enumerate(
        ["text", "text", "text", "integer", "integer", "decimal(2)", "date", "datetime", "boolean", "text", "text", "integer",
         "decimal(2)", "text"])]
DEFINITION = {"id": "people", "title": "People", "provider": {"code": "11X", "name": "Unit"}, "format": "table",
              "update": "daily", "sharing": {"attribute": "unconditional"}, "grade": "general",
              "division": {"column": "code", "digits": 4}, "columns": COLUMNS}
TABLE = """CREATE TABLE people AS SELECT g AS id, (3301 + g % 40)::text AS code, 'name ' || md5(g::text) AS c0,
 md5((g / 7)::text) AS c1, 'street ' || g % 5000 AS c2, g % 97 AS c3, (g * 7919::bigint) % 100003 AS c4,
 ((g % 100000) / 4.0)::numeric(12,2) AS c5, date '1950-01-01' + (g % 20000)::int AS c6,
 timestamp '2026-01-01' + g % 100000 * interval '1 minute' AS c7, g % 3 = 0 AS c8, 'a' AS c9, CASE WHEN g % 5 = 0 THEN NULL ELSE 'b' || g % 11 END AS c10,
 g AS c11, (g / 100.0)::numeric(12,2) AS c12, 'note' AS c13 FROM generate_series(1, {rows}) g"""


def timed(*command):
    """Seconds and the highest memory of a command, in MB."""
    began = time.monotonic()
    child = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        raise SystemExit(f"failed: {command}")
    return time.monotonic() - began, usage.ru_maxrss / 1024


class Side:
    """One realm."""

    def __init__(self, folder, name):
        self.realm = folder / name
        self.definition = folder / "people.dataset.json"
        self.definition.write_text(json.dumps(DEFINITION))
        subprocess.run([PLATFORM, "init", self.realm, "--name", name], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([PLATFORM, "--realm", self.realm, "dataset", "add", self.definition], check=True,
                       stdout=subprocess.DEVNULL)

    def publish(self, source):
        return timed(PLATFORM, "--realm", self.realm, "publish", "people", "--from", source)


def seconds_of(*words, rows):
    done = subprocess.run([READ, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True)
    read, seconds = done.stdout.split()
    if int(read) != rows:
        raise SystemExit(f"{words}: {read} rows")
    return float(seconds)


def measure_odbc(folder, address, options):
    """Medians of reading the whole table in four ways."""
    server = folder / "pg"
    (folder / "odbc.ini").write_text(f"[front]\nDriver=PostgreSQL Unicode\nServername={server}\nDatabase=postgres\n"
                                     "Username=rootlet\n")
    os.environ["ODBCINI"] = str(folder / "odbc.ini")
    definition = folder / "people.dataset.json"
    definition.write_text(json.dumps(DEFINITION))
    ways = {
        "COPY to a file": lambda: timed("psql", address, "-qc", f"\\copy people TO '{folder / 'people.csv'}' (FORMAT csv, HEADER)")[0],
        "postgres:": lambda: seconds_of(definition, f"postgres:{address}&table=people", rows=options.rows),
        "SQLFetch alone": lambda: seconds_of("--floor", "front", "SELECT * FROM people", rows=options.rows),
        "odbc:": lambda: seconds_of(definition, "odbc:front?table=people", rows=options.rows)}
    figures = {name: [] for name in ways}
    for _ in range(options.runs):
        for name, run in ways.items():
            figures[name].append(run())
    median = {name: statistics.median(all_figures) for name, all_figures in figures.items()}
    for name, seconds in median.items():
        print(f"{name:15} {seconds:6.2f} s  {options.rows / seconds:9.0f} rows/s  {seconds / median['COPY to a file']:.2f} x COPY "
              f"(of {', '.join(f'{one:.2f}' for one in figures[name])})")
    print(f"odbc: against postgres: {median['odbc:'] / median['postgres:']:.2f}, against SQLFetch alone "
          f"{median['odbc:'] / median['SQLFetch alone']:.2f}; targets: 100,000 rows/s, at most 2.5 x COPY")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--odbc", action="store_true")
    options = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rootlet-bench-"))
    folder.chmod(0o755)
    server = folder / "pg"
    address = subprocess.run([SOURCE / "scripts/postgres.sh", "start", server], check=True, stdout=subprocess.PIPE,
                             text=True).stdout.strip()
    sql = lambda text: subprocess.run(["psql", address, "-qc", "SET client_min_messages = error; " + text], check=True)
    try:
        if options.odbc:
            sql(TABLE.format(rows=options.rows))
            return measure_odbc(folder, address, options)
        ratios, figures = {"first": [], "second": []}, []
        for run in range(options.runs):
            sql("DROP TABLE IF EXISTS people")
            sql(TABLE.format(rows=options.rows))
            sides = Side(folder, f"csv{run}"), Side(folder, f"postgres{run}")
            for step in ("first", "second"):
                path = folder / "people.csv"
                copied, _ = timed("psql", address, "-qc", f"\\copy (SELECT * FROM people) TO '{path}' (FORMAT csv, HEADER)")
                published, csv_memory = sides[0].publish(f"csv:{path}")
                direct, memory = sides[1].publish(f"postgres:{address}&query=SELECT * FROM people")
                ratios[step].append(direct / (copied + published))
                figures.append((run, step, copied, published, direct, csv_memory, memory))
                sql("UPDATE people SET c0 = c0 || 'x', c3 = c3 + 1 WHERE id % 100 = 0")
        for run, step, copied, published, direct, csv_memory, memory in figures:
            print(f"run {run} {step:6}: COPY {copied:6.2f} s + publish {published:6.2f} s ({csv_memory:.0f} MB); "
                  f"from PostgreSQL {direct:6.2f} s ({memory:.0f} MB)")
        for step, all_ratios in ratios.items():
            print(f"{options.rows} rows, {step}: ratio median {statistics.median(all_ratios):.2f}, worst {max(all_ratios):.2f} "
                  "(at most 1.5)")
    finally:
        subprocess.run([SOURCE / "scripts/postgres.sh", "stop", server], check=False)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
