"""The cost of an idle daemon: memory, processor time, bytes of a poll without news."""
import unittest

from world import *


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(next(l for l in status if l.startswith("VmRSS")).split()[1])


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Idle(unittest.TestCase):
    def test_small_quiet_and_thrifty(self):
        with World() as world:
            world.make_realm()
            world.publish(subset(OLD, world.folder / "old.csv", "33"))
            world.serve()
            office = world.office("zhejiang", "33")
            office.start(poll="1h")
            wait_until(lambda: at_head(office), 60, "the first sync")
            time.sleep(1.5)
            before = cpu_seconds(office.daemon.pid)
            time.sleep(5)
            spent = cpu_seconds(office.daemon.pid) - before
            resident = resident_kib(office.daemon.pid)
            print(f"idle: {resident / 1024:.1f} MiB resident, {spent:.2f} s of processor in 5 s")
            self.assertLess(resident, 25_000_000 / 1024)
            self.assertLessEqual(spent, 0.01)
            office.run("sync")
            last = office.status()["last_sync"]
            wire = last["bytes_down"] + last["bytes_up"]
            print(f"poll without news: {wire} bytes both ways, {last['requests']} requests")
            self.assertLess(wire, 1500)
            self.assertEqual(last["packs"], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
