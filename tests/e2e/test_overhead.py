"""The overhead of a sync with news in one stream, without the pack itself: metadata, directory, headers.

A relay between office and gateway counts and prints every byte of every request, both ways.
"""
import unittest

from relay import Relay, bytes_of, pack_bytes, print_requests
from world import *

LIMIT = 4500  # bytes, both ways
VILLAGE = "330402007024"


def renamed(day):
    """One village of prefecture 3304 has another name each day."""
    def edit(line):
        cells = line.split(",")
        return ",".join([cells[0], f'"村{day}"', *cells[2:]]) if cells[0] == VILLAGE else line
    return edit


class Overhead(unittest.TestCase):
    def days(self, digits, division, limit):
        """News in one stream of one division each day: the most bytes beside the pack, and requests."""
        with World() as world:
            relay = Relay(world.port)
            definition = json.loads((DEMO / "villages.dataset.json").read_text())
            definition["division"]["digits"] = digits
            (world.folder / "villages.json").write_text(json.dumps(definition, ensure_ascii=False))
            run(PLATFORM, "init", world.realm, "--name", "Demo", "--url", relay.address)
            world.platform("dataset", "add", world.folder / "villages.json")
            world.publish(subset(OLD, world.folder / "day0.csv", "3304", "3305", "3306"))
            world.serve()
            office = world.office("own", division)
            for other in ("3305", "330411", "330402008"):  # so that the tree has branches
                if len(other) <= digits:
                    world.office(f"other-{other}", other, enrol=False)
            office.run("sync")
            relay.take()
            worst = 0
            for day in range(1, 21):
                world.publish(subset(OLD, world.folder / "day.csv", "3304", "3305", "3306",
                                     edit=renamed(day)))
                office.run("sync")
                last = office.status()["last_sync"]
                asked = relay.take()
                seen, pack = bytes_of(asked), pack_bytes(asked)
                self.assertEqual(len([one for one in asked if one.path.startswith("/packs/")]), 1)
                self.assertLessEqual(len(asked), 4)
                worst = max(worst, seen - pack)
                if day in (1, 8, 20):
                    print(f"day {day}: {seen - pack} bytes beside a pack of {pack}, "
                          f"{len(asked)} requests")
                    print_requests(asked)
                self.assertEqual(last["bytes_down"] + last["bytes_up"], seen)
                self.assertTrue(at_head(office))
            print(f"cut at {digits} digits: most bytes beside the pack: {worst}")
            self.assertLessEqual(worst, limit)

    def test_news_in_one_stream_of_a_prefecture(self):
        self.days(4, "3304", 3500)

    def test_news_in_one_stream_of_a_township(self):
        self.days(9, "330402007", LIMIT)

    def test_data_waits_for_its_hours_and_for_the_month(self):
        with World() as world:
            world.make_realm()
            world.publish(subset(OLD, world.folder / "day0.csv", "33"))
            world.serve()
            office = world.office("zhejiang", "33")
            hour = time.localtime().tm_hour
            closed = f"{(hour + 3) % 24:02}:00-{(hour + 4) % 24:02}:00"
            for variable, value, reason in (("ROOTLET_DOWNLOAD_HOURS", closed, "hours"),
                                            ("ROOTLET_MONTHLY_BYTES", "2k", "budget")):
                held = office.run("sync", env={variable: value})
                self.assertIn("rootlet sync --now", held.out)
                last = office.status()["last_sync"]
                self.assertEqual(last["held_back"]["reason"], reason)
                self.assertEqual(last["held_back"]["packs"], 11)
                self.assertFalse(at_head(office))
                self.assertIn("--now", office.run("status").out)
            office.run("sync", "--now", env={"ROOTLET_DOWNLOAD_HOURS": closed})
            self.assertTrue(at_head(office))
            status = office.status()
            self.assertIsNone(status["last_sync"]["held_back"])
            self.assertGreater(status["link"]["month_bytes"], status["last_sync"]["bytes_down"])
            world.publish(subset(OLD, world.folder / "day1.csv", "33", edit=renamed(1)))
            told = office.run("sync").err
            self.assertIn("1 packs to fetch", told)
            self.assertIn("less than a minute", told)


if __name__ == "__main__":
    unittest.main(verbosity=2)
