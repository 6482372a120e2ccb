"""Enrolment and loss with the real programs: without a link, with a spoiled copy, after a loss."""
import unittest

from world import *


class Enrolment(unittest.TestCase):
    def setUp(self):
        self.world = World().make_realm()
        self.addCleanup(self.world.__exit__, None, None, None)
        self.world.publish(subset(OLD, self.world.folder / "old.csv", "330402"))

    def repository(self):
        return self.world.realm / "repository"

    def finding(self, office, name):
        checks = office.run("doctor", "--json", check=None).json()["checks"]
        return next(check["words"]["en"] for check in checks if check["name"] == name)

    def synced(self, office):
        office.run("sync", "--from", self.repository())
        self.assertEqual(office.rows(), rows_of(self.world.folder / "old.csv", "330402"))

    def test_without_a_link(self):
        office = self.world.office("nanhu", "3304", enrol=False)
        folder = self.world.folder
        request, answer = folder / "request", folder / "answer"
        office.run("enroll", folder / "nanhu.enroll", "--offline", request)
        self.world.platform("office", "approve", request, "--out", answer)
        said = office.run("enroll", answer)
        self.assertIn("nanhu", said.out)
        self.assertEqual(office.status()["state"], "enrolled")
        self.assertIn("already", office.run("enroll", answer).out)
        self.synced(office)
        # Another machine of the realm does not take this answer.
        other = self.world.office("xiuzhou", "3304", enrol=False)
        other.run("enroll", answer, check=7)
        other.run("enroll", folder / "xiuzhou.enroll", "--offline", folder / "r2")
        other.run("enroll", answer, check=4)

    def test_a_copy_with_a_mark_and_other_line_ends_is_the_same_invitation(self):
        office = self.world.office("nanhu", "3304", enrol=False)
        folder = self.world.folder
        text = (folder / "nanhu.enroll").read_bytes()
        copy = folder / "copy.enroll"
        copy.write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
        office.run("enroll", folder / "nanhu.enroll", check=3)  # no gateway yet: pending
        self.world.serve()
        office.run("enroll", copy)
        self.assertIn("already", office.run("enroll", folder / "nanhu.enroll").out)
        self.synced(office)

    def test_a_replaced_machine_comes_back(self):
        self.world.serve()
        office = self.world.office("nanhu", "3304")
        self.synced(office)
        office.submit(VISIT)
        (office.home / "machine.key").unlink()
        for words in (("status",), ("sync",), ("enroll", self.world.folder / "nanhu.enroll")):
            said = office.run(*words, check=6)
            self.assertIn("machine.key is missing", said.err)
            self.assertIn("office reinvite", said.err)
        self.assertIn("reinvite", self.world.platform(
            "office", "add", "nanhu", "--division", "330402", "--name", "n", check=2).err)
        fresh = self.world.folder / "again.enroll"
        self.world.platform("office", "reinvite", "nanhu", "--out", fresh)
        listed = self.world.platform("office", "list", "--json").json()["offices"][0]
        self.assertEqual(listed["state"], "reinvited")
        self.assertEqual(len(listed["former_keys"]), 1)
        office.run("enroll", fresh, check=6)
        office.run("enroll", fresh, "--accept-loss")
        self.synced(office)
        self.assertTrue(list(office.home.glob("lost-*/outbox.db")))

    def test_a_lost_outbox_is_said_and_begun_again_on_a_word(self):
        self.world.serve()
        office = self.world.office("nanhu", "3304")
        office.run("sync")
        office.submit(VISIT)
        office.run("outbox", "restart", "--accept-loss", check=2)  # it is whole
        for file in office.home.glob("outbox.db*"):
            file.unlink()
        office.submit(VISIT, check=6)
        self.assertIn("outbox restart --accept-loss", office.run("outbox", check=6).err)
        self.assertIn("outbox.db", office.run("status").out)
        self.assertIn("outbox.db", self.finding(office, "outbox"))
        self.assertFalse((office.home / "outbox.db").exists())
        office.run("outbox", "restart", check=2)
        said = office.run("outbox", "restart", "--accept-loss", "--json").json()
        self.assertEqual(said["lost"]["unsent"], 1)
        office.submit(VISIT)
        office.run("sync")
        self.assertIn("0 records", self.finding(office, "outbox"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
