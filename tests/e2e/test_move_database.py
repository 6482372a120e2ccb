"""A realm moves from its files to PostgreSQL: killed again and again, with its gateway still running, and every record
is there once afterwards."""
import unittest

from test_shared_database import Server
from world import *


class ToPostgres(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.__exit__, None, None, None)
        self.server = Server(self.world.folder / "pg")
        self.addCleanup(self.server.stop)
        self.address = "postgres:" + self.server.address

    def inbox(self):
        return sorted(record["id"] for record in self.world.platform("inbox", "list", "--json").json()["records"])

    def restart_gateway(self):
        self.world.stop_gateway()
        self.world.serve()

    def test_moves_while_it_is_killed_and_while_offices_send(self):
        world = self.world
        world.make_realm()
        world.publish(subset(OLD, world.folder / "old.csv", "3304"))
        world.serve()
        office = world.office("nanhu", "3304")
        office.run("sync")
        sent = [office.submit(VISIT).json()["id"] for _ in range(5)]
        office.run("sync")
        wait_until(lambda: self.inbox() == sorted(sent), 30, "the records are validated")
        move = [str(word) for word in (PLATFORM, "--realm", world.realm, "realm", "migrate", "--database", self.address)]
        for _ in range(4):
            child = subprocess.Popen(move, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
            time.sleep(RANDOM.uniform(0.0, 0.4))
            child.kill()
            if child.wait(20) == 0 or (world.realm / "database").exists():
                break  # it was faster
        if not (world.realm / "database").exists():
            said = world.platform("realm", "migrate", "--database", self.address, "--json").json()
            self.assertGreater(said["rows"], 20)
        # Killed between the last two steps: the files are done with, and no home has its address yet.
        for home in ("", "serving", "intake"):
            (world.realm / home / "database").unlink()
        world.platform("verify", check=None)
        world.platform("realm", "migrate", "--database", self.address)
        # The gateway of before takes nothing in that would be lost.
        late = office.submit({**VISIT, "members": 4}).json()["id"]
        office.run("sync", check=None)
        self.assertNotEqual(office.outbox()["accepted"], 6)
        self.restart_gateway()
        wait_until(lambda: office.run("sync", check=None).code == 0 and self.inbox() == sorted([*sent, late]), 30,
                   "the record arrives in the database")
        new = subset(NEW, world.folder / "new.csv", "3304")
        world.publish(new)
        office.run("sync")
        self.assertEqual(office.rows(), rows_of(new, "3304"))
        more = world.office("xiuzhou", "3304")
        more.run("sync")
        world.platform("verify")
        world.platform("realm", "migrate", "--database", self.address, check=2)
        # The database is this realm's.
        other = world.folder / "other"
        run(PLATFORM, "init", other, "--name", "Other")
        said = run(PLATFORM, "--realm", other, "realm", "migrate", "--database", self.address, check=2)
        self.assertIn("another realm", said.err)
        run(PLATFORM, "--realm", other, "verify")


if __name__ == "__main__":
    unittest.main(verbosity=2)
