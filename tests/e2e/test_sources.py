"""The same table published from every kind of source, on real engines: nothing changes from one to the next. And sources
that lie, break off or hold mistakes publish nothing and say why."""
import sqlite3
import threading
import unittest
import zipfile
from xml.sax.saxutils import escape

from world import *

DEFINITION = {
    "id": "people", "title": {"zh": "人员", "en": "People"}, "provider": {"code": "11X", "name": "Unit"},
    "format": "table", "update": "daily", "sharing": {"attribute": "unconditional"}, "grade": "general",
    "division": {"column": "code", "digits": 2},
    "columns": [{"name": "id", "type": "integer", "key": True}, {"name": "code", "type": "text"},
                {"name": "born", "type": "date"}, {"name": "seen", "type": "datetime"},
                {"name": "sum", "type": "decimal(2)"}, {"name": "cared", "type": "boolean"},
                {"name": "note", "type": "text"}]}
NAMES = [column["name"] for column in DEFINITION["columns"]]


def some_text():
    pieces = ["王小明", "a, b", 'say "so"', "two\nlines", "ünï", "'apostrophe", "=1+1", "\\N", "x" * 300, "\t"]
    return "".join(RANDOM.sample(pieces, RANDOM.randrange(1, 4)))


def some_rows(count):
    """Rows as Python values; None is null."""
    rows = []
    for number in range(count):
        maybe = lambda value: value if RANDOM.random() < 0.8 else None
        rows.append({"id": number * 7919 - 2**40, "code": RANDOM.choice(["3304", "1101", "1102"]),
                     "born": maybe(f"19{RANDOM.randrange(10, 99)}-0{RANDOM.randrange(1, 9)}-11"),
                     "seen": maybe(f"2026-11-{RANDOM.randrange(10, 30)} 08:00:0{RANDOM.randrange(9)}"),
                     "sum": maybe(f"{RANDOM.randrange(-10**6, 10**6) / 4:.2f}"), "cared": maybe(RANDOM.random() < 0.5),
                     "note": maybe(some_text())})
    return rows


