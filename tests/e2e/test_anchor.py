"""A TPM against copies of a home: the real agent beside swtpm, a TPM 2.0 in software, with the settings by environment."""
import shutil
import socket
import unittest

from world import *

KEY = rows_of(OLD, "330402")[0].split(",")[0].strip('"')
FOR = ("--purpose", "address-lookup")


def two_free_ports():
    """The first of two ports side by side: libtss2 expects the control port there."""
    while True:
        port = free_port()
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port + 1))
                return port
            except OSError:
                continue


class Anchor(unittest.TestCase):
    def setUp(self):
        self.world = World().__enter__()
        self.addCleanup(self.world.__exit__, None, None, None)
        self.world.make_realm()
        self.world.publish(subset(OLD, self.world.folder / "small.csv", "3304"))
        self.world.serve()
        self.office = self.world.office("jiaxing", "3304")
        port = self.start_tpm()
        self.env = {"ROOTLET_ANCHOR": f"swtpm:host=127.0.0.1,port={port}"}

    def start_tpm(self):
        port, state = two_free_ports(), self.world.folder / "tpm"
        state.mkdir()
        self.world.start("swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}", "--server", f"type=tcp,port={port}",
                         "--ctrl", f"type=tcp,port={port + 1}", "--flags", "startup-clear", log="swtpm.log")
        def answers():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        wait_until(answers, 10, "swtpm listens")
        return port

    def run_office(self, *words, **options):
        return self.office.run(*words, env=self.env, **options)

    def start(self):
        self.office.daemon = self.world.start(AGENT, "--home", self.office.home, "run", "--poll", "1h",
                                              log="jiaxing.log", env=self.env)
        wait_until((self.office.home / "agent.sock").exists, 20, "the daemon listens")

    def test_an_older_home_is_locked_until_the_next_sync(self):
        self.run_office("sync")
        self.run_office("show", "villages", KEY, *FOR)
        kept = self.world.folder / "kept"
        shutil.copytree(self.office.home, kept)
        self.world.platform("office", "suspend", "jiaxing")
        self.run_office("sync")
        self.assertIn("suspended", self.run_office("show", "villages", KEY, *FOR, check=5).err)
        self.world.platform("office", "resume", "jiaxing")
        self.world.stop_gateway()

        shutil.rmtree(self.office.home)
        shutil.copytree(kept, self.office.home)
        self.start()
        refused = self.office.run("show", "villages", KEY, *FOR, check=5)
        self.assertIn("may be an older copy", refused.err)
        self.assertIn("older than the counter", self.office.status()["copy_lock"]["why"])
        self.assertIn("its data is locked until the next sync", self.office.run("status").out)
        found = [c for c in self.office.run("doctor", "--json", check=None).json()["checks"] if c["name"] == "anchor"]
        self.assertEqual(len(found), 1, found)
        self.office.run("sync", check=None)  # no platform, no change
        self.office.run("show", "villages", KEY, *FOR, check=5)
        self.world.serve()
        self.office.run("sync")
        self.office.run("show", "villages", KEY, *FOR)
        self.assertIsNone(self.office.status()["copy_lock"])
        self.office.stop()

    def test_a_setting_that_cannot_be_honoured_stops_the_agent_with_the_reason(self):
        self.env["ROOTLET_ANCHOR"] = "swtpm:host=127.0.0.1,port=1"
        refused = self.run_office("run", check=2)
        self.assertIn("anchor: no TPM answers at swtpm:host=127.0.0.1,port=1", refused.err)
        self.env["ROOTLET_ANCHOR"] = "yes"
        self.assertIn("must be tpm, off, or KIND:PLACE", self.run_office("status", check=2).err)


if __name__ == "__main__":
    unittest.main()
