"""Witnesses of a realm's directory, with real programs over HTTP: what they keep, that others can check
it, and that two views of one realm come out, no matter who is shown which.
"""
import base64
import hashlib
import unittest

from world import *

NODE = next(MODULES.glob("node-linux-*/bin/node"))
VERIFY = """const [key, message, signature] = process.argv.slice(1).map(one => Buffer.from(one, 'base64'));
const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]);
const der = require('crypto').createPublicKey({key: spki, format: 'der', type: 'spki'});
process.exit(require('crypto').verify(null, message, der, signature) ? 0 : 1);"""


def tree_root(leaves):
    """RFC 6962, 2.1, as it is written there."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + tree_root(leaves[:half]) + tree_root(leaves[half:])).digest()


class Witness:
    def __init__(self, world, name):
        self.world, self.name, self.folder = world, name, world.folder / name
        self.public = self.folder / "public"
        self.root = world.realm / "repository" / "metadata" / "1.root.json"

    def watch(self, url=None, check=0):
        first = () if self.folder.exists() else ("--root", self.root, "--name", f"test.example/{self.name}")
        return run(PLATFORM, "witness", "watch", url or self.world.url, self.folder, *first, "--json", check=check)

    def compare(self, *others, check=0):
        return run(PLATFORM, "witness", "compare", self.folder, *others, "--json", check=check).json()

    def lines(self):
        return (self.public / "sightings").read_bytes().splitlines(keepends=True)

    def versions(self):
        return [int(line.split()[0]) for line in self.lines()]


class Witnesses(unittest.TestCase):
    def setUp(self):
        self.world = World().make_realm()
        self.addCleanup(self.world.__exit__, None, None, None)
        folder = self.world.folder
        self.old = subset(OLD, folder / "old.csv", "330402")
        self.new = subset(NEW, folder / "new.csv", "330402")
        self.world.publish(self.old)
        self.world.serve()
        self.office = self.world.office("nanhu", "3304")
        self.near, self.far = Witness(self.world, "near"), Witness(self.world, "far")

    def lie(self):
        """Somebody with a copy of the realm and all its keys publishes something else under the same
        numbers, and serves it over HTTP."""
        copy, port = self.world.folder / "copy", free_port()
        shutil.copytree(self.world.realm, copy)
        other = subset(NEW, self.world.folder / "other.csv", "330402001", "330402002")
        run(PLATFORM, "--realm", copy, "publish", "villages", "--from", f"csv:{other}", "--accept-changes", "100%")
        self.world.start(PLATFORM, "--realm", copy, "serve", "--listen", f"127.0.0.1:{port}", log="liar.log")
        wait_until(lambda: listens(port), 30, "the liar listens")
        return f"http://127.0.0.1:{port}", copy

    def check_note(self, witness):
        """The checkpoint by the words of c2sp.org, without our code."""
        text, signatures = (witness.public / "checkpoint").read_text().rsplit("\n\n", 1)
        text += "\n"
        origin, size, root = text.splitlines()
        self.assertEqual((origin, int(size)), (f"test.example/{witness.name}", len(witness.lines())))
        self.assertEqual(base64.b64decode(root), tree_root(witness.lines()))
        name, keyid, key = (witness.public / "key").read_text().strip().split("+", 2)
        key = base64.b64decode(key)
        self.assertEqual(key[0], 4)
        self.assertEqual(hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex(), keyid)
        dash, signer, blob = signatures.strip().split(" ")
        blob = base64.b64decode(blob)
        self.assertEqual((dash, signer, blob[:4].hex()), ("\u2014", name, keyid))
        message = f"cosignature/v1\ntime {int.from_bytes(blob[4:12], 'big')}\n{text}"
        parts = [base64.b64encode(part).decode() for part in (key[1:], message.encode(), blob[12:])]
        run(NODE, "-e", VERIFY, *parts)
        run(NODE, "-e", VERIFY, parts[0], base64.b64encode(message.encode() + b"x").decode(), parts[2], check=1)

    def test_a_witness_keeps_every_version_and_signs_what_others_can_check(self):
        first = self.near.watch().json()
        self.assertEqual((first["size"], first["forks"]), (len(self.near.lines()), []))
        self.check_note(self.near)
        self.assertEqual((self.near.folder / "witness.key").stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.near.watch().json()["added"], 0)
        for path in (self.new, self.old, self.new):
            self.world.publish(path)
        self.assertEqual(self.near.watch().json()["added"], 3)  # none is missed between two looks
        self.check_note(self.near)
        version = self.near.versions()[-1]
        self.assertEqual(self.near.versions()[-4:], list(range(version - 3, version + 1)))
        newest = self.near.lines()[-1].split()[1].decode()
        served = self.world.realm / "repository" / "metadata" / f"{version}.directory.json"
        self.assertEqual((self.near.public / "directories" / f"{newest}.json").read_bytes(), served.read_bytes())
        self.far.watch()
        self.assertEqual(self.near.compare(self.far.public)["forks"], [])
        # What is damaged is refused, and no first look without a root.
        (self.far.public / "sightings").write_bytes(b"".join(self.far.lines()[:-1]))
        run(PLATFORM, "witness", "compare", self.near.folder, self.far.public, check=4)
        self.far.watch(check=4)
        run(PLATFORM, "witness", "watch", self.world.url, self.world.folder / "none", check=2)
        self.assertFalse((self.world.folder / "none").exists())

    def test_two_views_of_one_realm(self):
        office = self.office
        office.run("sync")
        self.near.watch()
        self.far.watch()
        url, copy = self.lie()
        self.world.publish(self.new)
        self.near.watch()
        self.far.watch(url)
        office.run("sync", "--from", copy / "repository")  # as from a stick
        found = self.near.compare(self.far.public, check=4)["forks"]
        self.assertEqual([(one["proven"], one["one_signer"]) for one in found], [(True, True)])
        self.assertEqual(found[0]["version"], self.near.versions()[-1])
        for file in found[0]["files"]:
            self.assertEqual(json.loads(Path(file).read_text())["signed"]["version"], found[0]["version"])
        said = run(PLATFORM, "witness", "compare", self.near.folder, self.far.public, check=4,
                   env={"LANG": "zh_CN.UTF-8"}).out
        self.assertIn("已证实", said)
        # A third person has the two public folders and a root, and nothing else.
        third = self.world.folder / "third"
        for witness in (self.near, self.far):
            shutil.copytree(witness.public, third / witness.name)
        shutil.copy(self.near.root, third / "root.json")
        run(PLATFORM, "witness", "compare", third / "near", third / "far", "--root", third / "root.json", check=4)
        # An office is compared by files alone.
        status = self.world.folder / "status.json"
        status.write_text(office.run("status", "--json").out)
        claim = self.near.compare(status, check=4)["forks"]
        self.assertEqual([(one["proven"], one["second"]["name"]) for one in claim], [(False, "nanhu")])
        shown = office.home / "trust" / "directory.json"
        self.assertTrue(self.near.compare(shown, check=4)["forks"][0]["proven"])
        self.assertEqual(self.far.compare(status, shown)["forks"], [])
        # The operator sees it by the witness, and by the office's next record.
        def verify(*words, check=0):
            said = self.world.platform("verify", *words, "--json", check=check).out
            return json.JSONDecoder().raw_decode(said)[0]  # the error follows
        verify("--witness", self.near.folder)
        foreign = verify("--witness", self.far.public, check=4)["foreign_sightings"]
        self.assertEqual([one["version"] for one in foreign], [found[0]["version"]])
        office.submit(VISIT)
        office.run("sync", check=None)
        self.assertEqual([one["office"] for one in verify(check=4)["foreign_directories"]], ["nanhu"])
        # A gateway that shows one witness both, under one timestamp's version too.
        self.near.watch(url, check=4)
        self.assertEqual(len(self.near.compare(check=4)["forks"]), 1)

    def test_a_platform_that_speaks_tls_itself(self):
        folder, port = self.world.folder, free_port()
        crt, key = folder / "tls.crt", folder / "tls.key"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", crt)
        self.world.stop_gateway()
        self.world.start(PLATFORM, "--realm", self.world.realm, "serve", "--listen", f"127.0.0.1:{port}", "--tls-cert",
                         crt, "--tls-key", key, log="tls.log")
        wait_until(lambda: listens(port), 30, "the gateway listens")
        url = f"https://127.0.0.1:{port}"
        self.near.watch(url, check=4)  # nobody vouches for the certificate
        watch = ("witness", "watch", url, self.near.folder, "--ca", crt, "--json")
        self.assertGreater(run(PLATFORM, *watch).json()["size"], 0)

    def test_a_service_looks_again_and_again(self):
        self.near.watch()
        seen = len(self.near.lines())
        service = self.world.start(PLATFORM, "witness", "watch", self.world.url, self.near.folder, "--every", "1s",
                                   log="witness.log")
        self.world.publish(self.new)
        wait_until(lambda: len(self.near.lines()) == seen + 1, 20, "the service sees the publish")
        self.world.stop_gateway()
        self.world.serve()
        self.world.publish(self.old)
        wait_until(lambda: len(self.near.lines()) == seen + 2, 20, "and goes on after a silence")
        service.send_signal(signal.SIGTERM)
        self.assertEqual(service.wait(20), 0)
        self.check_note(self.near)


if __name__ == "__main__":
    unittest.main(verbosity=2)
