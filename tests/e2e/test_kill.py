"""kill -9 at random moments of sync and push: 50 times the agent, 20 times the gateway."""
import unittest

from world import *


class Kill(unittest.TestCase):
    def test_agent_killed_fifty_times_finishes_by_itself(self):
        with World() as world:
            world.make_realm()
            world.publish(subset(OLD, world.folder / "old.csv", "33"))
            world.serve()
            office = world.office("zhejiang", "33")
            new = subset(NEW, world.folder / "new.csv", "33")
            submitted = []
            for round_ in range(50):
                office.start(poll="100ms")
                if round_ == 15:
                    world.publish(new)
                time.sleep(RANDOM.uniform(0.0, 0.35))
                if round_ % 3 == 0:
                    done = office.submit({**VISIT, "members": 1 + round_ % 30}, check=None)
                    if done.code == 0:
                        submitted.append(done.json()["id"])
                time.sleep(RANDOM.uniform(0.0, 0.25))
                office.stop(signal.SIGKILL)
            self.finish(world, office, submitted)

    def test_gateway_killed_twenty_times_loses_and_doubles_nothing(self):
        with World() as world:
            world.make_realm()
            world.publish(subset(OLD, world.folder / "old.csv", "33"))
            world.serve()
            office = world.office("zhejiang", "33")
            new = subset(NEW, world.folder / "new.csv", "33")
            office.start(poll="100ms")
            wait_until(lambda: "household-visit" in office.run("forms").out, 30, "the form arrives")
            submitted = []
            for round_ in range(20):
                if round_ == 5:
                    world.publish(new)
                submitted.append(office.submit({**VISIT, "members": 1 + round_}).json()["id"])
                time.sleep(RANDOM.uniform(0.0, 0.5))
                world.stop_gateway(signal.SIGKILL)
                world.serve()
            self.finish(world, office, submitted)

    def finish(self, world, office, submitted):
        if office.daemon.poll() is not None:
            office.start(poll="200ms")
        wait_until(lambda: at_head(office) and office.rows() == rows_of(NEW, "33"), 90, "rows equal")
        wait_until(lambda: office.outbox()["accepted"] >= len(submitted), 60, "records accepted")
        inbox = world.platform("inbox", "list", "--json").json()
        ids = [r["id"] for r in (inbox["records"] if isinstance(inbox, dict) else inbox)]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertTrue(set(submitted) <= set(ids), "a record that was saved is missing upstream")
        self.assertGreater(len(submitted), 5)
        platform = digests_of_platform(world)
        held = digests_of_office(office)
        self.assertEqual(held, {p: platform[p] for p in held})
        world.platform("verify")
        office.run("verify")


if __name__ == "__main__":
    unittest.main(verbosity=2)
