"""A month of scheduled publishes, twice a day by a faked clock, from sources that are down, hang, come empty, change their
columns and hold dirty rows: each failure is named, nothing wrong is published, and the other datasets go on."""
import sqlite3
import time
import unittest

from test_sources import Postgres
from world import *

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
STEP = 12 * 3600 + 1800  # the fast clock runs ahead while a step is published
STEPS = 60
COLUMNS = ["id", "code", "note", "changed"]


def definition(name):
    return {"id": name, "title": name, "provider": {"code": "11X", "name": "Unit"}, "format": "table", "update": "daily",
            "sharing": {"attribute": "unconditional"}, "grade": "general", "division": {"column": "code", "digits": 2},
            "columns": [{"name": "id", "type": "integer", "key": True}, {"name": "code", "type": "text"},
                        {"name": "note", "type": "text"}]}


def write_table(path, rows, dirty=0):
    """With `dirty` rows whose division code says nothing."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS[:3])
        for number, row in enumerate(rows.values()):
            out.writerow([row[0], "x" if number < dirty else row[1], row[2]])


class Month(unittest.TestCase):
    """Each dataset's table changes at every step; `truth` is what the last successful publish saw."""

    @classmethod
    def setUpClass(cls):
        cls.world = World().__enter__()
        cls.addClassCleanup(cls.world.__exit__, None, None, None)
        cls.folder = cls.world.folder
        cls.postgres = Postgres(cls.folder)
        cls.addClassCleanup(cls.postgres.stop)
        cls.begin = int(time.time()) - STEPS * STEP
        cls.at(0, "init", cls.world.realm, "--name", "Month", "--url", cls.world.url, in_realm=False)
        cls.tables = {name: {i: (i, RANDOM.choice(["3304", "1101", "1201"]), f"v{i}") for i in range(200)}
                      for name in ("steady", "down", "hangs", "empty", "renamed", "dirty", "strict")}
        for name in cls.tables:
            (cls.folder / f"{name}.json").write_text(json.dumps(definition(name)))
            cls.at(0, "dataset", "add", cls.folder / f"{name}.json")

    @classmethod
    def at(cls, step, *words, in_realm=True, code=0):
        """The platform at a step, with a clock that runs twenty times as fast: a minute ends after three seconds."""
        when = time.strftime("@%Y-%m-%d %H:%M:%S", time.gmtime(cls.begin + step * STEP + 60))
        return run(PLATFORM, *(["--realm", cls.world.realm] if in_realm else []), *words, check=code,
                   env={"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"{when} x20", "TZ": "UTC"})

    # --- the sources ---------------------------------------------------------------------------

    def source(self, name, address, **more):
        path = self.folder / f"{name}.source.json"
        path.write_text(json.dumps({"from": address, "when": {"every": "12h"}, "alarm_after": "2d", **more}))
        return path

    def csv_of(self, name):
        return self.folder / f"{name}.csv"

    def set_sources(self):
        since = {"since": {"column": "changed", "whole_every": "7d"}, "others": "ignore"}
        for name, address, more in [
                ("steady", f"sqlite:{self.folder / 'steady.db'}?table=t", since),
                ("down", f"{self.postgres.address.replace('postgresql:', 'postgres:')}&connect_timeout=600?table=down", {}),
                ("hangs", f"csv:{self.csv_of('hangs')}", {"timeout": "1m"}), ("empty", f"csv:{self.csv_of('empty')}", {}),
                ("renamed", f"sqlite:{self.folder / 'renamed.db'}?table=t", {"others": "ignore"}),
                ("dirty", f"csv:{self.csv_of('dirty')}", {"quarantine": {"most_percent": 5}}),
                ("strict", f"csv:{self.csv_of('strict')}", {})]:
            self.at(0, "dataset", "source", "set", name, self.source(name, address, **more))

    def change(self, name, step):
        """A few rows of a table: changed, added, and one removed."""
        rows = self.tables[name]
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.begin + step * STEP))
        changed = {}
        for number in RANDOM.sample(sorted(rows), 3) + [max(rows) + 1]:
            rows[number] = changed[number] = (number, RANDOM.choice(["3304", "1101"]), f"v{number}.{step}")
        gone = RANDOM.choice(sorted(set(rows) - set(changed)))
        del rows[gone]
        return changed, gone, stamp

    def write(self, name, step, dirty=0):
        changed, gone, stamp = self.change(name, step)
        if name in ("steady", "renamed"):
            self.write_sqlite(self.folder / f"{name}.db", name, changed, gone, stamp)
        elif name == "down":
            if self.is_up:
                self.write_postgres()
        else:
            write_table(self.csv_of(name), self.tables[name], dirty)

    def write_sqlite(self, path, name, changed, gone, stamp):
        is_new = not path.exists()
        with sqlite3.connect(path) as base:
            if is_new:
                base.execute(f"CREATE TABLE t({', '.join(COLUMNS)})")
                changed = self.tables[name]
            base.executemany("DELETE FROM t WHERE id=?", [(number,) for number in [*changed, gone]])
            base.executemany("INSERT INTO t VALUES(?,?,?,?)", [(*row, stamp) for row in changed.values()])
        base.close()

    def write_postgres(self):
        rows = "".join("\t".join(map(str, row)) + "\n" for row in self.tables["down"].values())
        self.postgres.sql("CREATE TABLE IF NOT EXISTS down(id bigint, code text, note text); TRUNCATE down")
        self.postgres.sql("COPY down FROM STDIN", stdin=rows)

    # --- what happens to them ------------------------------------------------------------------

    def events(self, step):
        """What must fail at this step, and with which words; before, brings it about."""
        fails = {}
        if step == 10:
            self.postgres.stop()
            self.is_up = False
        if step == 18:
            self.postgres.resume()
            self.is_up = True
            self.write_postgres()
        if not self.is_up:
            fails["down"] = "PostgreSQL"
        if step in (22, 23):
            os.remove(self.csv_of("hangs"))
            os.mkfifo(self.csv_of("hangs"))
            fails["hangs"] = "took longer than 1m and was stopped"
        if step == 30:
            self.csv_of("empty").write_text(",".join(COLUMNS[:3]) + "\n")
            fails["empty"] = "would have no rows left"
        if step == 36:
            with sqlite3.connect(self.folder / "renamed.db") as base:
                base.execute("ALTER TABLE t RENAME COLUMN note TO remark")
        if 36 <= step < 39:
            fails["renamed"] = "column note: missing in the header"
        if step == 39:
            address = f"sqlite:{self.folder / 'renamed.db'}?table=t"
            self.at(step, "dataset", "source", "set", "renamed",
                    self.source("renamed", address, columns={"note": "remark"}, others="ignore"))
        if 44 <= step < 47:
            fails["strict"] = "column code"
        return fails

    def is_dirty(self, step):
        return 44 <= step < 47

    def test_month(self):
        self.is_up = True
        for name in self.tables:
            self.write(name, 0)
        self.set_sources()
        published = {}
        alarms = set()
        for step in range(STEPS):
            for name in self.tables:
                if step > 0:
                    self.write(name, step, dirty=6 if self.is_dirty(step) and name in ("dirty", "strict") else 0)
            fails = self.events(step)
            ran = self.at(step, "publish", "--due", "--json", code=None)
            said = {one["dataset"]: one for one in ran.json()["due"]}
            self.assertEqual(set(said), set(self.tables), step)
            for name, one in said.items():
                words = one.get("error", {}).get("message", "")
                self.assertEqual(one["exit_code"] != 0, name in fails, (step, name, one))
                self.assertIn(fails.get(name, ""), words, (step, name))
                if name not in fails:
                    published[name] = (step, dict(self.tables[name]))
            self.assertEqual(ran.code != 0, bool(fails), step)
            self.assertEqual(said["dirty"].get("set_aside", 0), 6 if self.is_dirty(step) else 0, step)
            alarms |= {(one["dataset"], one["alarm"]) for one in ran.json()["alarms"]}
            for name, failure in fails.items():
                if name == "hangs":
                    os.remove(self.csv_of("hangs"))
                    write_table(self.csv_of("hangs"), self.tables["hangs"])
                else:
                    self.check(name, published[name][1], step)  # what was published before is whole
        self.assertEqual(alarms, {("down", "no_success")})
        listed = self.at(STEPS - 1, "dataset", "source", "list", "--json").json()["sources"]
        self.assertEqual({one["state"] for one in listed}, {"ok"})
        sheets = self.at(STEPS - 1, "dataset", "sheets", "strict", "--last", "1000", "--json").json()["sheets"]
        self.assertEqual([sheet["result"] for sheet in sheets].count("failed"), 3)
        self.assertEqual(len(sheets), STEPS)
        for name in self.tables:
            self.check_at_end(name, published[name])

    def check(self, name, rows, step):
        path = self.folder / "truth.csv"
        write_table(path, rows)
        report = self.at(step, "publish", name, "--from", f"csv:{path}", "--dry-run", "--accept-changes", "100%", "--json").json()
        return self.assertEqual((report["added"], report["changed"], report["removed"]), (0, 0, 0), (name, step, report))

    def check_at_end(self, name, published):
        step, rows = published
        self.assertEqual(step, STEPS - 1, name)
        if name == "steady":  # deletions wait for the comparison of all rows
            self.at(STEPS + 14, "publish", "--due", "--json", code=None)
        self.check(name, rows, STEPS + 14 if name == "steady" else STEPS - 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
