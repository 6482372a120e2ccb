"""The main job end to end: publish a table, sync it, change it; take records in once, with receipts."""
import unittest

from world import *


class MainJob(unittest.TestCase):
    def test_rows_equal_the_csv_and_nothing_is_readable_at_rest(self):
        with World() as world:
            world.make_realm()
            world.publish(OLD)
            world.serve()
            office = world.office("jiaxing", "3304")
            province = world.office("zhejiang", "33")
            for one, prefix in ((office, "3304"), (province, "33")):
                one.run("sync")
                self.assertEqual(one.rows(), rows_of(OLD, prefix))
            self.assertEqual(office.rows("330402"), rows_of(OLD, "330402"))

            world.publish(NEW)
            platform = digests_of_platform(world)
            for one, prefix in ((office, "3304"), (province, "33")):
                one.start()
                wait_until(lambda: at_head(one) and one.rows() == rows_of(NEW, prefix), 60,
                           "the change arrives")
                held = digests_of_office(one)
                self.assertTrue(held)
                self.assertEqual(held, {p: platform[p] for p in held})
                self.assertTrue(all(p.startswith(prefix) for p in held))

            self.check_at_rest(world, office)

    def check_at_rest(self, world, office):
        name = "王小明-planted"
        office.submit({**VISIT, "name": name})
        village = rows_of(NEW, "3304")[0].split(",")[1].strip('"')
        wait_until(lambda: office.outbox()["accepted"] == 1, 30, "the record is accepted")
        needles = (village, name, VISIT["id_number"])
        self.assertEqual(files_with(office.home, *needles), [])
        office.stop(signal.SIGKILL)
        self.assertEqual(files_with(office.home, *needles), [])
        self.assertEqual(files_with(world.realm, *needles), [])

    def test_offline_records_arrive_once_with_receipts(self):
        with World() as world:
            world.make_realm()
            world.publish(subset(OLD, world.folder / "small.csv", "3304"))
            world.serve()
            office = world.office("jiaxing", "3304")
            office.run("sync")
            world.stop_gateway()
            office.start()

            ids = [office.submit(VISIT).json()["id"] for _ in range(2)]
            refused = office.submit({**VISIT, "id_number": "110105194912310021"}, check=8)
            self.assertIn("id_number", refused.out + refused.err)
            waiting = office.outbox()  # once: the daemon may be sealing them
            self.assertEqual(waiting["saved"] + waiting["sealed"], 2)
            self.assertEqual(office.run("sync", check=3).code, 3)

            world.serve()
            wait_until(lambda: office.outbox()["accepted"] == 2, 60, "both are accepted")
            inbox = world.platform("inbox", "list", "--json").json()
            records = inbox["records"] if isinstance(inbox, dict) else inbox
            self.assertEqual(sorted(r["id"] for r in records), sorted(ids))
            shown = office.run("outbox", "show", ids[0], "--json").json()
            self.assertEqual(shown["state"], "accepted")
            self.assertTrue(shown["receipts"])

    def test_refusals_have_their_exit_codes(self):
        with World() as world:
            world.make_realm()
            world.publish(subset(OLD, world.folder / "small.csv", "3304"))
            world.serve()
            stranger = Office(world, "stranger")
            stranger.run("sync", check=7)
            office = world.office("jiaxing", "3304", purposes="address-lookup")
            office.run("sync")
            office.run("query", "villages", "--purpose", "marketing", check=5)
            office.run("query", "villages", "--purpose", "verification", check=5)
            office.run("query", "villages", check=2)
            office.run("query", "villages", "--where", "nosuch=eq.1", "--purpose", "address-lookup",
                       check=8)
            office.run("search", "村", "--purpose", "address-lookup", "--json")
            office.start()
            wait_until(lambda: (office.home / "agent.sock").exists(), 10, "the daemon listens")
            office.run("run", check=6)


if __name__ == "__main__":
    unittest.main(verbosity=2)
