"""Reconciliation sheets of both ends: what an office holds, as its batches say, beside what was published."""
import shutil
import unittest

from world import *


class Sheets(unittest.TestCase):
    def test_both_ends_compare(self):
        with World() as world:
            self.world = world
            world.make_realm()
            self.table = subset(OLD, world.folder / "villages.csv", "330402", "330411")
            world.publish(self.table)
            world.serve()
            office = world.office("jiaxing", "3304")
            office.run("sync")
            sheets = office.run("sheets", "--json").json()["sheets"]
            self.assertEqual(len(sheets), 1)
            held = {(one["dataset"], one["partition"]): one for one in sheets[0]["streams"]}
            published = digests_of_platform(world)
            self.assertEqual({partition: one["digest"] for (_, partition), one in held.items()},
                             {partition: digest[:16] for partition, digest in published.items()})
            self.assertEqual(self.sheet()["offices"], [])
            self.report(office)
            self.assertEqual(self.counts(), {"same": len(held)})
            self.publish_without(5)
            self.assertEqual(sum(self.counts().values()), len(held))
            self.assertGreaterEqual(self.counts().get("behind", 0), 1)
            office.run("sync")
            self.report(office)
            self.assertEqual(self.counts(), {"same": len(held)})
            self.assertEqual(len(office.run("sheets", "--json").json()["sheets"]), 2)
            self.put_back(lambda: (self.publish_without(9), office.run("sync"), self.report(office)))
            self.publish_without(12)
            refused = world.platform("office", "sheet", "jiaxing", check=4)
            self.assertIn("differs", refused.out)
            world.platform("office", "sheet", check=4)

    def report(self, office):
        """A batch says what is held, and only records make one."""
        office.submit(VISIT)
        office.run("sync")

    def sheet(self, **options):
        return self.world.platform("office", "sheet", "--json", **options).json()

    def counts(self):
        return {state: count for state, count in self.sheet()["counts"].items() if count}

    def publish_without(self, number):
        """A table of its own, in which one row is missing."""
        lines = self.table.read_text().splitlines(keepends=True)
        path = self.world.folder / f"without-{number}.csv"
        path.write_text("".join(lines[:number] + lines[number + 1:]))
        self.world.publish(path)

    def put_back(self, meanwhile):
        """The publishing home from before `meanwhile`, as a careless restore brings it back; the intake home stays."""
        kept = ("platform.db", "state")
        for name in kept:
            source, target = self.world.realm / name, self.world.folder / f"kept-{name}"
            (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
        meanwhile()
        self.world.stop_gateway()
        for name in kept:
            source, target = self.world.folder / f"kept-{name}", self.world.realm / name
            if target.is_dir():
                shutil.rmtree(target)
            for old in self.world.realm.glob(name + "-*"):
                old.unlink()
            (shutil.copytree if source.is_dir() else shutil.copy)(source, target)


if __name__ == "__main__":
    unittest.main(verbosity=2)
