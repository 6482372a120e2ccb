"""The overhead of a sync with news in one stream, without the pack itself: metadata, directory, headers.

A relay between office and gateway counts and prints every byte of every request, both ways.
"""
import threading
import unittest

from world import *

LIMIT = 4500  # bytes, both ways
VILLAGE = "330402007024"


class Relay:
    """Forwards bytes unchanged and counts them by requested path."""

    def __init__(self, port):
        self.port = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.requests = []  # [path, bytes up, bytes down]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            office, _ = self.listener.accept()
            gateway = socket.create_connection(("127.0.0.1", self.port))
            threading.Thread(target=self.up, args=(office, gateway), daemon=True).start()
            threading.Thread(target=self.down, args=(gateway, office), daemon=True).start()

    def up(self, office, gateway):
        while piece := office.recv(65536):
            words = piece.split(b" ", 2)
            if words[0] in (b"GET", b"HEAD", b"POST"):
                self.requests.append([words[1].decode(), 0, 0])
            self.requests[-1][1] += len(piece)
            gateway.sendall(piece)
        gateway.close()

    def down(self, gateway, office):
        try:
            while piece := gateway.recv(65536):
                self.requests[-1][2] += len(piece)
                office.sendall(piece)
        except OSError:
            pass


def renamed(day):
    """One village of prefecture 3304 has another name each day."""
    def edit(line):
        cells = line.split(",")
        return ",".join([cells[0], f'"村{day}"', *cells[2:]]) if cells[0] == VILLAGE else line
    return edit


def live_packs(world):
    return {str(path): path.stat().st_size for path in (world.realm / "repository/packs").rglob("*.pack")}


class Overhead(unittest.TestCase):
    def test_news_in_one_stream(self):
        with World() as world:
            relay = Relay(world.port)
            direct, world.url = world.url, relay.address
            world.make_realm()  # the invitation names the relay
            world.url = direct
            old = subset(OLD, world.folder / "day0.csv", "3304", "3305", "3306")
            world.publish(old)
            world.serve()
            office = world.office("jiaxing", "3304")
            office.run("sync")
            worst = 0
            for day in range(1, 21):
                world.publish(subset(OLD, world.folder / "day.csv", "3304", "3305", "3306",
                                     edit=renamed(day)))
                before = len(relay.requests)
                packs = live_packs(world)
                office.run("sync")
                last = office.status()["last_sync"]
                told = last["bytes_down"] + last["bytes_up"]
                asked = relay.requests[before:]
                seen = sum(up + down for _, up, down in asked)
                fetched = [path for path, _, _ in asked if path.startswith("/packs/")]
                self.assertEqual(len(fetched), 1)
                pack = packs[str(world.realm / "repository") + fetched[0]]
                beside = seen - pack
                worst = max(worst, beside)
                if day in (1, 8, 20):
                    print(f"day {day}: {beside} bytes beside a pack of {pack}, {len(asked)} requests")
                    for path, up, down in asked:
                        print(f"  {up:5} up {down:6} down  {path[:60]}")
                self.assertEqual(told, seen)
                self.assertTrue(at_head(office))
            print(f"most bytes beside the pack: {worst}")
            self.assertLessEqual(worst, LIMIT)

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
