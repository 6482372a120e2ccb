"""The pages of docs/sources are true: each is played word for word, in the order of the README's table, on one realm, with a
PostgreSQL server whose socket lies where the pages say. A block with a file's name becomes that file, SQL runs on the server (or
makes the named SQLite file), and the lines of blocks marked sh run in a shell, with what the page exported before; the first error ends the page."""
import sqlite3
import unittest

from test_sources import Postgres, write_xlsx
from world import *

PAGES = SOURCE / "docs" / "sources"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)
ROWS = [{"id": 1, "code": "330402", "name": "王小明", "born": "1980-02-29", "amount": "12.50"},
        {"id": 2, "code": "330402", "name": "Li, Na", "born": "1991-07-01", "amount": None},
        {"id": 3, "code": "330411", "name": "张伟", "born": None, "amount": "0.10"}]


def pages():
    """In the order of the table, the table's own page first."""
    return ["README.md", *re.findall(r"^\| \[[^]]+\]\((\w+\.md)\)", (PAGES / "README.md").read_text(), re.MULTILINE)]


class Pages(unittest.TestCase):
    def test_every_page_is_in_the_table(self):
        self.assertEqual(sorted(pages()), sorted(path.name for path in PAGES.glob("*.md")))

    def test_every_page_runs_word_for_word(self):
        with World() as world:
            world.make_realm()
            self.folder, self.realm = world.folder, world.realm
            self.postgres = Postgres(world.folder)
            self.addCleanup(self.postgres.stop)
            write_xlsx(world.folder / "people.xlsx", ROWS, list(ROWS[0]))
            held = {}
            for page in pages():
                self.play(page)
                held[page] = self.rows_of(world)
            # Every page of a whole table leaves the same table.
            whole = [page for page in pages() if page not in ("README.md", "changes.md", "exchange.md", "follow.md")]
            self.assertEqual({page: held[page] for page in whole}, {page: held["csv.md"] for page in whole})
            self.assertEqual(held["csv.md"][1], 3)
            self.assertEqual(held["changes.md"][1], 3)
            self.assertEqual(held["follow.md"][1], 2)

    def rows_of(self, world):
        shown = world.platform("dataset", "show", "people", "--json").json()["streams"]
        return [stream["digest"] for stream in shown], sum(stream["rows"] for stream in shown)

    def play(self, page):
        exports = ""
        for kind, name, text in BLOCK.findall((PAGES / page).read_text()):
            text = text.replace("/run/postgresql", str(self.postgres.folder / "pg"))
            if kind == "sh":
                self.run_lines(page, exports + text)
                exports += "".join(re.findall(r"^export .*\n", text, re.MULTILINE))
            elif kind == "sql" and not name:
                self.postgres.sql(text)
            elif kind == "sql":
                with sqlite3.connect(self.folder / name) as base:
                    base.executescript(text)
                base.close()
            elif name:
                (self.folder / name).write_text(text)

    def run_lines(self, page, lines):
        environment = {**os.environ, "PATH": f"{PLATFORM.parent.resolve()}:{os.environ['PATH']}", "ROOTLET_REALM": str(self.realm),
                       "LANG": "C.UTF-8"}
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", lines], cwd=self.folder, env=environment,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, f"{page}:\n{lines}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    unittest.main()
