"""The two packages on a machine with a booted systemd: IT installs, enrols, looks, upgrades and removes them
with the command lines of OPERATIONS; the operator's realm is a service there too.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from container import Container, missing
from documents import block, commands_of
from soft_token import MODULE, PIN
from world import DEMO, OLD, PROGRAMS, SOURCE, subset, wait_until

REALM = "/var/lib/rootlet-platform/realm"
KEEPER = "rootlet-platform-keeper"
TOKEN = "/var/lib/softhsm-realm"
TOKEN_ENV = {"SOFTHSM2_CONF": f"{TOKEN}/softhsm2.conf", "ROOTLET_REALM_PIN_FILE": f"{TOKEN}/pin.txt"}
HIGHEST_EXPOSURE = 1.4
VISIT = {"village": "330402001001", "name": "王小明", "id_number": "11010519491231002X",
         "visited": "2026-11-20", "members": 3}
QUERY = ("query", "villages", "--format", "csv", "--limit", "0", "--purpose", "address-lookup")


def build_packages(folder):
    subprocess.run(["cpack", "-B", folder], cwd=PROGRAMS, check=True, stdout=subprocess.DEVNULL)
    return sorted(folder.glob("*.deb"))


def newer_version(package, folder):
    """The same package under a higher version number."""
    subprocess.run(["dpkg-deb", "-R", package, folder], check=True)
    control = folder / "DEBIAN" / "control"
    lines = control.read_text().splitlines()
    control.write_text("".join(f"{line}.1\n" if line.startswith("Version:") else f"{line}\n"
                               for line in lines))
    target = folder.parent / ("newer-" + package.name.split("_")[0] + ".deb")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", folder, target], check=True,
                   stdout=subprocess.DEVNULL)
    return target


class Packages(unittest.TestCase):
    def test_the_life_of_both_packages(self):
        lacking = missing()
        if lacking:
            print(lacking)
            sys.exit(77)
        with tempfile.TemporaryDirectory(prefix="rootlet-packages-") as folder:
            folder = pathlib.Path(folder)
            packages = build_packages(folder)
            with Container(packages) as machine:
                self.machine = machine
                for step in (self.install, self.restrictions, self.realm, self.realm_is_private,
                             self.lock_with_a_token, self.enrol, self.unlock, self.clerk, self.another_group,
                             self.no_tpm, self.daemon_down, self.second_realm):
                    self.take(step)
                self.take(lambda: self.upgrade(packages, folder), "upgrade")
                for step in (self.remove_and_purge_keep_unsent, self.purge_erases,
                             self.platform_stays_private):
                    self.take(step)

    def take(self, step, name=None):
        began = time.monotonic()
        step()
        print(f"{name or step.__name__}: {time.monotonic() - began:.1f} s", flush=True)

    # --- helpers ------------------------------------------------------------------------------

    def as_documented(self, line, run=None):
        """Runs a command line of OPERATIONS, word for word, as root in /root."""
        documented = [command for command, _ in commands_of(SOURCE / "docs" / "OPERATIONS.md")]
        self.assertIn(line, documented)
        return (run or self.machine.sh)(line)

    def agent(self, *words, **options):
        return self.machine.run("rootlet", *words, **options)

    def platform(self, *words, realm=REALM, **options):
        return self.machine.run("rootlet-platform", "--realm", realm, *words, **options)

    def is_active(self, unit):
        return self.machine.run("systemctl", "is-active", unit, check=None).out.strip() == "active"

    def listens(self, port):
        return self.machine.run("bash", "-c", f"</dev/tcp/127.0.0.1/{port}", check=None).code == 0

    def accepted(self):
        self.agent("sync")
        return self.agent("status", "--json").json()["outbox"]["accepted"]

    def submit(self, user):
        self.agent("submit", "household-visit", "-", stdin=json.dumps(VISIT), user=user)

    # --- the story ----------------------------------------------------------------------------

    def install(self):
        self.as_documented("apt install ./rootlet_*.deb")
        self.as_documented("apt install ./rootlet-platform_*.deb")
        for unit in ("rootlet.socket", "rootlet.service"):
            self.assertTrue(self.is_active(unit), unit)
        self.assertEqual(self.agent("doctor").code, 0)
        zh = self.agent("doctor", env={"LANG": "zh_CN.UTF-8"})
        self.assertIn("尚未注册", zh.out)
        self.assertEqual(self.agent("status", check=7).code, 7)
        self.assertTrue(self.is_active("rootlet.service"))

    def restrictions(self):
        for unit in ("rootlet.service", "rootlet@ministry.service", "rootlet-platform.service",
                     "rootlet-platform-keeper.service", "rootlet-platform-worker.service",
                     "rootlet-platform-publish.service"):
            report = self.machine.run("systemd-analyze", "security", "--no-pager", unit).out
            exposure = float(report.split("exposure level for")[1].split(":")[1].split()[0])
            print(f"exposure of {unit}: {exposure}", flush=True)
            self.assertLessEqual(exposure, HIGHEST_EXPOSURE)
            shown = self.machine.shown(unit, "ProcSubset", "PrivateUsers", "LimitCORE")
            self.assertEqual(shown, {"ProcSubset": "all", "PrivateUsers": "no", "LimitCORE": "0"})

    def make_realm(self, realm, port):
        self.machine.sh(f"umask 077; rootlet-platform init {realm} --name Demo --url "
                        f"http://127.0.0.1:{port}")
        for word, kind in (("dataset", "villages.dataset.json"), ("form", "household-visit.form.json")):
            self.machine.write(f"/root/{kind}", (DEMO / kind).read_text())
            self.platform(word, "add", kind, realm=realm)
        small = subset(OLD, self.machine.folder / "small.csv", "3304")
        self.machine.write("/root/villages.csv", small.read_text())
        self.platform("publish", "villages", "--from", "csv:villages.csv", realm=realm)

    def invite(self, office, realm=REALM):
        self.platform("office", "add", office, "--division", "3304", "--name", office, "--out",
                      f"{office}.enroll", realm=realm)
        self.platform("grant", "add", office, "villages", "--divisions", "3304", "--purposes",
                      "address-lookup,verification", "--export", realm=realm)

    def realm(self):
        """All commands by root, from /root, with files that only root can read."""
        self.make_realm(REALM, 8420)
        self.invite("jiaxing")
        self.platform("inbox", "list")
        self.as_documented("systemctl enable --now rootlet-platform")
        wait_until(lambda: self.listens(8420), 30, "the gateway listens")
        self.platform("inbox", "list")  # beside the service
        self.platform("verify")
        self.each_service_sees_its_keys()
        self.publishes_by_itself()

    def publishes_by_itself(self):
        """The timer looks each minute; here its service is started by hand, as the timer does."""
        self.machine.sh("install -d -m 0755 /srv/tables && install -m 0644 /root/villages.csv /srv/tables/ && "
                        "sed -i '$d' /srv/tables/villages.csv")
        self.machine.write("/root/villages.source.json", json.dumps(
            {"from": "csv:/srv/tables/villages.csv", "when": {"every": "1d", "at": "02:30"}}))
        self.platform("dataset", "source", "set", "villages", "villages.source.json")
        self.assertTrue(self.is_active("rootlet-platform-publish.timer"))
        self.machine.sh("systemctl start rootlet-platform-publish.service || { journalctl -u rootlet-platform-publish; exit 1; }")
        listed = self.platform("dataset", "source", "list", "--json").json()["sources"]
        self.assertEqual([(one["state"], one["failures"]) for one in listed], [("ok", 0)])
        self.assertIsNotNone(listed[0]["changed"])
        self.machine.sh("rm /srv/tables/villages.csv")
        self.platform("publish", "villages", "--scheduled", check=8)
        self.platform("dataset", "source", "remove", "villages")
        self.platform("publish", "villages", "--from", "csv:villages.csv")

    def each_service_sees_its_keys(self):
        hidden = {"rootlet-platform": ("realm.key", "intake/intake.key"),
                  "rootlet-platform-worker": ("realm.key",), "rootlet-platform-keeper": ()}
        for unit, paths in hidden.items():
            self.assertTrue(self.is_active(f"{unit}.service"), unit)
            pid = self.machine.shown(unit, "MainPID")["MainPID"]
            for path in ("realm.key", "intake/intake.key", "serving/serving.key"):
                held = self.machine.sh(f"cat /proc/{pid}/root{REALM}/{path} | wc -c", check=None)
                self.assertEqual(held.out.strip(), "0" if path in paths else "32", f"{unit} {path}")

    def realm_is_private(self):
        sh = self.machine.sh
        self.assertEqual(sh(f"find {REALM} ! -user rootlet-platform").out, "")
        self.assertEqual(sh(f"find {REALM} -mindepth 1 -path {REALM}/repository -prune -o "
                            "-perm /077 -print").out, "")
        self.assertEqual(sh(f"find {REALM}/repository -type d ! -perm 0755 -o -type f ! -perm 0644")
                         .out, "")
        self.machine.run("cat", f"{REALM}/repository/metadata/timestamp.json", user="www-data")
        for closed in (f"cat {REALM}/realm.key", f"cat {REALM}/platform.db", f"ls {REALM}"):
            self.assertNotEqual(sh(closed, user="www-data", check=None).code, 0, closed)

    def lock_with_a_token(self):
        """The keeper gets its PIN as OPERATIONS says; a wrong one costs one try, whatever systemd does."""
        sh = self.machine.sh
        sh(f"install -d -o rootlet-platform -g rootlet-platform -m 0700 {TOKEN} {TOKEN}/tokens")
        self.machine.write(TOKEN_ENV["SOFTHSM2_CONF"], f"directories.tokendir = {TOKEN}/tokens\n"
                                                       "objectstore.backend = file\n")
        self.machine.write(TOKEN_ENV["ROOTLET_REALM_PIN_FILE"], PIN)
        sh(f"chown rootlet-platform {TOKEN}/*")
        self.machine.run("softhsm2-util", "--init-token", "--free", "--label", "realm", "--pin", PIN,
                         "--so-pin", "87654321", user="rootlet-platform", env=TOKEN_ENV)
        self.platform("realm", "lock", "--pkcs11", MODULE, "--token", "realm", "--make-key", env=TOKEN_ENV)
        sh(f"mkdir -p /etc/systemd/system/{KEEPER}.service.d /etc/credstore.encrypted")
        self.machine.write(f"/etc/systemd/system/{KEEPER}.service.d/token.conf",
                           block(SOURCE / "docs" / "OPERATIONS.md", "ini") +
                           f"Environment=SOFTHSM2_CONF={TOKEN}/softhsm2.conf\nReadWritePaths={TOKEN}\n")
        sh("systemctl daemon-reload")
        self.give_keeper_the_pin("000000")
        self.machine.run("systemctl", "restart", "rootlet-platform")
        wait_until(lambda: self.keeper_state() == {"ActiveState": "failed", "ExecMainStatus": "4",
                                                   "NRestarts": "0"}, 20, "the keeper gives up")
        self.give_keeper_the_pin(PIN)
        self.platform("realm", "pin", env=TOKEN_ENV)
        self.machine.run("systemctl", "restart", KEEPER)
        wait_until(lambda: self.is_active(KEEPER), 20, "the keeper runs with the token")

    def give_keeper_the_pin(self, pin):
        """With the host's key by name, because the container's disk is in memory and has no TPM."""
        self.machine.run("systemd-creds", "encrypt", "--with-key=host", "--name=rootlet-realm-pin", "-",
                         "/etc/credstore.encrypted/rootlet-realm-pin", stdin=pin)

    def keeper_state(self):
        return self.machine.shown(KEEPER, "ActiveState", "ExecMainStatus", "NRestarts")

    def unlock(self):
        self.platform("realm", "unlock", env=TOKEN_ENV)
        self.machine.sh(f"rm -r /etc/systemd/system/{KEEPER}.service.d; systemctl daemon-reload; "
                        "systemctl restart rootlet-platform")
        self.each_service_sees_its_keys()

    def enrol(self):
        refused = self.agent("enroll", "/root/jiaxing.enroll", user="rootlet", check=8)
        self.assertIn("sudo rootlet enroll", refused.err)
        self.as_documented("rootlet enroll jiaxing.enroll")
        self.agent("sync")
        self.as_documented("rootlet doctor")
        self.assertEqual(self.machine.sh("find /var/lib/rootlet ! -user rootlet").out, "")

    def clerk(self):
        self.machine.run("useradd", "wang")
        refused = self.agent(*QUERY, user="wang", check=5)
        self.assertIn("sudo usermod -aG rootlet-clerk wang", refused.err)
        self.as_documented("usermod -aG rootlet-clerk wang")
        self.check_query()
        for user, command in ((None, QUERY), ("wang", ("ledger", "list"))):
            refused = self.agent(*command, user=user, check=5)
            self.assertIn("sudo usermod -aG rootlet-", refused.err)
        self.machine.run("useradd", "sun")
        self.as_documented("usermod -aG rootlet-auditor sun")
        entries = [entry for entry in self.agent("ledger", "list", "--json", user="sun").json()["entries"]
                   if entry["outcome"] != "started"]  # a long answer has an entry before its end
        self.assertEqual([(entry["user"], entry["command"], entry["outcome"]) for entry in entries[:4]],
                         [("wang", "ledger-list", "no_access"), ("root", "query", "no_access"),
                          ("wang", "query", "done"), ("wang", "query", "no_access")])
        self.submit("wang")
        wait_until(lambda: self.accepted() == 1, 30, "the record is accepted")

    def another_group(self):
        """IT closes the socket to all but a group; `systemctl edit` wants a terminal and an editor."""
        editor = "#!/bin/sh\nprintf '[Socket]\\nSocketGroup=counter\\nSocketMode=0660\\n' >\"$1\"\n"
        self.machine.write("/root/editor", editor, mode=0o700)
        self.machine.run("groupadd", "counter")
        edit = "systemctl edit rootlet.socket"
        self.as_documented(edit, run=lambda line: self.machine.run(
            "script", "-qec", line, "/dev/null", env={"SYSTEMD_EDITOR": "/root/editor"}))
        self.as_documented("systemctl restart rootlet")
        group = self.machine.sh("stat -c %G /run/rootlet/agent.sock").out.strip()
        self.assertEqual(group, "counter")
        self.agent("status", user="wang", check=5)
        self.machine.run("systemctl", "revert", "rootlet.socket")
        self.as_documented("systemctl restart rootlet")
        self.check_query()

    def no_tpm(self):
        """IT sets `anchor` on a machine whose TPM does not answer: the service says why and does not run without it."""
        lines = "[Service]\\nPrivateDevices=no\\nDeviceAllow=/dev/tpmrm0 rw\\nSupplementaryGroups=tss\\n"
        self.machine.write("/root/editor", f"#!/bin/sh\nprintf '{lines}' >\"$1\"\n", mode=0o700)
        self.machine.run("groupadd", "--force", "tss")
        self.as_documented("systemctl edit rootlet", run=lambda line: self.machine.run(
            "script", "-qec", line, "/dev/null", env={"SYSTEMD_EDITOR": "/root/editor"}))
        self.machine.sh("cp /etc/rootlet/rootlet.conf /root/kept.conf; echo 'anchor = tpm' >>/etc/rootlet/rootlet.conf")
        self.machine.run("systemctl", "restart", "rootlet", check=1)
        shown = self.machine.shown("rootlet", "ExecMainStatus", "NRestarts", "ActiveState")
        self.assertEqual((shown["ExecMainStatus"], shown["ActiveState"]), ("2", "failed"))
        said = self.machine.sh("journalctl -u rootlet -n 20 --no-pager").out
        self.assertIn("rootlet: anchor: ", said)
        self.machine.sh("cp /root/kept.conf /etc/rootlet/rootlet.conf")
        self.machine.run("systemctl", "revert", "rootlet")
        self.machine.run("systemctl", "restart", "rootlet")
        self.check_query()

    def check_query(self, *realm):
        rows = self.agent(*realm, *QUERY, user="wang").out.splitlines()
        self.assertGreater(len(rows), 10)

    def daemon_down(self):
        self.machine.run("systemctl", "stop", "rootlet")
        found = self.agent("doctor", check=3)
        self.assertIn("sudo systemctl start rootlet", found.out)
        for command in ("status", "doctor"):  # a clerk cannot look into the home
            said = self.agent(command, user="wang", check=None)
            self.assertNotEqual(said.code, 0)
            self.assertIn("sudo systemctl start rootlet", said.out + said.err)
        self.machine.run("systemctl", "start", "rootlet")
        self.agent("doctor")
        self.machine.run("systemctl", "restart", "rootlet")
        self.check_query()
        before = self.machine.shown("rootlet", "MainPID")["MainPID"]
        self.machine.run("systemctl", "kill", "--kill-who=main", "-s", "KILL", "rootlet")
        wait_until(lambda: self.machine.shown("rootlet", "MainPID")["MainPID"] not in ("0", before),
                   30, "systemd starts the daemon again")
        wait_until(lambda: self.is_active("rootlet.service"), 30, "the daemon is ready again")
        self.check_query()

    def second_realm(self):
        ministry = "/var/lib/rootlet-platform/ministry"
        self.make_realm(ministry, 8421)
        self.invite("ministry", ministry)
        self.machine.run("systemd-run", "--quiet", "--unit", "ministry", "-p",
                         "User=rootlet-platform", "rootlet-platform", "--realm", ministry, "serve",
                         "--listen", "127.0.0.1:8421")
        wait_until(lambda: self.listens(8421), 30, "the second gateway listens")
        self.as_documented("systemctl enable --now rootlet@ministry")
        self.as_documented("rootlet --realm ministry enroll ministry.enroll")
        self.as_documented("rootlet --realm ministry sync")
        self.agent("--realm", "ministry", "doctor")
        self.check_query("--realm", "ministry")
        self.assertEqual(self.agent("status", "--json").json()["office"]["id"], "jiaxing")
        there = self.agent("--realm", "ministry", "status", "--json").json()
        self.assertEqual(there["office"]["id"], "ministry")
        for unit in ("rootlet.service", "rootlet@ministry.service", "rootlet@ministry.socket"):
            self.assertTrue(self.is_active(unit), unit)

    def upgrade(self, packages, folder):
        units = ("rootlet", "rootlet@ministry", "rootlet-platform", "rootlet-platform-keeper",
                 "rootlet-platform-worker")
        before = {unit: self.machine.shown(unit, "MainPID")["MainPID"] for unit in units}
        for number, package in enumerate(packages):
            newer = newer_version(package, folder / f"unpacked-{number}")
            (self.machine.root / "root" / newer.name).write_bytes(newer.read_bytes())
        self.machine.sh("apt-get install -y -qq /root/newer-*.deb")
        for unit in units:
            self.assertTrue(self.is_active(unit), unit)
            self.assertNotEqual(self.machine.shown(unit, "MainPID")["MainPID"], before[unit])
        self.check_query()
        self.check_query("--realm", "ministry")
        wait_until(lambda: self.listens(8420), 30, "the gateway listens")
        self.agent("doctor")

    def remove_and_purge_keep_unsent(self):
        self.machine.run("systemctl", "stop", "rootlet-platform")
        self.submit("wang")
        self.machine.sh("apt-get remove -y -qq rootlet")
        for unit in ("rootlet.socket", "rootlet.service", "rootlet@ministry.service"):
            self.assertFalse(self.is_active(unit), unit)
        self.assertFalse((self.machine.root / "run/rootlet/agent.sock").exists())
        purged = self.machine.sh("apt-get purge -y -qq rootlet")
        home = self.machine.root / "var/lib/rootlet"
        self.assertIn("Kept in /var/lib/rootlet: 1 records that were never sent",
                      purged.out + purged.err)
        self.assertTrue((home / "outbox.db").exists() and (home / "machine.key").exists())
        self.assertFalse((home / "datasets").exists())
        self.assertFalse((self.machine.root / "var/lib/rootlet-ministry").exists())

        self.machine.sh("apt-get install -y -qq /root/rootlet_*.deb")
        self.machine.run("systemctl", "start", "rootlet-platform")
        wait_until(lambda: self.listens(8420), 30, "the gateway listens")
        wait_until(lambda: self.accepted() == 2, 30, "the kept record is accepted")
        self.check_query()

    def purge_erases(self):
        self.machine.run("systemctl", "stop", "rootlet-platform")
        self.submit("wang")
        self.as_documented(
            "echo rootlet rootlet/erase-unsent boolean true | debconf-set-selections")
        self.machine.sh("apt-get purge -y -qq rootlet")
        for left in ("usr/bin/rootlet", "etc/rootlet/rootlet.conf", "var/lib/rootlet",
                     "usr/lib/systemd/system/rootlet.service", "run/rootlet/agent.sock"):
            self.assertFalse((self.machine.root / left).exists(), left)
        self.assertNotEqual(self.machine.run("getent", "passwd", "rootlet", check=None).code, 0)

    def platform_stays_private(self):
        """A realm holds a whole platform's keys: purging keeps it and says so."""
        purged = self.machine.sh("apt-get purge -y -qq rootlet-platform")
        self.assertIn(f"The realm in {REALM} is kept", purged.out + purged.err)
        self.assertTrue((self.machine.root / REALM.lstrip("/") / "realm.key").exists())
        self.assertFalse((self.machine.root / "etc/rootlet").exists())


if __name__ == "__main__":
    unittest.main()
