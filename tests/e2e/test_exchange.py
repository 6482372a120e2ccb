"""Exchange tables on a real PostgreSQL: rows are taken in order, and marked as taken only when they are published; a publish
that dies in between is repeated without a change. Through libpq and through ODBC, also from a table of other names."""
import signal
import unittest

from test_sources import DEFINITION, NAMES, Postgres, as_text, some_rows, write_csv, write_odbc_ini
from world import *

TABLE = """CREATE TABLE {name}(exchange_id bigserial PRIMARY KEY, exchange_op text, exchange_batch text,
  exchange_time timestamp DEFAULT now(), exchange_state char(1) DEFAULT '0', id bigint, code text, born date, seen timestamp,
  sum numeric(12,2), cared boolean, note text)"""


class Exchange(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().__enter__()
        cls.addClassCleanup(cls.world.__exit__, None, None, None)
        cls.world.make_realm()
        cls.folder = cls.world.folder
        cls.postgres = Postgres(cls.folder)
        cls.addClassCleanup(cls.postgres.stop)
        write_odbc_ini(cls.folder, cls.postgres)

    def make(self, name):
        """A dataset and its exchange table; the sources that read it."""
        (self.folder / f"{name}.json").write_text(json.dumps({**DEFINITION, "id": name}))
        self.world.platform("dataset", "add", self.folder / f"{name}.json")
        self.postgres.sql(TABLE.format(name=name))
        return f"postgres:{self.postgres.address}&exchange={name}", f"odbc:front?exchange={name}"

    def give(self, name, *rows):
        for op, number, code, note in rows:
            self.postgres.sql(f"INSERT INTO {name}(exchange_op, id, code, note) VALUES('{op}', {number}, '{code}', '{note}')")

    def take(self, name, source, *more, **options):
        return self.world.platform("publish", name, "--from", source, "--json", *more, **options)

    def figures(self, name, source, *more):
        report = self.take(name, source, *more).json()
        return tuple(report[figure] for figure in ("rows", "added", "changed", "removed"))

    def waiting(self, name):
        return int(self.postgres.sql(f"SELECT count(*) FROM {name} WHERE exchange_state = '0'"))

    def test_rows_are_taken_in_order_and_once(self):
        for kind in range(2):
            name = f"taken{kind}"
            source = self.make(name)[kind]
            self.give(name, ("I", 1, "3304", "a"), ("I", 2, "3304", "b"), ("U", 1, "1101", "c"), ("D", 2, "", ""))
            self.assertEqual(self.figures(name, source, "--dry-run"), (1, 1, 0, 0))
            self.assertEqual(self.waiting(name), 4)
            self.assertEqual(self.figures(name, source), (1, 1, 0, 0))
            self.assertEqual(self.waiting(name), 0)
            self.assertEqual(self.figures(name, source), (1, 0, 0, 0))  # nothing waits
            self.give(name, ("U", 1, "1101", "d"), ("I", 3, "1101", "e"), ("D", 7, "", ""))
            report = self.take(name, source).json()
            self.assertEqual((report["rows"], report["added"], report["changed"], report["not_there"]), (2, 1, 1, 1))
            # A mistake takes nothing.
            self.give(name, ("X", 4, "1101", "f"))
            self.assertIn("exchange_op", self.take(name, source, check=8).err)
            self.assertEqual(self.waiting(name), 1)
            self.postgres.sql(f"UPDATE {name} SET exchange_op = 'U' WHERE exchange_op = 'X'")
            self.assertEqual(self.figures(name, source), (3, 1, 0, 0))

    def test_a_view_gives_other_names(self):
        self.make("named")
        self.postgres.sql("CREATE TABLE front_people(xh serial PRIMARY KEY, czlx text, zt text DEFAULT '0', id bigint, code text, "
                          "note text)")
        self.postgres.sql("CREATE VIEW named_view AS SELECT xh AS exchange_id, czlx AS exchange_op, zt AS exchange_state, id, code, "
                          "NULL::date AS born, NULL::timestamp AS seen, NULL::numeric AS sum, NULL::boolean AS cared, note "
                          "FROM front_people")
        self.postgres.sql("INSERT INTO front_people(czlx, id, code, note) SELECT 'I', g, '3304', '汉' || g FROM "
                          "generate_series(1, 1234) g")
        self.assertEqual(self.figures("named", f"postgres:{self.postgres.address}&exchange=public.named_view"), (1234, 1234, 0, 0))
        self.assertEqual(self.postgres.sql("SELECT count(*) FROM front_people WHERE zt = '1'").strip(), "1234")

    def test_a_publish_that_waited_for_another_sees_what_that_one_took(self):
        for kind in range(2):
            name = f"two{kind}"
            source = self.make(name)[kind]
            self.give(name, ("I", 1, "3304", "a"), ("I", 2, "3304", "b"))
            holder = self.hold_a_row(name, 1)
            start = lambda: subprocess.Popen([PLATFORM, "--realm", self.world.realm, "publish", name, "--from", source, "--json"],
                                             stdout=subprocess.PIPE, text=True)
            first = start()
            self.wait_for_marking()
            second = start()  # connects, and waits for the first
            time.sleep(1)
            self.give(name, ("U", 1, "3304", "new"), ("I", 3, "3304", "c"))
            self.let_go(holder)
            reports = [json.loads(process.communicate(timeout=60)[0]) for process in (first, second)]
            self.assertEqual([(report["rows"], report["added"], report["changed"]) for report in reports], [(2, 2, 0), (3, 1, 1)])
            self.assertEqual(self.waiting(name), 0)

    def hold_a_row(self, name, number):
        """Another program holds a row, so marking waits."""
        holder = subprocess.Popen(["psql", self.postgres.address, "-qAtc",
                                   f"BEGIN; SELECT FROM {name} WHERE id = {number} FOR UPDATE; SELECT pg_sleep(60)"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(holder.kill)
        wait_until(lambda: self.postgres.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%FOR UPDATE%pg_sleep%' "
                                             "AND pid <> pg_backend_pid()").strip() != "0", 20, "the row is held")
        return holder

    def wait_for_marking(self):
        wait_until(lambda: self.postgres.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'").strip() != "0",
                   30, "marking waits")

    def let_go(self, holder):
        holder.kill()
        self.postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%FOR UPDATE%pg_sleep%' AND pid "
                          "<> pg_backend_pid()")

    def test_what_cannot_be_marked_is_published_and_told_and_taken_again(self):
        for kind in range(2):
            name = f"locked{kind}"
            source = self.make(name)[kind]
            self.give(name, ("I", 1, "3304", "a"), ("I", 2, "3304", "b"))
            self.postgres.sql(f"CREATE FUNCTION refuse{kind}() RETURNS trigger LANGUAGE plpgsql AS "
                              "$$ BEGIN RAISE 'the table is closed'; END $$")
            self.postgres.sql(f"CREATE TRIGGER no BEFORE UPDATE ON {name} FOR EACH ROW EXECUTE FUNCTION refuse{kind}()")
            refused = self.take(name, source, check=2)
            self.assertIn("published, but the rows are not marked", refused.err + refused.out)
            self.assertIn("the table is closed", refused.err + refused.out)
            sheet = self.world.platform("dataset", "sheets", name, "--last", "1", "--json").json()["sheets"][0]
            self.assertEqual((sheet["result"], sheet["report"]["added"]), ("published", 2))
            self.assertIn("not_marked", sheet["report"])
            self.assertEqual(self.waiting(name), 2)
            self.postgres.sql(f"DROP TRIGGER no ON {name}")
            self.assertEqual(self.figures(name, source), (2, 0, 0, 0))
            self.assertEqual(self.waiting(name), 0)

    def test_a_publish_that_dies_before_it_marks_is_repeated_without_a_change(self):
        for kind in range(2):
            name = f"killed{kind}"
            source = self.make(name)[kind]
            self.give(name, *[("I", number, "3304", "a") for number in range(20)])
            holder = self.hold_a_row(name, 7)
            publish = subprocess.Popen([PLATFORM, "--realm", self.world.realm, "publish", name, "--from", source],
                                       stdout=subprocess.DEVNULL)
            self.wait_for_marking()
            # The realm is free meanwhile, and has the rows.
            shown = self.world.platform("dataset", "show", name, "--json").json()
            self.assertEqual(sum(stream["rows"] for stream in shown["streams"]), 20)
            self.give(name, ("D", 7, "", ""))  # comes later, and is not marked by what died
            publish.send_signal(signal.SIGKILL)
            publish.wait()
            self.let_go(holder)
            self.postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                              "backend_type = 'client backend'")  # that of the publish
            self.assertEqual(self.waiting(name), 21)
            self.assertEqual(self.figures(name, source), (19, 0, 0, 1))
            self.assertEqual(self.waiting(name), 0)

    def test_a_source_file_reads_an_exchange_table(self):
        self.make("due")
        self.give("due", ("I", 1, "3304", "a"), ("I", 2, "3304", "b"), ("D", 1, "", ""))
        (self.folder / "due.source.json").write_text(json.dumps({"from": "odbc:front?exchange=due", "when": {"every": "1h"}}))
        self.world.platform("dataset", "source", "set", "due", self.folder / "due.source.json")
        report = self.world.platform("publish", "due", "--scheduled", "--json").json()
        self.assertEqual((report["rows"], report["added"]), (1, 1))
        self.assertEqual(self.waiting("due"), 0)
        self.postgres.sql("ALTER TABLE due ADD CHECK (exchange_state <> '1') NOT VALID")
        self.give("due", ("U", 2, "3304", "c"))
        self.assertIn("not marked", self.world.platform("publish", "due", "--scheduled", check=2).err)

    # --- the other way ------------------------------------------------------------------------

    def export(self, name, **options):
        return self.world.platform("dataset", "export", name, "--to", f"postgres:{self.postgres.address}&table={name}_out", "--json",
                                   **options)

    def take_exported(self, name, copy):
        """What a unit's own system does: takes the rows that wait, in order, into `copy`; how many."""
        columns = ", ".join(f'"{column}"' for column in NAMES)
        text = self.postgres.sql(f"COPY (SELECT exchange_op, {columns} FROM {name}_out WHERE exchange_state = '0' ORDER BY "
                                 "exchange_id) TO STDOUT (FORMAT csv)")
        rows = list(csv.reader(text.splitlines(keepends=True)))
        for op, *cells in rows:
            if op == "R":
                copy.clear()
            elif op == "D":
                del copy[cells[0]]
            else:
                copy[cells[0]] = cells
        self.postgres.sql(f"UPDATE {name}_out SET exchange_state = '1'")
        return len(rows)

    def test_a_taker_of_the_exported_changes_has_what_is_published(self):
        name, copy, rows = "given", {}, some_rows(300)
        self.make(name)
        self.assertIn("never published", self.export(name, check=2).err)
        path = self.folder / "given.csv"
        for version in range(1, 9):
            for row in RANDOM.sample(rows, 5):
                row["note"], row["code"] = f"汉 {version}, \"x\"\n", RANDOM.choice(["3304", "1101", "1102"])
            del rows[RANDOM.randrange(len(rows))]
            rows.append({**rows[0], "id": 10**6 + version})
            write_csv(path, rows)
            self.take(name, f"csv:{path}")
            if version in (2, 4, 5):  # several versions in one export
                continue
            report = self.export(name).json()
            self.assertEqual(report["version"], version)
            self.assertEqual(report["since"] is None, version == 1)
            taken = self.take_exported(name, copy)
            self.assertEqual(taken, report["inserted"] + report["updated"] + report["deleted"] + (version == 1))
            self.assertLess(taken, 40 if version > 1 else 400)
            again = self.export(name).json()
            self.assertEqual((again["inserted"], again["updated"], again["deleted"]), (0, 0, 0))
            self.assertEqual(self.take_exported(name, copy), 0)
            self.assertEqual(copy, self.expected(rows))

    def expected(self, rows):
        boolean = {"true": "t", "false": "f"}
        texts = [[as_text(row[column]) for column in NAMES] for row in rows]
        return {text[0]: [boolean.get(cell, cell) if column == "cared" else cell for column, cell in zip(NAMES, text)]
                for text in texts}

    def test_an_export_that_fails_leaves_nothing_and_is_made_up_for(self):
        name, copy, rows = "failed", {}, some_rows(50)
        self.make(name)
        path = self.folder / "failed.csv"
        write_csv(path, rows)
        self.take(name, f"csv:{path}")
        self.export(name)
        self.take_exported(name, copy)
        self.postgres.sql(f"ALTER TABLE {name}_out ADD CHECK (note IS NULL OR note <> 'no')")
        rows[7]["note"], rows[9]["note"] = "no", "yes"
        write_csv(path, rows)
        self.take(name, f"csv:{path}", "--accept-changes", "100%")
        self.assertIn("check constraint", self.export(name, check=2).err)
        self.assertEqual(self.take_exported(name, copy), 0)
        self.postgres.sql(f"ALTER TABLE {name}_out DROP CONSTRAINT {name}_out_note_check")
        self.assertEqual(self.export(name).json()["updated"], 2)
        self.assertEqual(self.take_exported(name, copy), 2)
        self.assertEqual(copy, self.expected(rows))
        # Nine publishes later the version is no longer known: the taker begins anew.
        for number in range(10):
            rows[number]["note"] = f"later {number}"
            write_csv(path, rows)
            self.take(name, f"csv:{path}")
        self.assertIsNone(self.export(name).json()["since"])
        self.assertEqual(self.take_exported(name, copy), 51)
        self.assertEqual(copy, self.expected(rows))

    def test_what_is_no_exchange_table_is_refused(self):
        self.postgres.sql("CREATE TABLE plain(id bigint, code text)")
        self.make("plain2")
        for source in (f"postgres:{self.postgres.address}&exchange=plain", "odbc:front?exchange=plain"):
            self.assertIn("exchange_", self.take("plain2", source, check=2).err)
            self.assertIn("--control-query", self.take("plain2", source, "--control-query", "SELECT 1", check=2).err)
        self.assertIn("is not complete", self.take("plain2", "sqlite:x?exchange=plain", check=2).err)


if __name__ == "__main__":
    unittest.main()
