"""What the platform grants and takes back, with the real programs over HTTP: certificates and who still holds a dataset,
withdrawn datasets, lost machines, modes, emergency grants and caps."""
import datetime
import unittest

from world import *

KEY, NAME = (cell.strip('"') for cell in rows_of(OLD, "330402")[0].split(",")[:2])
FOR = ("--purpose", "address-lookup")


def day_after(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days)).date().isoformat()


class Grants(unittest.TestCase):
    def setUp(self):
        self.world = World().__enter__()
        self.addCleanup(self.world.__exit__, None, None, None)
        self.world.make_realm()
        self.world.publish(subset(OLD, self.world.folder / "small.csv", "3304", "3305", "3306"))
        self.world.serve()
        self.office = self.world.office("jiaxing", "3304")
        self.office.run("sync")

    def platform(self, *words, **options):
        return self.world.platform(*words, **options)

    def holders(self):
        shown = self.platform("dataset", "holders", "villages", "--json").json()
        self.assertEqual(len(shown["holders"]), shown["holds"] + shown["erased"] + shown["unknown"])
        return {one["office"]: one for one in shown["holders"]}

    def test_certificates_say_who_still_holds_a_dataset(self):
        other = self.world.office("huzhou", "3305")
        other.run("sync")
        far = self.world.office("shaoxing", "3306")
        far.run("sync")
        self.assertEqual({one["state"] for one in self.holders().values()}, {"holds"})
        rows = self.office.dataset()["rows"]
        self.platform("grant", "remove", "jiaxing", "villages")
        self.platform("office", "revoke", "huzhou")
        self.assertEqual(self.holders()["jiaxing"]["state"], "unknown")
        self.office.run("sync")
        other.run("sync", check=None)  # its batches are refused, and its certificate is counted
        held = self.holders()
        self.assertEqual(held["jiaxing"]["state"], "erased")
        self.assertEqual(held["jiaxing"]["certificate"]["rows"], rows)
        self.assertEqual(held["jiaxing"]["certificate"]["reason"], "order")
        self.assertEqual(held["huzhou"]["certificate"]["reason"], "revoked")
        self.assertEqual(held["shaoxing"]["state"], "holds")
        offices = self.platform("office", "list", "--json").json()["offices"]
        self.assertEqual({o["id"]: o["kept_batches"] for o in offices if o["kept_batches"]}, {"huzhou": 1})

        withdrawn = self.platform("dataset", "withdraw", "villages", "--reason", "order 17", "--json").json()
        self.assertEqual((withdrawn["grants"], withdrawn["dataset"]), (2, "villages"))  # one is of a revoked office
        packs = [path for path in (self.world.realm / "repository" / "packs").rglob("*.packs")]
        self.assertEqual(packs, [])
        self.assertEqual(self.holders()["shaoxing"]["state"], "unknown")
        far.run("sync")
        self.assertEqual(self.holders()["shaoxing"]["state"], "erased")
        self.assertFalse((far.home / "datasets" / "villages.db").exists())
        refused = self.platform("dataset", "add", DEMO / "villages.dataset.json", check=2)
        self.assertIn("never used again", refused.err)
        refused = self.world.publish(OLD, check=2)
        self.assertIn("was withdrawn at", refused.err)
        self.assertEqual(self.platform("verify", "--json").code, 0)

    def test_a_machine_reports_itself_lost_and_only_the_platform_unlocks_it(self):
        self.office.start()
        wait_until((self.office.home / "agent.sock").exists, 20, "the daemon listens")
        self.assertTrue(self.office.rows())
        self.office.run("lost", check=2)
        said = self.office.run("lost", "--reason", "stolen", "--json").json()
        self.assertTrue(said["locked"])
        refused = self.office.run("show", "villages", KEY, *FOR, check=5)
        self.assertIn("reported lost", refused.err)
        self.office.stop(signal.SIGKILL)
        self.office.start()
        wait_until((self.office.home / "agent.sock").exists, 20, "the daemon listens")
        self.office.run("show", "villages", KEY, *FOR, check=5)
        self.assertEqual(self.office.status()["loss"]["reason"], "stolen")
        self.assertNotEqual(self.office.run("doctor", check=None).code, 0)

        def loss():
            return self.platform("office", "list", "--json").json()["offices"][0]["loss"]
        wait_until(loss, 30, "the platform has the report")
        self.assertIn("office reinvite jiaxing", self.platform("office", "list").out)
        self.platform("grant", "set", "jiaxing", "villages", "--lease-days", "20")
        self.office.run("sync")
        self.office.run("show", "villages", KEY, *FOR, check=5)
        self.platform("office", "resume", "jiaxing")
        self.assertIsNone(loss())
        self.platform("office", "resume", "jiaxing", check=2)
        self.office.run("sync")
        self.office.run("show", "villages", KEY, *FOR)
        self.assertIsNone(self.office.status()["loss"])

    def test_modes_show_what_they_say_and_no_more(self):
        self.assertIn(NAME, self.office.run("show", "villages", KEY, *FOR).out)
        self.platform("grant", "set", "jiaxing", "villages", "--mode", "verify", check=8)  # it allows exports
        self.platform("grant", "set", "jiaxing", "villages", "--mode", "verify", "--no-export")
        self.office.run("sync")
        for words in (["show", "villages", KEY], ["query", "villages"], ["search", "330402", "--dataset", "villages"],
                      ["sql", "SELECT count(*) FROM villages"], ["query", "villages", "--format", "csv"]):
            refused = self.office.run(*words, *FOR, check=5)
            self.assertEqual(refused.out, "", words)
        self.assertEqual(self.office.run("check", "villages", KEY, f"name={NAME}", *FOR).out, "yes\n")
        self.assertEqual(self.office.run("check", "villages", KEY, "name=elsewhere", *FOR).out, "no\n")
        self.assertTrue(self.office.run("check", "villages", KEY, *FOR, "--json").json()["row"])
        self.assertFalse(self.office.run("check", "villages", "999", *FOR, "--json").json()["row"])
        self.office.run("check", "villages", KEY, "name", *FOR, check=8)
        self.office.run("check", "villages", KEY, "name=x", "--purpose", "marketing", check=5)
        ledger = self.office.run("ledger", "list", "--json").out
        self.assertIn('"check"', ledger)
        self.assertNotIn(NAME, ledger)
        self.platform("grant", "set", "jiaxing", "villages", "--mode", "none")
        self.office.run("sync")
        self.assertIn("asked online only", self.office.run("check", "villages", KEY, *FOR, check=5).err)
        self.assertFalse((self.office.home / "datasets" / "villages.db").exists())
        self.assertEqual(self.holders()["jiaxing"]["state"], "erased")

    def test_emergency_grants_are_short_and_caps_are_kept(self):
        self.platform("grant", "remove", "jiaxing", "villages")
        add = ("grant", "add", "jiaxing", "villages", "--divisions", "3304", "--purposes", "address-lookup")
        self.platform(*add, "--emergency", check=8)  # without a reason
        self.platform(*add, "--reason", "flood", check=8)
        refused = self.platform(*add, "--emergency", "--reason", "flood", "--until", day_after(31), check=8)
        self.assertIn("at most 30 days", refused.err)
        self.platform(*add, "--max-rows", "0", check=2)
        self.platform(*add, "--max-rows", "1000001", check=2)
        made = self.platform(*add, "--emergency", "--reason", "flood", "--until", day_after(20), "--max-rows", "30",
                             "--json").json()
        self.assertEqual((made["emergency"]["reason"], made["max_rows"], made["max_exports"]), ("flood", 30, None))
        self.platform("grant", "set", "jiaxing", "villages", "--until", day_after(40), check=8)
        self.platform("grant", "set", "jiaxing", "villages", "--until", day_after(25))
        self.assertIn("emergency", self.platform("grant", "list").out)
        self.office.run("sync")
        self.assertIn("emergency grant", self.office.run("status").out)
        self.assertEqual(self.office.dataset()["emergency"]["reason"], "flood")
        shown = self.office.run("query", "villages", "--limit", "20", *FOR, "--json").json()["results"][0]
        self.assertTrue(shown["provenance"]["emergency"])
        self.assertEqual(len(shown["rows"]), 20)
        left = self.office.run("query", "villages", "--limit", "20", *FOR)
        self.assertIn("emergency grant", left.out + left.err)
        refused = self.office.run("query", "villages", "--limit", "20", *FOR, check=5)  # 20 and 10
        self.assertIn("within a day: 30", refused.err)
        entry = self.office.run("ledger", "list", "--json").json()["entries"][0]
        self.assertTrue(entry["emergency"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
