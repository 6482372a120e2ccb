"""The realm's keys change while clients follow: our agent, `rootlet trust`, and tuf-js, a client of The
Update Framework that others wrote. All over HTTP from a real `serve`.
"""
import os
import pty
import shutil
import unittest

from world import *

JS = SOURCE / "tests" / "e2e" / "tuf_js"
NODE = next(MODULES.glob("node-linux-*/bin/node"))
THIEF = PROGRAMS / "tests" / "e2e" / "thief"
ROOT_NODE = "directory/all.pack"
PHRASES = ["the first holder", "the second holder", "the third holder"]


def setUpModule():
    if not (JS / "node_modules").exists():
        raise RuntimeError("the npm packages of this test are missing; run scripts/deps.sh first")


class Client:
    """A folder of trusted metadata that begins with the realm's first root."""

    def __init__(self, world, name):
        self.world, self.folder = world, world.folder / name
        self.targets = self.folder / "targets"
        self.targets.mkdir(parents=True)
        self.root = self.folder / "root.json"
        shutil.copy(world.realm / "repository" / "metadata" / "1.root.json", self.root)
        self.metadata_url = f"{world.url}/metadata"


class TufJs(Client):
    """What it trusts after an update and a download, or None if it refuses."""

    def follow(self):
        done = run(NODE, JS / "follow.mjs", self.folder, self.metadata_url, self.targets, self.world.url, ROOT_NODE,
                   check=None)
        self.said = done.err
        if done.code:
            return None
        return {**done.json(), "bytes": (self.targets / "target").read_bytes()}


class OurTrust(Client):
    def __init__(self, world, name):
        super().__init__(world, name)
        self.trusted = self.folder / "trusted"
        run(AGENT, "trust", "--metadata-dir", self.trusted, "init", self.root)

    def follow(self):
        done = run(AGENT, "trust", "--metadata-dir", self.trusted, "--metadata-url", self.metadata_url, "--target-name",
                   ROOT_NODE, "--target-base-url", self.world.url, "--target-dir", self.targets, "download", check=None)
        self.said = done.err
        if done.code:
            return None
        read = lambda role: json.loads((self.trusted / f"{role}.json").read_text())["signed"]["version"]
        file = re.search(r", in (\S+)", done.out)[1]
        return {"bytes": Path(file).read_bytes(),
                **{role: read(role) for role in ("root", "timestamp", "snapshot", "directory")}}


