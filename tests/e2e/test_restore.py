"""A lost realm with real programs: a backup under a running gateway, a loss, a restore, and offices that
saw more than the backup."""
import shutil
import unittest

from world import *


class Restore(unittest.TestCase):
    def setUp(self):
        self.world = World().make_realm()
        self.addCleanup(self.world.__exit__, None, None, None)
        folder = self.world.folder
        self.old = subset(OLD, folder / "old.csv", "330402")
        self.new = subset(NEW, folder / "new.csv", "330402")
        self.phrase = folder / "backup.txt"
        self.phrase.write_text("the backup's passphrase\n")
        self.world.publish(self.old)
        self.world.serve()
        self.office = self.world.office("nanhu", "3304")

    def submit(self, name):
        self.office.submit({**VISIT, "name": name})
        self.office.run("sync")
        wait_until(lambda: name in self.names(), 20, f"{name} arrives")
        self.office.run("sync")

    def names(self):
        records = self.world.platform("inbox", "list", "--json").json()["records"]
        return sorted(self.world.platform("inbox", "show", record["id"], "--json").json()["values"]["name"]
                      for record in records)

    def holds(self, path):
        self.office.run("sync")
        self.assertEqual(self.office.rows(), rows_of(path, "330402"))

    def test_the_realm_goes_on_and_no_record_is_lost(self):
        backup = self.world.folder / "realm.backup"
        self.holds(self.old)
        self.submit("王小明")
        made = self.world.platform("realm", "backup", backup, "--passphrase-file", self.phrase, "--json").json()
        self.assertGreater(made["files"], 10)
        self.assertNotIn("王小明".encode(), backup.read_bytes())
        self.world.publish(self.new)
        self.holds(self.new)
        self.submit("李四")

        self.world.stop_gateway()
        shutil.rmtree(self.world.realm)
        restore = ("realm", "restore", backup, self.world.realm, "--passphrase-file")
        wrong = self.world.folder / "wrong.txt"
        wrong.write_text("not the passphrase\n")
        self.world.platform(*restore, wrong, check=4)
        self.assertFalse(self.world.realm.exists())
        said = self.world.platform(*restore, self.phrase, "--json").json()
        self.assertEqual(said["foreign_roles"], [])
        self.world.platform(*restore, self.phrase, check=2)  # never over a realm
        self.world.platform("verify")
        self.world.serve()
        self.holds(self.old)  # what the realm knows
        self.assertEqual(self.names(), ["王小明"])
        self.world.publish(self.new)
        self.holds(self.new)
        self.submit("张三")
        wait_until(lambda: self.names() == sorted(["王小明", "李四", "张三"]), 20, "the lost record comes again")
        self.office.run("sync")
        self.assertEqual({key: count for key, count in self.office.outbox().items() if count}, {"accepted": 3})
        self.assertEqual(self.office.run("doctor", check=None).out.count("fork"), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
