"""A watch over the villages: a release brings exactly the rows that a comparison of the two tables finds."""
import csv
import unittest

from world import *

NAME = "社区"


def matching(path):
    """Rows whose name contains NAME, by code."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return {row[0]: row for row in rows if NAME in row[1]}


def compared(old, new):
    kinds = {}
    for code in old.keys() | new.keys():
        if code not in old:
            kinds[code] = "new"
        elif code not in new:
            kinds[code] = "vanished"
        elif old[code] != new[code]:
            kinds[code] = "changed"
    return kinds


class Watch(unittest.TestCase):
    def test_a_release_brings_what_a_comparison_of_the_tables_finds(self):
        with World() as world:
            world.make_realm()
            old = subset(OLD, world.folder / "old.csv", "3304", "3305")
            new = subset(NEW, world.folder / "new.csv", "3304", "3305")
            world.publish(old)
            world.serve()
            office = world.office("huzhou", "3304", "3305")
            office.run("sync")
            wanted = compared(matching(old), matching(new))
            self.assertTrue({"new", "changed", "vanished"} & set(wanted.values()))
            add = ["watch", "add", "communities", "villages", "--where", f"name=like.*{NAME}*",
                   "--purpose", "address-lookup"]
            office.run(*add)
            self.assertIn("already", office.run(*add, check=2).err)  # one of a name
            self.assertEqual(self.counts(office), {"new": 0, "changed": 0, "vanished": 0})

            world.publish(new)
            office.run("sync")
            kinds = list(wanted.values())
            self.assertEqual(self.counts(office),
                             {kind: kinds.count(kind) for kind in ("new", "changed", "vanished")})
            shown = office.run("watch", "show", "communities", "--json").json()
            self.assertFalse(shown["more"])
            self.assertEqual(shown["provenance"]["dataset"], "villages")
            self.assertEqual({hit["key"][0]: hit["kind"] for hit in shown["hits"]}, wanted)
            rows = matching(new)
            for hit in shown["hits"]:
                if hit["kind"] == "vanished":
                    self.assertIsNone(hit["row"])
                else:
                    self.assertEqual(hit["row"]["name"], rows[hit["key"][0]][1])

            office.run("watch", "seen", "communities")
            self.assertEqual(self.counts(office), {"new": 0, "changed": 0, "vanished": 0})
            office.run("watch", "remove", "communities")
            self.assertEqual(office.run("watch", "list", "--json").json()["watches"], [])
            self.assertIn("no watch", office.run("watch", "show", "communities", check=8).err)

    def counts(self, office):
        [watch] = office.run("watch", "list", "--json").json()["watches"]
        return {kind: watch[kind] for kind in ("new", "changed", "vanished")}


if __name__ == "__main__":
    unittest.main(verbosity=2)
