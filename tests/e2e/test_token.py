"""The publishing keys behind a PKCS#11 token, with real programs and SoftHSM: a day with it, a wrong PIN, a token
that is taken away, and programs killed while they lock and unlock."""
import os
import pty
import shutil
import subprocess
import time
import unittest

from soft_token import MODULE, SoftToken
from world import *

LOCK = ("realm", "lock", "--pkcs11", MODULE, "--token", "realm")
KILLS = 120 if os.environ.get("ROOTLET_LONG") else 12


class Token(unittest.TestCase):
    def setUp(self):
        self.world = World().make_realm()
        self.addCleanup(self.world.__exit__, None, None, None)
        self.key = self.world.realm / "realm.key"
        self.open_key = self.key.read_bytes()
        self.token = SoftToken(self.world.folder / "softhsm")
        self.there = self.token.plugged()

    def platform(self, *words, check=0, env=None):
        return self.world.platform(*words, check=check, env=self.there if env is None else env)

    def refused(self, code, words, *command, env=None):
        """The command fails with `code` and says `words` in both languages; realm.key stays as it is."""
        before = self.key.read_bytes()
        env = self.there if env is None else env
        said = self.platform(*command, check=code, env=env).err
        self.assertIn(words, said)
        chinese = self.platform(*command, check=None, env={**env, "LANG": "zh_CN.UTF-8"}).err
        self.assertRegex(chinese, "没有做任何改变|没有消耗|已尝试一次")
        self.assertEqual(self.key.read_bytes(), before)

    def test_a_realm_works_with_the_token_and_not_without(self):
        made = self.platform(*LOCK, "--make-key", "--json").json()
        self.assertEqual(made, {"locked": True, "module": MODULE, "token": "realm", "key": "rootlet"})
        for path in [p for p in self.world.realm.rglob("*") if p.is_file()]:
            self.assertNotIn(self.open_key, path.read_bytes(), path)
        self.assertEqual(self.key.stat().st_mode & 0o777, 0o600)

        data = subset(OLD, self.world.folder / "data.csv", "330402")
        publish = ("publish", "villages", "--from", f"csv:{data}")
        self.platform(*publish)
        invitation = self.world.folder / "nanhu.enroll"
        self.platform("office", "add", "nanhu", "--division", "3304", "--name", "nanhu", "--out", invitation)
        self.platform("grant", "add", "nanhu", "villages", "--divisions", "3304", "--purposes",
                      "address-lookup,verification", "--export")
        self.world.start(PLATFORM, "--realm", self.world.realm, "serve", "--alone", "--listen",
                         f"127.0.0.1:{self.world.port}", log="gateway.log")
        wait_until(self.world.answers, 30, "the gateway answers without the token")
        self.world.start(PLATFORM, "--realm", self.world.realm, "keeper", log="keeper.log", env=self.there)
        office = Office(self.world, "nanhu")
        office.run("enroll", invitation)
        office.run("sync")
        self.assertEqual(office.rows(), rows_of(data, "330402"))
        self.platform("key", "rotate", "directory")
        self.platform("verify")

        away = {"SOFTHSM2_CONF": str(SoftToken(self.world.folder / "other", "other").config),
                "ROOTLET_REALM_PIN_FILE": self.there["ROOTLET_REALM_PIN_FILE"]}
        self.refused(6, "there must be one token realm, and there are 0", *publish, env=away)
        self.refused(2, "needs its PIN", "verify", env={"SOFTHSM2_CONF": str(self.token.config)})
        self.refused(6, "does not start", "verify", env={**self.there, "SOFTHSM2_CONF": "/nowhere"})

        self.platform("realm", "unlock")
        self.assertEqual(self.key.read_bytes(), self.open_key)
        self.platform("verify", env={})

    def test_a_backup_is_restored_without_the_token(self):
        self.platform(*LOCK, "--make-key")
        phrase = self.world.folder / "backup.txt"
        phrase.write_text("the backup's passphrase\n")
        backup = self.world.folder / "realm.backup"
        self.platform("realm", "backup", backup, "--passphrase-file", phrase)
        shutil.rmtree(self.world.realm)
        self.platform("realm", "restore", backup, self.world.realm, "--passphrase-file", phrase, env={})
        self.platform("verify", env={})
        self.assertEqual(self.key.read_bytes(), self.open_key)
        self.platform(*LOCK)  # with the token again, or another

    def test_a_wrong_pin_is_tried_once_by_a_keeper_that_is_started_again_and_again(self):
        self.platform(*LOCK, "--make-key")
        wrong = self.world.folder / "wrong.txt"
        wrong.write_text("000000\n")
        there = self.token.plugged(wrong)
        self.refused(4, "the PIN is wrong", "keeper", env=there)
        for _ in range(3):
            self.refused(5, "it is not tried again", "keeper", env=there)
        self.refused(5, "it is not tried again", "verify")  # the right one neither
        self.platform("realm", "pin")
        self.platform("verify")
        self.platform("realm", "unlock")
        self.refused(4, "the PIN is wrong", *LOCK, env=there)
        self.platform(*LOCK)

    def typed(self, pin, *command):
        """The exit code of a command on a terminal, where a person types `pin`, and what it said."""
        ours, theirs = pty.openpty()
        with subprocess.Popen([PLATFORM, "--realm", self.world.realm, *command], stdin=theirs,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=environment({"SOFTHSM2_CONF": str(self.token.config)})) as child:
            asked = os.read(child.stdout.fileno(), 100).decode()
            os.write(ours, pin.encode() + b"\n")
            said = asked + child.stdout.read().decode()
        os.close(ours), os.close(theirs)
        self.assertNotIn(pin, said)
        return child.returncode, said

    def test_a_person_types_the_pin(self):
        self.platform(*LOCK, "--make-key")
        self.assertEqual(self.typed("123456", "verify")[0], 0)
        code, said = self.typed("000000", "verify")
        self.assertEqual(code, 4)
        self.assertIn("fewer tries than usual", said)
        self.platform("verify")  # a typing error does not hold up a service

    def test_bad_arguments_change_nothing(self):
        self.refused(2, "--make-key goes with --pkcs11 only", "realm", "lock", "--make-key")
        self.refused(6, "there is no such file", "realm", "lock", "--pkcs11", "/usr/lib/none.so")
        self.refused(6, "has no RSA key rootlet", *LOCK)
        self.refused(2, "has no PIN", "realm", "pin")

    def kill_at_any_moment(self, command, seconds):
        child = subprocess.Popen([str(word) for word in (PLATFORM, "--realm", self.world.realm, *command)],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(self.there))
        time.sleep(RANDOM.uniform(0, seconds))
        child.kill()
        child.wait()

    def test_whenever_a_command_is_killed_the_realm_opens(self):
        began = time.monotonic()
        self.platform(*LOCK, "--make-key")
        self.platform("realm", "unlock")
        self.platform(*LOCK)
        seconds = (time.monotonic() - began) / 3
        tokens, whole = self.token.folder / "tokens", self.token.folder / "whole"
        shutil.copytree(tokens, whole)
        for _ in range(KILLS):
            is_locked = self.key.read_bytes() != self.open_key
            self.kill_at_any_moment(("realm", "unlock") if is_locked else LOCK, seconds)
            # SoftHSM writes its token's state in place at each log-in, and loses the token when it is killed there.
            # A token of hardware does not depend on our process.
            shutil.rmtree(tokens)
            shutil.copytree(whole, tokens)
            self.platform("grant", "list")
        self.key.with_name("realm.key.new").write_bytes(b"{")  # as a killed writer leaves it
        self.platform("realm", "unlock")
        self.platform(*LOCK)
        self.platform("grant", "list")


if __name__ == "__main__":
    unittest.main(verbosity=2)