def as_text(value):
    return "" if value is None else {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else str(value)


def write_csv(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(NAMES)
        # As our own exports: an apostrophe guards what a spreadsheet would compute, also behind apostrophes.
        for row in rows:
            texts = [as_text(row[name]) for name in NAMES]
            out.writerow(["'" + text if re.match(r"'*[=+@\t\r]|'+-", text) else text for text in texts])


def write_jsonl(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            member = {name: row[name] for name in NAMES if row[name] is not None or RANDOM.random() < 0.5}
            file.write(json.dumps(member, ensure_ascii=RANDOM.random() < 0.5) + "\n")


def write_xlsx(path, rows, names=NAMES):
    def cell(value):
        if value is None:
            return "<c/>"
        if isinstance(value, bool):
            return f'<c t="b"><v>{int(value)}</v></c>'
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'
    lines = [names] + [[row[name] for name in names] for row in rows]
    body = "".join(f"<row>{''.join(cell(value) for value in line)}</row>" for line in lines)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
                      'ContentType="application/xml"/></Types>')
        book.writestr("_rels/.rels", f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" '
                      f'Type="{office}/officeDocument" Target="book.xml"/></Relationships>')
        book.writestr("book.xml", f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="人员" sheetId="1" '
                      'r:id="s"/></sheets></workbook>')
        book.writestr("_rels/book.xml.rels", f'<Relationships xmlns="{package}/relationships"><Relationship Id="s" '
                      f'Type="{office}/worksheet" Target="sheet.xml"/></Relationships>')
        book.writestr("sheet.xml", f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>')


def write_sqlite(path, rows):
    with sqlite3.connect(path) as base:
        base.execute(f"CREATE TABLE people({', '.join(NAMES)})")
        base.executemany(f"INSERT INTO people VALUES({', '.join('?' * len(NAMES))})",
                         [[float(value) if name == "sum" and value is not None else value
                           for name, value in row.items()] for row in rows])
    base.close()


class Postgres:
    """A throw-away server."""

    def __init__(self, folder):
        self.folder = folder
        folder.chmod(0o755)
        self.address = subprocess.run([SOURCE / "scripts/postgres.sh", "start", folder / "pg"], check=True,
                                      stdout=subprocess.PIPE, text=True).stdout.strip()

    def resume(self):
        subprocess.run([SOURCE / "scripts/postgres.sh", "resume", self.folder / "pg"], check=True, capture_output=True)

    def stop(self):
        subprocess.run([SOURCE / "scripts/postgres.sh", "stop", self.folder / "pg"], check=False, capture_output=True)

    def sql(self, statement, stdin=None):
        done = subprocess.run(["psql", self.address, "-v", "ON_ERROR_STOP=1", "-qAtc", statement], input=stdin,
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout

    def fill(self, rows):
        self.sql("CREATE TABLE people(id bigint, code text, born date, seen timestamp, sum numeric(12,2), cared boolean, "
                 "note text)")
        text = "".join("\t".join("\\N" if value is None else as_text(value).replace("\\", "\\\\").replace("\n", "\\n")
                                 .replace("\t", "\\t") for value in row.values()) + "\n" for row in rows)
        self.sql("COPY people FROM STDIN", stdin=text)


def write_odbc_ini(folder, postgres):
    """Data sources: PostgreSQL by both of its drivers, one that gives GB 18030, one whose limits are too small for the
    texts, and SQLite; in a file that the programs of this test find."""
    server = f"Servername={postgres.folder / 'pg'}\nDatabase=postgres\nUsername=rootlet\n"
    unicode, ansi = "Driver=PostgreSQL Unicode\n" + server, "Driver=PostgreSQL ANSI\n" + server
    (folder / "odbc.ini").write_text(
        f"[front]\n{unicode}[front-small]\n{unicode}MaxVarcharSize=10\nMaxLongVarcharSize=100\n"
        f"[front-ansi]\n{ansi}[front-gb]\n{ansi}ConnSettings=SET client_encoding TO 'GB18030'\n"
        f"[lite]\nDriver=SQLite3\nDatabase={folder / 'a.db'}\n[gone]\nDriver=PostgreSQL Unicode\nServername=/nowhere\n")
    os.environ["ODBCINI"] = str(folder / "odbc.ini")


class Sources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().__enter__()
        cls.addClassCleanup(cls.world.__exit__, None, None, None)
        cls.world.make_realm()
        cls.folder = cls.world.folder
        (cls.folder / "people.dataset.json").write_text(json.dumps(DEFINITION))
        cls.world.platform("dataset", "add", cls.folder / "people.dataset.json")
        cls.postgres = Postgres(cls.folder)
        cls.addClassCleanup(cls.postgres.stop)
        cls.rows = some_rows(1000)
        cls.postgres.fill(cls.rows)
        write_odbc_ini(cls.folder, cls.postgres)
        write_sqlite(cls.folder / "a.db", cls.rows)
        write_csv(cls.folder / "a.csv", cls.rows)
        cls.publish(f"csv:{cls.folder / 'a.csv'}")

    @classmethod
    def publish(cls, source, *more, **options):
        return cls.world.platform("publish", "people", "--from", source, "--json", *more, **options)

    def same(self, source):
        report = self.publish(source).json()
        self.assertEqual((report["rows"], report["added"], report["changed"], report["removed"]), (1000, 0, 0, 0), source)
        return report

    def refused(self, source, *more, code):
        before = self.world.platform("dataset", "show", "people", "--json").json()
        refused = self.world.platform("publish", "people", "--from", source, *more, check=code)
        self.assertEqual(self.world.platform("dataset", "show", "people", "--json").json(), before)
        return refused.err

    def test_the_same_table_from_every_kind_is_the_same(self):
        shuffled = RANDOM.sample(self.rows, len(self.rows))
        write_jsonl(self.folder / "a.jsonl", shuffled)
        write_xlsx(self.folder / "a.xlsx", shuffled)
        self.same(f"jsonl:{self.folder / 'a.jsonl'}")
        self.same(f"xlsx:{self.folder / 'a.xlsx'}?sheet=人员")
        self.same(f"sqlite:{self.folder / 'a.db'}?table=people")
        self.same(f"sqlite:{self.folder / 'a.db'}?query=SELECT * FROM people ORDER BY note DESC")
        address = "postgres:" + self.postgres.address
        self.same(f"{address}&table=people")
        self.same(f"{address}&table=public.people")
        report = self.same(f"{address}&query=SELECT note, cared, sum, seen, born, code, id FROM people ORDER BY id;")
        # The second time the rows' texts are known.
        again = self.same(f"{address}&query=SELECT note, cared, sum, seen, born, code, id FROM people ORDER BY id;")
        self.assertEqual(again["unchanged"], 1000, (report, again))

    def test_the_same_table_through_odbc_is_the_same(self):
        digests = self.digests("people")
        self.same("odbc:front?table=people")
        self.same("odbc:front-ansi?encoding=utf-8&table=people")
        self.same("odbc:front-gb?encoding=gb18030&table=public.people")
        self.same("odbc:lite?table=people")
        query = "odbc:front?query=SELECT note, cared, sum::numeric(14,4)::numeric(12,2) AS sum, seen, born, code, id FROM people;"
        self.same(query)
        self.assertEqual(self.same(query)["unchanged"], 1000)
        self.assertEqual(self.digests("people"), digests)

    def digests(self, dataset):
        return [stream["digest"] for stream in
                self.world.platform("dataset", "show", dataset, "--json").json()["streams"]]

    def test_no_driver_cuts_a_text_or_a_number(self):
        """Every length around the drivers' own limits and buffers, in one, three and four bytes a character."""
        definition = {**DEFINITION, "id": "texts", "division": {"column": "code", "digits": 0}, "columns": [
            {"name": "id", "type": "integer", "key": True}, {"name": "code", "type": "text"},
            {"name": "sum", "type": "decimal(2)"}, {"name": "at", "type": "datetime"}, {"name": "note", "type": "text"}]}
        (self.folder / "texts.json").write_text(json.dumps(definition))
        self.world.platform("dataset", "add", self.folder / "texts.json")
        lengths = [1, 2, 10, 11, 254, 255, 256, 2046, 2047, 2048, 4095, 4096, 4097, 8189, 8190, 8191, 16383, 16384, 65535, 65536]
        texts = [(sign * length)[:length] for sign in "xあ𠀀" for length in lengths if len((sign * length).encode()) <= 65536]
        rows = [(2**63 - 1 - number, "33", f"{(-1)**number * (9999999999999999 - number)}.{number:02}",
                 "2026-11-30T00:00:00Z", text) for number, text in enumerate(texts)]
        self.postgres.sql("CREATE TABLE texts(id bigint, code varchar(2), sum numeric(18,2), at timestamptz, note text)")
        self.postgres.sql("COPY texts FROM STDIN", stdin="".join("\t".join(map(str, row)) + "\n" for row in rows))
        with sqlite3.connect(self.folder / "a.db") as base:
            base.execute("CREATE TABLE texts(id bigint, code text, sum text, at text, note text)")
            base.executemany("INSERT INTO texts VALUES(?,?,?,?,?)", rows)
        base.close()
        self.world.platform("publish", "texts", "--from", f"postgres:{self.postgres.address}&table=texts")
        digests = self.digests("texts")
        for source in ("front?", "front-small?", "front-ansi?encoding=utf-8&", "front-gb?encoding=gb18030&", "lite?"):
            report = self.world.platform("publish", "texts", "--from", f"odbc:{source}table=texts", "--json").json()
            self.assertEqual((report["rows"], report["added"] + report["changed"] + report["removed"]), (len(rows), 0), source)
        self.assertEqual(self.digests("texts"), digests)
        # A mebibyte arrives whole, and is refused by the dataset's own limit.
        self.postgres.sql("UPDATE texts SET note = repeat('汉', 349525) WHERE note = 'x'")
        for source in (f"postgres:{self.postgres.address}&", "odbc:front?", "odbc:front-gb?encoding=gb18030&"):
            refused = self.world.platform("publish", "texts", "--from", source + "table=texts", check=8).err
            self.assertRegex(refused, r"row \d+, column note")
            self.assertIn("65536", refused)

    def test_odbc_names_mistakes_and_never_guesses(self):
        columns = "id, code, seen, sum, cared, note"
        said = self.refused("odbc:front?query=SELECT id, code, 'x' || chr(10) || 'y' AS born, seen, sum, cared, note FROM "
                            "people LIMIT 3", code=8)
        for row in (1, 2, 3):
            self.assertIn(f"row {row}, column born: not a date", said)
        said = self.refused(f"odbc:front?query=SELECT {columns}, born, 'x'::bytea AS note2 FROM people", code=8)
        self.assertIn("column note2 holds bytes", said)
        # The bytes of another encoding, and a driver without UTF-16.
        rest = "1 AS id, '33' AS code, NULL AS born, NULL AS seen, NULL AS sum, NULL AS cared"
        text = f"query=SELECT {rest}, CAST(x'CDF5D0A1C3F7' AS TEXT) AS note UNION ALL SELECT 2, '33', NULL, NULL, NULL, NULL, "
        said = self.refused(f"odbc:lite?encoding=gb18030&{text}CAST(x'CDF581' AS TEXT)", code=8)
        self.assertIn("row 2, column note: holds bytes that are no text", said)
        said = self.refused(f"odbc:lite?encoding=utf-8&{text}'b'", code=8)
        self.assertIn("row 1, column note: holds bytes", said)
        self.assertIn("encoding=utf-8", self.refused("odbc:front-ansi?table=people", code=3))
        report = self.publish(f"odbc:lite?encoding=gb18030&{text}'王小明'".replace("'王小明'", "CAST(x'CDF5' AS TEXT)"),
                              "--dry-run", "--accept-changes", "100%").json()
        self.assertEqual(report["rows"], 2)

    def test_odbc_says_who_refused_what(self):
        self.assertIn('relation "none" does not exist', self.refused("odbc:front?table=none", code=2))
        self.assertIn("syntax error", self.refused("odbc:front?query=SELEKT 1", code=2))
        self.assertIn("ODBC nowhere: ", self.refused("odbc:nowhere?table=people", code=3))
        self.assertIn("ODBC gone: ", self.refused("odbc:gone?table=people", code=3))
        said = self.refused("odbc:DSN=front;PWD=geheim?table=people", code=2)
        self.assertNotIn("geheim", said)
        self.assertIn("ROOTLET_SOURCE_PASSWORD_FILE", said)
        self.assertIn("takes utf-8 or gb18030", self.refused("odbc:front?encoding=latin1&table=people", code=2))
        self.check_passwords()
        # What a query writes is never kept.
        self.refused("odbc:front?query=DELETE FROM people RETURNING id", code=8)
        self.assertEqual(self.postgres.sql("SELECT count(*) FROM people").strip(), "1000")
        totals = "SELECT count(*) AS rows, sum(char_length(note)) AS characters_note, max(seen) AS newest_seen FROM people"
        report = self.publish("odbc:front?table=people", "--control-query", totals).json()
        self.assertEqual([total["met"] for total in report["control"]], [True] * 3, report)
        said = self.refused("odbc:front?table=people", "--control-query", totals.replace("count(*)", "count(*) + 1"), code=8)
        self.assertIn("control total rows: the source says 1001, what came has 1000", said)

    def check_passwords(self):
        secret = "p{a}};=' \\ss汉"
        self.postgres.sql("CREATE ROLE locked LOGIN PASSWORD '" + secret.replace("'", "''") + "'; GRANT SELECT ON people TO locked")
        rules = self.postgres.folder / "pg" / "data" / "pg_hba.conf"
        rules.write_text("local all locked scram-sha-256\n" + rules.read_text())
        self.postgres.sql("SELECT pg_reload_conf()")
        with open(self.folder / "odbc.ini", "a") as ini:
            ini.write(f"[locked]\nDriver=PostgreSQL Unicode\nServername={self.postgres.folder / 'pg'}\nDatabase=postgres\n"
                      "Username=locked\n")
        sources = "odbc:locked?table=people", f"postgres:{self.postgres.address.replace('user=rootlet', 'user=locked')}&table=people"
        for source in sources:
            self.assertNotIn(secret, self.refused(source, code=3))
        (self.folder / "password.txt").write_text(secret + "\n")
        for source in sources:
            report = self.publish(source, env={"ROOTLET_SOURCE_PASSWORD_FILE": self.folder / "password.txt"}).json()
            self.assertEqual((report["rows"], report["added"], report["changed"]), (1000, 0, 0), source)

    def test_mistakes_are_named_by_row_and_column(self):
        address = "postgres:" + self.postgres.address
        said = self.refused(f"{address}&query=SELECT id, code, 'x' || chr(10) || 'y' AS born, seen, sum, cared, note FROM "
                            "people LIMIT 3", code=8)
        for row in (1, 2, 3):
            self.assertIn(f"row {row}, column born: not a date", said)
        said = self.refused(f"{address}&query=SELECT id, code, born, seen, sum, cared, note, 1 AS more FROM people", code=8)
        self.assertIn("the columns, column more", said)
        said = self.refused(f"{address}&query=SELECT id, code, born, seen, sum, cared, note::bytea AS note FROM people", code=8)
        self.assertIn("holds bytes", said)

    def test_a_server_that_refuses_says_why_and_nothing_is_published(self):
        address = "postgres:" + self.postgres.address
        self.assertIn('relation "none" does not exist', self.refused(f"{address}&table=none", code=2))
        self.assertIn("syntax error", self.refused(f"{address}&query=SELEKT 1", code=2))
        self.assertIn("read-only", self.refused(
            f"{address}&query=INSERT INTO people(id) VALUES(1) RETURNING id, code, born, seen, sum, cared, note", code=2))
        self.assertIn("PostgreSQL: ", self.refused("postgres:postgresql:///x?host=/nowhere&table=people", code=3))
        said = self.refused("postgres://u:geheim@127.0.0.1/x?table=people", code=2)
        self.assertIn("has a password", said)
        self.assertNotIn("geheim", said)
        self.assertIn("names no source", self.refused("mysql:x?table=people", code=2))

    def test_fifty_losses_on_the_way_are_named_by_the_sheet(self):
        """Rows dropped and texts cut between the owner and us, and a replica that lags behind."""
        totals = {"rows": len(self.rows), "sum_id": sum(row["id"] for row in self.rows),
                  "characters_note": sum(len(row["note"] or "") for row in self.rows),
                  "newest_seen": max(row["seen"] or "" for row in self.rows)}
        control = self.folder / "totals.json"
        control.write_text(json.dumps(totals))
        path = self.folder / "lost.csv"
        write_csv(path, self.rows)
        report = self.publish(f"csv:{path}", "--control", control).json()
        self.assertEqual([total["met"] for total in report["control"]], [True] * 4)
        noted = [number for number, row in enumerate(self.rows) if row["note"]]
        for number in range(50):
            rows = [dict(row) for row in self.rows]
            if number % 2:
                del rows[RANDOM.randrange(len(rows))]
            else:
                row = rows[RANDOM.choice(noted)]
                row["note"] = row["note"][:-1]
            write_csv(path, rows)
            said = self.refused(f"csv:{path}", "--control", control, code=8)
            self.assertIn("control total " + ("rows" if number % 2 else "characters_note"), said)
        sheets = self.world.platform("dataset", "sheets", "people", "--last", "50", "--json").json()["sheets"]
        self.assertEqual({sheet["result"] for sheet in sheets}, {"failed"})
        self.assertTrue(all("control total" in sheet["error"]["message"] for sheet in sheets))
        self.assertIn("control total rows", self.world.platform("dataset", "sheets", "people", "--last", "1").out)

        # A copy that lags behind agrees with itself; its newest value is older than what was published.
        stale = [row for row in self.rows if (row["seen"] or "") < totals["newest_seen"][:10]]
        write_csv(path, stale)
        control.write_text(json.dumps({"rows": len(stale), "newest_seen": max(row["seen"] or "" for row in stale)}))
        said = self.refused(f"csv:{path}", "--control", control, "--accept-changes", "100%", code=8)
        self.assertIn("column seen: the newest value is", said)
        control.write_text('{"rows": 1, "colour": 2}')
        self.assertIn("colour is no total", self.refused(f"csv:{path}", "--control", control, code=8))

    def test_rows_with_mistakes_are_set_aside_and_what_was_published_stays(self):
        rows = [dict(row) for row in self.rows]
        broken = RANDOM.sample(range(len(rows)), 8)
        for number in broken:
            rows[number]["born"] = "2001-02-30"
        changed = next(number for number in range(len(rows)) if number not in broken)
        rows[changed]["note"] = "corrected"
        path, aside = self.folder / "dirty.csv", self.folder / "aside.csv"
        write_csv(path, rows)
        self.refused(f"csv:{path}", code=8)
        # Where the rows with mistakes cannot be kept, nothing is published.
        self.refused(f"csv:{path}", "--quarantine", self.folder / "none" / "aside.csv", code=6)
        report = self.publish(f"csv:{path}", "--quarantine", aside).json()
        self.assertEqual((report["set_aside"], report["rows"], report["changed"], report["removed"]), (8, 1000, 1, 0))
        self.assertEqual(aside.stat().st_mode & 0o777, 0o600)
        with open(aside, newline="", encoding="utf-8") as file:
            kept = list(csv.DictReader(file))
        self.assertEqual(sorted(row["id"] for row in kept), sorted(str(rows[number]["id"]) for number in broken))
        self.assertTrue(all(row["reasons"].startswith("born: not a date") and row["place"].startswith("line ")
                            for row in kept))
        self.assertIn("needs --quarantine", self.refused(f"csv:{path}", "--quarantine-most", "5%", code=2))
        self.assertIn("exclude each other", self.refused(f"csv:{path}", "--control", aside, "--control-query", "x", code=2))
        # A tenth of the rows is too much, unless that is said; a row without a key is never set aside.
        for number in RANDOM.sample(range(len(rows)), 100):
            rows[number]["seen"] = "never"
        write_csv(path, rows)
        self.assertIn("more than 1 %", self.refused(f"csv:{path}", "--quarantine", aside, code=8))
        rows[0]["id"] = "x"
        write_csv(path, rows)
        self.assertIn("column id", self.refused(f"csv:{path}", "--quarantine", aside, "--quarantine-most", "50%", code=8))
        write_csv(path, self.rows)
        report = self.publish(f"csv:{path}").json()
        self.assertEqual((report["changed"], report["rows"]), (1, 1000))

    def test_a_database_counts_its_own_totals(self):
        query = ("SELECT count(*) AS rows, sum(char_length(note)) AS characters_note, sum(sum) AS sum_sum, "
                 "max(seen) AS newest_seen FROM people")
        address = f"postgres:{self.postgres.address}&table=people"
        report = self.publish(address, "--control-query", query).json()
        self.assertEqual([total["met"] for total in report["control"]], [True] * 4, report)
        said = self.refused(address, "--control-query", query.replace("count(*)", "count(*) + 1"), code=8)
        self.assertIn("control total rows: the source says 1001, what came has 1000", said)
        path = self.folder / "own.db"
        write_sqlite(path, self.rows)
        report = self.publish(f"sqlite:{path}?table=people", "--control-query", query.replace("char_length", "length")).json()
        self.assertEqual([total["met"] for total in report["control"]][:2], [True] * 2, report)
        self.assertIn("needs a database", self.refused(f"csv:{path}", "--control-query", "SELECT 1", code=2))

    def test_a_server_that_dies_in_the_middle_publishes_nothing(self):
        other = self.folder / "other"
        other.mkdir()
        server = Postgres(other)
        self.addCleanup(server.stop)
        with open(self.folder / "odbc.ini", "a") as ini:
            ini.write(f"[other]\nDriver=PostgreSQL Unicode\nServername={other / 'pg'}\nDatabase=postgres\nUsername=rootlet\n")
        slow = ("SELECT g AS id, '3304' AS code, NULL AS born, NULL AS seen, NULL AS sum, NULL AS cared, "
                "repeat('x', 1000) AS note FROM generate_series(1, 3000000) g WHERE g < 3000 OR pg_sleep(0.001) IS NOT NULL")
        end_query = lambda: server.sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND pid <> "
                                       "pg_backend_pid()")
        for source, end in (("odbc:other?", end_query), (f"postgres:{server.address}&", end_query), ("odbc:other?", server.stop)):
            def interrupt():
                wait_until(lambda: re.search("(?i)copy|fetch", self.activity(server)), 20, "the query runs")
                time.sleep(0.5)
                end()
            interrupter = threading.Thread(target=interrupt)
            interrupter.start()
            said = self.refused(f"{source}query={slow}", code=3)
            interrupter.join()
            self.assertRegex(said, r"after row [1-9]\d{3}")

    def activity(self, server):
        try:
            return server.sql("SELECT query FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()")
        except AssertionError:
            return ""


if __name__ == "__main__":
    unittest.main()