class Keys(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.__exit__, None, None, None)
        folder = self.world.folder
        for number, phrase in enumerate(PHRASES, 1):
            (folder / f"{number}.txt").write_text(phrase + "\n")
        (folder / "all.txt").write_text("\n".join(PHRASES) + "\n")
        run(PLATFORM, "init", self.world.realm, "--name", "Demo", "--url", self.world.url, "--passphrase-file",
            folder / "all.txt")
        self.world.platform("dataset", "add", DEMO / "villages.dataset.json")
        self.world.platform("form", "add", DEMO / "household-visit.form.json")
        self.old = subset(OLD, folder / "old.csv", "330402")
        self.new = subset(NEW, folder / "new.csv", "330402")
        self.world.publish(self.old)
        self.world.serve()
        self.office = self.world.office("nanhu", "3304")
        self.office.run("sync")
        self.clients = [TufJs(self.world, "js"), OurTrust(self.world, "ours")]
        self.all_follow(root=1)

    def holder(self, number):
        return ("--key", self.world.realm / "keys" / f"root-{number}.json", "--passphrase-file",
                self.world.folder / f"{number}.txt")

    def signed_here(self):
        return ("--passphrase-file", self.world.folder / "all.txt")

    def all_follow(self, root):
        """Both clients trust the same versions, and hold the same root node."""
        seen = []
        for client in self.clients:
            found = client.follow()
            self.assertIsNotNone(found, client.said)
            found.pop("file", None)
            seen.append(found)
        self.assertEqual(seen[0], seen[1])
        self.assertEqual(seen[0]["root"], root)
        return seen[0]

    def office_holds(self, path):
        self.office.run("sync")
        self.assertEqual(self.office.rows(), rows_of(path, "330402"))

    def test_publishes_a_root_that_holders_sign_far_apart_and_new_keys_of_every_role(self):
        folder, platform = self.world.folder, self.world.platform
        self.world.publish(self.new)
        self.all_follow(root=1)
        # A fourth holder makes a key elsewhere; two of the old holders sign for it, each at home.
        (folder / "4.txt").write_text("the fourth holder\n")
        made = run(PLATFORM, "root", "new-key", folder / "four.json", "--new-passphrase-file", folder / "4.txt", "--json").json()
        draft = folder / "draft.json"
        platform("root", "add-key", folder / "four.json.pub", "--out", draft)
        platform("root", "publish", draft, check=2)
        for number in (1, 3):
            unasked = run(PLATFORM, "root", "sign", draft, *self.holder(number), check=2)
            self.assertIn(f"root key {made['id'][:12]} comes", unasked.err)
            said = run(PLATFORM, "root", "sign", draft, *self.holder(number), "--yes", "--json")
            self.assertIn("from version 1 to version 2", said.err)
        self.assertTrue(said.json()["complete"])
        platform("root", "publish", draft)
        self.all_follow(root=2)
        platform("root", "publish", draft, check=2)  # once
        platform("root", "remove-key", platform("root", "list", "--json").json()["keys"][1]["id"][:12], *self.signed_here())
        signed = ("--key", self.world.realm / "keys" / "root-1.json", "--key", self.world.realm / "keys" / "root-3.json",
                  "--key", folder / "four.json", "--passphrase-file", self.all_phrases())
        platform("root", "threshold", "3", *signed)
        keys = platform("root", "list", "--json").json()
        self.assertEqual((len(keys["keys"]), keys["threshold"], keys["version"]), (3, 3, 4))
        self.all_follow(root=4)
        before = {key["role"]: key["id"] for key in platform("key", "list", "--json").json()["keys"]}
        for number, role in enumerate(("timestamp", "snapshot", "targets"), 5):
            platform("key", "rotate", role, *signed)
            self.all_follow(root=number)
        for role in before:
            if role not in ("timestamp", "snapshot", "targets"):
                platform("key", "rotate", role)
        self.all_follow(root=7)
        after = {key["role"]: key["id"] for key in platform("key", "list", "--json").json()["keys"]}
        self.assertEqual(set(before), set(after))
        self.assertEqual([role for role in before if before[role] == after[role]], [])
        self.office_holds(self.new)
        late = self.world.office("late", "3304")
        late.run("sync")
        self.assertEqual(late.rows(), rows_of(self.new, "330402"))
        platform("verify")

    def on_terminal(self, command, answers):
        """Runs `command` with a terminal, where a person types an answer at each colon."""
        person, terminal = pty.openpty()
        child = subprocess.Popen([str(c) for c in command], stdin=terminal, stdout=terminal, stderr=terminal,
                                 env=environment())
        os.close(terminal)
        self.addCleanup(os.close, person)
        said = b""
        for answer in answers:
            while not said.rstrip().endswith(b":") or said.count(b"\n", said.rfind(b":")):
                said += os.read(person, 4096)
            os.write(person, answer.encode() + b"\n")
            said += os.read(person, 4096)
        code = child.wait(60)
        return code, said.decode()

    def test_a_holder_at_a_terminal_reads_and_says_yes(self):
        draft = self.world.folder / "draft.json"
        self.world.platform("root", "threshold", "1", "--out", draft)
        sign = (PLATFORM, "root", "sign", draft, *self.holder(1)[:2])
        before = draft.read_text()
        code, said = self.on_terminal(sign, ["no"])
        self.assertEqual(code, 2, said)
        self.assertIn("needs 1 signatures, so far 2", said)
        self.assertEqual(draft.read_text(), before)
        code, said = self.on_terminal(sign, ["yes", PHRASES[0]])
        self.assertEqual(code, 0, said)
        self.assertNotIn(PHRASES[0], said)  # without echo
        self.assertNotEqual(draft.read_text(), before)

    def all_phrases(self):
        path = self.world.folder / "phrases.txt"
        path.write_text("\n".join([*PHRASES, "the fourth holder"]) + "\n")
        return path

    def test_recovery_from_a_thief_who_ran_ahead(self):
        honest = self.all_follow(root=1)
        self.office_holds(self.old)
        # The thief of the serving machine answers for a while.
        stolen = self.world.folder / "stolen"
        shutil.copytree(self.world.realm, stolen)
        run(THIEF, stolen)
        self.serve(stolen)
        fed = self.all_follow(root=1)
        self.assertGreater(fed["timestamp"], honest["timestamp"] + 10**8)
        self.office.run("sync")
        # The true realm is back, and looks old to all who were fed.
        self.serve(self.world.realm)
        self.world.publish(self.new)
        for client in self.clients:
            self.assertIsNone(client.follow())
        self.office.run("sync", check=4)
        self.assertEqual(self.office.rows(), rows_of(self.old, "330402"))  # it keeps reading

        recover = lambda *words, **options: self.world.platform("recover", *words, "--json", **options).json()
        self.world.platform("recover", check=2)
        begun = recover("--stolen", "serving,directory")
        self.assertEqual((begun["next"], begun["root_roles"]), ("root", ["timestamp", "snapshot"]))
        self.assertEqual(recover()["next"], "root")  # nothing goes on without signatures
        draft = self.world.folder / "recovery.json"
        recover("--out", draft)
        for number in (1, 2):
            run(PLATFORM, "root", "sign", draft, *self.holder(number), "--yes")
        self.world.platform("root", "publish", draft)
        self.assertEqual(recover("--show")["next"], "roles")
        done = recover()
        self.assertEqual(done["next"], "done")
        self.world.platform("recover", check=2)  # nothing is noted any more

        healed = self.all_follow(root=2)
        self.assertLess(healed["timestamp"], 10**6)
        self.office_holds(self.new)
        self.office_holds(self.new)
        # All is as published; what the thief showed the office came along with its next record, its report.
        said = json.JSONDecoder().raw_decode(self.world.platform("verify", "--json", check=4).out)[0]
        self.assertEqual((said["ok"], [one["version"] for one in said["foreign_directories"]]),
                         (True, [fed["directory"]]))
        # What the thief signs from now on counts nowhere, though the keys are still in the copy.
        self.serve(stolen)
        for client in self.clients:
            self.assertIsNone(client.follow())
        self.office.run("sync", check=4)

    def serve(self, realm):
        self.world.stop_gateway()
        self.world.gateway = self.world.start(PLATFORM, "--realm", realm, "serve", "--listen",
                                              f"127.0.0.1:{self.world.port}", log="gateway.log")
        wait_until(self.world.answers, 30, "the gateway answers")


if __name__ == "__main__":
    unittest.main(verbosity=2)
