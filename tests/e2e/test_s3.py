"""A repository in a bucket: the same bytes as in the folder, whole after every kill, followed by our agent, `rootlet
trust` and tuf-js; and a realm that moves there and back with its offices. `--long` kills at every write."""
import types
import unittest

from bucket import *
from test_nginx import CONFIG
from test_tuf import OurTrust, TufJs

if os.path.isdir("/dev/shm"):
    tempfile.tempdir = "/dev/shm"  # fsync() costs nothing there, and is still called
LONG = "--long" in sys.argv or os.environ.get("ROOTLET_LONG") == "1"
PROXY = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.err; user root;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {bucket}/; }} }}
}}
"""
NEVER = lambda method, path: None


class InBucket(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.__exit__, None, None, None)
        self.bucket = Bucket(self.world)
        self.addCleanup(self.bucket.close)
        self.addCleanup(lambda: self.assertEqual(self.bucket.refused, []))
        self.old = subset(OLD, self.world.folder / "old.csv", "330402")
        self.new = subset(NEW, self.world.folder / "new.csv", "330402")

    def init(self, *options):
        run(PLATFORM, "init", self.world.realm, "--name", "Demo", "--url", self.world.url, *options,
            env=self.bucket.env)
        self.platform("dataset", "add", DEMO / "villages.dataset.json")

    def platform(self, *words, **options):
        return self.world.platform(*words, env=self.bucket.env, **options)

    def publish(self, path, **options):
        return self.platform("publish", "villages", "--from", f"csv:{path}", "--accept-changes", "100%", **options)

    def office(self, name):
        """Its grant is there before it enrols, and it is approved by hand: no gateway is needed."""
        home, files = Office(self.world, name), self.world.folder
        self.platform("office", "add", name, "--division", "3304", "--name", name, "--out", files / f"{name}.enroll")
        self.platform("grant", "add", name, "villages", "--divisions", "3304", "--purposes",
                      "address-lookup,verification", "--export")
        home.run("enroll", files / f"{name}.enroll", "--offline", files / f"{name}.request")
        self.platform("office", "approve", files / f"{name}.request", "--out", files / f"{name}.answer")
        home.run("enroll", files / f"{name}.answer")
        return home

    def folder_files(self):
        return files_below(self.world.realm / "repository")

    def in_bucket_as_in_folder(self, prefix=""):
        self.assertEqual(self.bucket.files(prefix), self.folder_files())

    def same_files_through(self, config, **names):
        port = free_port()
        path = self.world.folder / f"nginx-{port}.conf"
        path.write_text(config.format(folder=self.world.folder, port=port, **names))
        nginx = self.world.start(shutil.which("nginx") or "/usr/sbin/nginx", "-c", path, log="nginx.log")
        wait_until(lambda: listens(port), 10, "nginx listens")
        for name, content in self.folder_files().items():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{name}") as answer:
                self.assertEqual(answer.read(), content, name)
        nginx.terminate()
        nginx.wait(10)

    def test_same_bytes_and_proofs_as_in_the_folder(self):
        self.init(*self.bucket.options("a/county", "--s3-part-bytes", "64k"))
        # Names that do not compress, so that a file is larger than two parts.
        noise = lambda line: line.replace(',"', f',"{RANDOM.randbytes(200).hex()}', 1)
        self.old = subset(OLD, self.world.folder / "old.csv", "3304", edit=noise)
        self.publish(self.old)
        offices = [self.office("gateway"), self.office("bucket")]
        self.in_bucket_as_in_folder("a/county")
        url = self.bucket.url("a/county")
        invitation = json.loads((self.world.folder / "bucket.enroll").read_text())
        self.assertEqual((invitation["url"], invitation["repository_url"]), (self.world.url, url))
        # What an office fetches, and what it proves, is the same in both places.
        self.world.serve()
        seen = []
        for path in (self.old, self.new):
            self.publish(path)
            for office, words in zip(offices, (["--from", self.world.url], ["--from", url])):
                report = office.run("sync", "--json", *words).json()
                seen.append({name: report[name] for name in ("packs", "rows", "requests")})
                self.assertEqual(office.rows(), rows_of(path, "3304"))
            self.assertEqual(seen[-2], seen[-1])
            self.assertEqual(digests_of_office(offices[0]), digests_of_office(offices[1]))
        place = types.SimpleNamespace(folder=self.world.folder, realm=self.world.realm, url=url)
        trusted = [client(place, name).follow() for client, name in ((TufJs, "js"), (OurTrust, "ours"))]
        for one in trusted:
            one.pop("file", None)
        self.assertEqual(trusted[0], trusted[1])
        self.fields_are_those_of_the_gateway(url)
        self.same_files_through(CONFIG, root=self.world.realm / "repository")
        self.same_files_through(PROXY, bucket=url)
        said = self.platform("bucket", "verify", "--json").json()
        self.assertEqual((said["ok"], said["files"]), (True, len(self.folder_files())))
        self.assertTrue(any("partNumber=2" in path for _, path, _ in self.bucket.writes))

    def fields_are_those_of_the_gateway(self, url):
        for name, cache in (("metadata/timestamp.json", "no-cache"), ("metadata/1.root.json", "immutable"),
                            ("news/3304.news", "no-cache")):
            with urllib.request.urlopen(f"{url}/{name}") as answer:
                etag = answer.headers["ETag"]
                self.assertIn(cache, answer.headers["Cache-Control"])
                self.assertIn("json" if name.endswith("json") else "octet", answer.headers["Content-Type"])
            asked = urllib.request.Request(f"{url}/{name}", headers={"If-None-Match": etag})
            with self.assertRaises(urllib.error.HTTPError) as unchanged:
                urllib.request.urlopen(asked)
            self.assertEqual(unchanged.exception.code, 304)
        part = urllib.request.Request(f"{url}/metadata/1.root.json", headers={"Range": "bytes=1-4"})
        with urllib.request.urlopen(part) as answer:
            self.assertEqual((answer.status, len(answer.read())), (206, 4))

    def state_seen(self):
        """The rows that a new copy of an office finds in the bucket; each state is whole."""
        copy = Office(self.world, "copy")
        shutil.rmtree(copy.home, ignore_errors=True)
        shutil.copytree(self.reader.home, copy.home)
        copy.run("sync", "--from", self.bucket.url())
        self.assertEqual(len(copy.status()["datasets"]), 1)
        return copy.rows()

    def test_a_killed_publish_leaves_no_half(self):
        self.init(*self.bucket.options())
        self.publish(self.old)
        self.reader = self.office("reader")
        states = {str(path): rows_of(path, "330402") for path in (self.old, self.new)}
        before, after = self.old, self.new
        self.publish(after)  # the first measures how many writes there are
        self.bucket.writes.clear()
        before, after = after, before
        self.publish(after)
        count = len(self.bucket.writes)
        steps = [*range(count)] * 5 if LONG else sorted(RANDOM.sample(range(count), min(count, 10)))
        print(f"one publish writes {count} times; killed at {list(steps)}", flush=True)
        for step in steps:
            before, after = after, before
            old = self.bucket.files()["metadata/timestamp.json"]
            self.killed_at(step, after)
            seen = self.state_seen()
            is_old = self.bucket.files()["metadata/timestamp.json"] == old
            # Offices begin with the news, which come last.
            possible = [states[str(before)]] + ([] if is_old else [states[str(after)]])
            self.assertIn(seen, possible)
            self.publish(after)
            self.in_bucket_as_in_folder()

    def killed_at(self, step, path):
        """kill -9 in the middle of this write: S3 has it whole, or has nothing of it."""
        child, left = None, [step]
        reaches_bucket = RANDOM.random() < 0.5
        lock = threading.Lock()

        def kill(method, _):
            if method in ("GET", "HEAD"):
                return None
            with lock:
                left[0] -= 1
                if left[0] >= 0:
                    return None
                child.kill()
            return "lost" if reaches_bucket and left[0] == -1 else "cut"

        words = ("publish", "villages", "--from", f"csv:{path}", "--accept-changes", "100%")
        out = open(self.world.folder / "killed.log", "ab")
        self.bucket.fault = kill
        child = subprocess.Popen([str(PLATFORM), "--realm", str(self.world.realm), *words], stdout=out, stderr=out,
                                 env=environment(self.bucket.env))
        self.assertEqual(child.wait(60), -signal.SIGKILL)
        out.close()
        wait_until(self.bucket.is_idle, 20, "the bucket has done what was sent")
        self.bucket.fault = NEVER

    def test_a_bucket_out_of_order_delays_and_breaks_nothing(self):
        self.init(*self.bucket.options())
        self.publish(self.old)
        self.reader = self.office("reader")
        before = self.bucket.files()
        self.bucket.fault = lambda method, path: "busy"
        said = self.publish(self.new, check=3)
        self.assertIn("503 SlowDown", said.err)
        self.assertIn("saved here", said.err)
        self.assertEqual(self.bucket.files(), before)
        self.platform("bucket", "show", check=3)
        self.bucket.fault = NEVER
        self.platform("bucket", "update")
        self.in_bucket_as_in_folder()
        self.assertEqual(self.state_seen(), rows_of(self.new, "330402"))
        # Now and then: a publish gets through by itself.
        for fault in ("busy", "cut", "lost", "slow"):
            self.bucket.fault = lambda *_, fault=fault: fault if RANDOM.random() < 0.15 else None
            path = self.old if fault in ("busy", "lost") else self.new
            done = self.publish(path, check=None)
            self.assertIn(done.code, (0, 3), done.err)
            self.bucket.fault = NEVER
            self.publish(path)
            self.in_bucket_as_in_folder()
        # A wrong key is an operator's mistake and is not tried again.
        self.bucket.key_file.write_text(f"{KEY_ID}\nwrong\n")
        said = self.publish(self.old, check=2)
        self.assertIn("SignatureDoesNotMatch", said.err)
        self.assertEqual(len(self.bucket.refused), 4, self.bucket.refused)  # one of each connection
        self.bucket.refused.clear()
        self.bucket.key_file.write_text(f"{KEY_ID}\n{SECRET}\n")
        # What is damaged in the bucket is found and put again.
        damaged = next(path for path in (self.bucket.data / "realm").rglob("*.pack._S3rver_object"))
        damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
        self.platform("bucket", "update")
        self.assertIn("differs", self.platform("bucket", "verify", check=6).err)
        self.platform("bucket", "update")
        self.platform("bucket", "verify")

    def fetched_since(self, count):
        return [path for method, path, _ in self.bucket.requests[count:] if method == "GET" and "?" not in path]

    def test_a_realm_moves_to_a_bucket_and_back_with_its_offices(self):
        world, bucket = self.world, self.bucket
        self.init()
        self.publish(self.old)
        serve = world.start(PLATFORM, "--realm", world.realm, "serve", "--listen", f"127.0.0.1:{world.port}",
                            log="gateway.log", env=bucket.env)
        wait_until(world.answers, 30, "the gateway answers")
        office = world.office("early", "3304")
        office.run("sync")
        move = ("realm", "migrate", *bucket.options("county"))
        for step in (0, 3, 9, 20):
            self.killed_move(step, move)
            count = len(bucket.requests)
            office.run("sync")
            self.assertEqual(self.fetched_since(count), [])  # nobody knows of it
        self.platform(*move)
        self.in_bucket_as_in_folder("county")
        self.assertEqual(self.platform("bucket", "show", "--json").json()["state"], "in_use")
        office.run("sync")  # sees it at the gateway
        count = len(bucket.requests)
        self.publish(self.new)
        office.run("sync")
        self.assertEqual(office.rows(), rows_of(self.new, "330402"))
        self.assertTrue(any(path.endswith(".news") for path in self.fetched_since(count)))
        # Who joins now is sent there at once; what the keeper signs, serve puts there.
        late = world.office("late", "3304")
        wait_until(lambda: late.run("sync", check=None).code == 0 and late.dataset() and
                   late.rows() == rows_of(self.new, "330402"), 30, "the grant is in the bucket")
        # A bucket that is away: the gateway has the files too.
        bucket.fault = lambda method, path: "cut"
        self.publish(self.old, check=3)
        office.run("sync")
        self.assertEqual(office.rows(), rows_of(self.old, "330402"))
        bucket.fault = NEVER
        wait_until(lambda: bucket.files("county") == self.folder_files(), 60, "serve brings it up to date")
        # And back.
        self.platform("realm", "migrate", "--finish", check=2)
        self.platform("realm", "migrate", "--repository", "folder")
        for one in (office, late):
            one.run("sync")  # sees it in the bucket
        count = len(bucket.requests)
        self.publish(self.new)
        for one in (office, late):
            one.run("sync")
            self.assertEqual(one.rows(), rows_of(self.new, "330402"))
        self.assertEqual(self.fetched_since(count), [])
        self.in_bucket_as_in_folder("county")
        self.platform("realm", "migrate", "--finish")
        writes = len(bucket.writes)
        self.publish(self.old)
        self.assertEqual(len(bucket.writes), writes)
        serve.terminate()
        serve.wait(20)

    def killed_move(self, step, move):
        left, child = [step], None

        def kill(method, path):
            left[0] -= 1
            if left[0] < 0:
                child.kill()
                return "cut"
            return None

        self.bucket.fault = kill
        child = subprocess.Popen([str(PLATFORM), "--realm", str(self.world.realm), *map(str, move)],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 env=environment(self.bucket.env))
        self.assertEqual(child.wait(60), -signal.SIGKILL)
        self.bucket.fault = NEVER

    def test_a_restored_realm_fills_its_bucket_anew(self):
        """The backup knows nothing of what the bucket got after it, and the record of the bucket is not in it."""
        folder = self.world.folder
        self.init(*self.bucket.options())
        self.publish(self.old)
        office = self.office("reader")
        (folder / "backup.txt").write_text("the backup's passphrase\n")
        self.platform("realm", "backup", folder / "realm.backup", "--passphrase-file", folder / "backup.txt")
        self.publish(self.new)
        office.run("sync", "--from", self.bucket.url())
        lost = set(self.bucket.files())
        shutil.rmtree(self.world.realm)
        run(PLATFORM, "realm", "restore", folder / "realm.backup", self.world.realm, "--passphrase-file",
            folder / "backup.txt")
        self.platform("bucket", "update")
        self.in_bucket_as_in_folder()
        self.assertTrue(lost - set(self.bucket.files()))  # what only the lost realm knew is gone
        office.run("sync", "--from", self.bucket.url())
        self.assertEqual(office.rows(), rows_of(self.old, "330402"))

    def test_a_bucket_of_another_realm_is_left_alone(self):
        self.init(*self.bucket.options())
        before = self.bucket.files()
        other = self.world.folder / "other"
        said = run(PLATFORM, "init", other, "--name", "Other", *self.bucket.options(), env=self.bucket.env, check=2)
        self.assertIn("another realm", said.err)
        self.assertEqual(self.bucket.files(), before)


if __name__ == "__main__":
    sys.argv = [word for word in sys.argv if word != "--long"]
    unittest.main(verbosity=2)
