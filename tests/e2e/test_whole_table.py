"""The whole table, all partitions: equal rows, seconds and peak memory of the first sync and of a change."""
import unittest

from world import *


def peak_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(next(l for l in status if l.startswith("VmHWM")).split()[1])


class WholeTable(unittest.TestCase):
    def test_a_national_office_holds_everything_in_little_memory(self):
        with World() as world:
            world.make_realm()
            world.publish(OLD)
            world.serve()
            office = world.office("nation", "all")
            office.start(poll="1h")
            wait_until(lambda: at_head(office), 200, "the first sync")
            self.report(office, "first sync")
            self.assertEqual(office.rows(), rows_of(OLD, ""))
            world.publish(NEW)
            office.run("sync")
            self.report(office, "change 2.6.1 to 2.7.0")
            self.assertEqual(office.rows(), rows_of(NEW, ""))
            platform = digests_of_platform(world)
            self.assertEqual(digests_of_office(office), platform)
            shown = world.platform("dataset", "show", "villages", "--json").json()
            self.assertEqual(office.dataset()["digest"], shown["digest"])
            self.assertLess(peak_kib(office.daemon.pid), 150_000_000 / 1024)

    def report(self, office, what):
        last = office.status()["last_sync"]
        print(f"{what}: {last['rows']:,} rows, {last['bytes_down']:,} bytes down, "
              f"{last['seconds']:.1f} s, peak {peak_kib(office.daemon.pid) / 1024:.1f} MiB", flush=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
