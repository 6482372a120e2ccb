"""Identifiers through an export and back: what an office exports as CSV or XLSX, the platform publishes as the same rows.
No row is changed, no zero is lost, and our own watermark is no row."""
import csv
import unittest
import zipfile
from xml.etree import ElementTree

from test_api import UnixConnection, ask
from world import *

ROWS = 1_300  # more than fit a screen: an export, with its watermark
DATASET = {
    "id": "people", "title": {"zh": "人员", "en": "People"},
    "provider": {"code": "11100000MB0124", "name": {"zh": "民政部门", "en": "Civil affairs"}},
    "format": "table", "update": "daily", "grade": "general", "assessment": "2026-018",
    "sharing": {"attribute": "unconditional", "mode": "batch", "uses": ["verification"]},
    "division": {"column": "division", "digits": 4},
    "columns": [{"name": "id_number", "type": "text", "key": True, "title": {"zh": "身份证号", "en": "Identity number"}},
                {"name": "division", "type": "text", "title": {"zh": "区划", "en": "Division"}},
                {"name": "account", "type": "text", "title": {"zh": "账号", "en": "Account"}},
                {"name": "remark", "type": "text", "title": {"zh": "备注", "en": "Remark"}},
                {"name": "members", "type": "integer", "title": {"zh": "人数", "en": "Members"}}]}
REMARKS = ["", "007", "=1+1", "'x", "#1", "# a remark", "a,b", 'say "no"', "1E5", "+86", "-5", "@x",
           "# Exported by wang, Jiaxing, 2026-11-30T09:00:00Z, for verification; ledger entry 7"]
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def people():
    for number in range(ROWS):
        check = "X" if number % 11 == 0 else str(number % 10)
        yield [f"11010519491231{number:03}"[:17] + check if number < 1_000 else f"{number:018}", "3304",
               f"000{number:016}", REMARKS[number % len(REMARKS)], str(number % 9)]


def write_csv(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[c["name"] for c in DATASET["columns"]], *rows])
    return path


def sheet_rows(path):
    """Rows of the first sheet as (type, text) of each cell, as another program finds them."""
    with zipfile.ZipFile(path) as book:
        tree = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    for row in tree.iter(SHEET + "row"):
        cells = {}
        for cell in row.iter(SHEET + "c"):
            text = "".join(t.text or "" for t in cell.iter() if t.tag in (SHEET + "v", SHEET + "t"))
            cells[re.match("[A-Z]+", cell.get("r"))[0]] = (cell.get("t", "n"), text)
        yield [cells.get(column, ("", "")) for column in "ABCDE"]


class RoundTrip(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().__enter__()
        cls.addClassCleanup(cls.world.__exit__, None, None, None)
        cls.world.make_realm()
        definition = cls.world.folder / "people.json"
        definition.write_text(json.dumps(DATASET))
        cls.world.platform("dataset", "add", definition)
        cls.world.platform("publish", "people", "--from",
                           f"csv:{write_csv(cls.world.folder / 'people.csv', people())}")
        cls.world.serve()
        cls.office = cls.world.office("jiaxing", "3304", enrol=False)
        cls.world.platform("grant", "add", "jiaxing", "people", "--divisions", "3304", "--purposes", "verification",
                           "--export")
        cls.office.run("enroll", cls.world.folder / "jiaxing.enroll")
        cls.office.run("sync")

    def same_again(self, path):
        """Publishing the file changes nothing: every cell is as it was."""
        done = self.world.platform("publish", "people", "--from", f"csv:{path}", "--dry-run", "--json").json()
        self.assertEqual([done[kind] for kind in ("added", "changed", "removed")], [0, 0, 0], done)

    def export(self, *words, **options):
        return self.office.run("query", "people", "--limit", "0", "--purpose", "verification", *words, **options).out

    def test_csv(self):
        for words, env in ((["--bom"], None), ([], None), ([], {"LANG": "zh_CN.UTF-8"})):
            with self.subTest(f"{words} {env}"):
                text = self.export("--format", "csv", *words, env=env)
                self.assertTrue(text.splitlines()[-1].startswith("# "))
                path = self.world.folder / "export.csv"
                path.write_text(text, encoding="utf-8")
                self.same_again(path)

    def test_csv_of_the_api(self):
        self.office.start(poll="1h")
        wait_until((self.office.home / "api.sock").exists, 30, "the API listens")
        answer = ask(UnixConnection(self.office.home / "api.sock"),
                     "/api/v1/datasets/people/rows.csv?purpose=verification")
        self.office.stop()
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.body.splitlines()[-1].startswith("# "))
        path = self.world.folder / "api.csv"
        path.write_text(answer.body, encoding="utf-8")
        self.same_again(path)

    def test_csv_that_a_spreadsheet_saved_again(self):
        path = self.world.folder / "saved.csv"
        with open(path, "w", encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(self.export("--format", "csv").splitlines()))
            width = len(rows[0])
            csv.writer(file).writerows([row + [""] * (width - len(row)) for row in rows])
        self.same_again(path)

    def test_xlsx(self):
        path = self.world.folder / "export.xlsx"
        self.export("--format", "xlsx", "--out", path)
        header, *rows = sheet_rows(path)
        self.assertEqual(len(rows), ROWS)
        self.assertEqual([text for _, text in header], [column["title"]["en"] for column in DATASET["columns"]])
        for row in rows:
            for kind, text in row[:4]:  # those that are text
                self.assertEqual(kind, "inlineStr" if text else "", row)
        wanted = sorted(people())
        self.assertEqual(sorted([text for _, text in row] for row in rows), wanted)
        self.same_again(write_csv(self.world.folder / "from-xlsx.csv", [[text for _, text in row] for row in rows]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
