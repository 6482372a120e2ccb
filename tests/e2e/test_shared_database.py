"""The platform on PostgreSQL. Two gateways and two workers on one database, killed at random while records come in: each is
there exactly once. And what the tests of the homes ask of SQLite, asked of PostgreSQL.

ROOTLET_LONG=1 sends 10,000 records and runs all tests that know both engines.
"""
import contextlib
import threading
import unittest

from world import *

LONG = os.environ.get("ROOTLET_LONG") == "1"
OFFICES, SUBMISSIONS, AT_ONCE = (10, 20, 50) if LONG else (3, 4, 20)


class Server:
    """A throw-away PostgreSQL."""

    def __init__(self, folder):
        folder.parent.chmod(0o755)
        self.folder = folder
        self.address = subprocess.run([SOURCE / "scripts/postgres.sh", "start", folder], check=True, stdout=subprocess.PIPE,
                                      text=True).stdout.strip()

    def stop(self):
        subprocess.run([SOURCE / "scripts/postgres.sh", "stop", self.folder], check=False, capture_output=True)

    def sql(self, statement):
        done = subprocess.run(["psql", self.address, "-v", "ON_ERROR_STOP=1", "-qAtc", statement], capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout.strip()


class Balancer:
    """Hands each connection to one of the ports that answers, as a load balancer does."""

    def __init__(self, port, ports):
        self.ports = ports
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.connect, args=(client,), daemon=True).start()

    def connect(self, client):
        for port in RANDOM.sample(self.ports, len(self.ports)):
            with contextlib.suppress(OSError):
                gateway = socket.create_connection(("127.0.0.1", port))
                threading.Thread(target=self.copy, args=(gateway, client), daemon=True).start()
                self.copy(client, gateway)
                return
        client.close()

    @staticmethod
    def copy(source, target):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


class Machine:
    """A second machine of a home: its keys and the address of its database, and nothing else."""

    def __init__(self, world, name, homes):
        self.world, self.name = world, name
        self.folder = world.folder / name
        self.folder.mkdir()
        for home in homes:
            (self.folder / home).mkdir(mode=0o700)
            for file in (f"{home}.key", "database"):
                shutil.copy(world.realm / home / file, self.folder / home / file)
        (self.folder / "repository").symlink_to(world.realm / "repository")
        self.child = None

    def start(self, *words):
        self.child = self.world.start(PLATFORM, "--realm", self.folder, *words, log=f"{self.name}.log")

    def kill(self):
        self.child.kill()
        self.child.wait()


CONTRACT = [("platform/store/test_platform_store",), ("platform/realm/test_platform_realm",),
            ("platform/intake/test_intake", "--test-case=life:*,fork:*,judge:*,gate:*,mail:*,poison:*,holders:*")]
WHOLE_CONTRACT = [("platform/store/test_platform_store",), ("platform/realm/test_platform_realm",), ("platform/intake/test_intake",),
                  ("platform/repository/test_platform_repository",), ("platform/publish/test_platform_publish",),
                  ("platform/office/test_platform_office",), ("platform/serve/test_platform_serve",),
                  ("platform/keys/test_platform_keys",),
                  # Without those that copy, open or search the files of SQLite.
                  ("realm/test_realm", "--test-case-exclude=two views*,thief of the serving machine*,erasing: no lie of the serving*")]


class Contract(unittest.TestCase):
    def test_what_holds_on_sqlite_holds_on_postgresql(self):
        with World() as world:
            server = Server(world.folder / "pg")
            try:
                for program, *words in WHOLE_CONTRACT if LONG else CONTRACT:
                    run(PROGRAMS / "tests" / program, *words, timeout=3000 if LONG else 300,
                        env={"ROOTLET_TEST_DATABASE": f"postgres:{server.address}"})
            finally:
                server.stop()


class SharedDatabase(unittest.TestCase):
    def setUp(self):
        self.world = self.enterContext(World())
        self.server = Server(self.world.folder / "pg")
        self.addCleanup(self.server.stop)
        self.database = f"postgres:{self.server.address}"

    def make_realm(self):
        world = self.world
        run(PLATFORM, "init", world.realm, "--name", "Shared", "--url", world.url, "--database", self.database)
        world.platform("dataset", "add", DEMO / "villages.dataset.json")
        world.platform("form", "add", DEMO / "household-visit.form.json")
        world.publish(subset(OLD, world.folder / "old.csv", "330402"))

    def start_services(self):
        ports = [free_port(), free_port()]
        gateways = [Machine(self.world, f"gateway{i}", ["serving"]) for i in range(2)]
        workers = [Machine(self.world, f"worker{i}", ["intake", "serving"]) for i in range(2)]
        services = [(gateway, ("serve", "--alone", "--listen", f"127.0.0.1:{port}")) for gateway, port in zip(gateways, ports)]
        services += [(worker, ("worker",)) for worker in workers]
        for machine, words in services:
            machine.start(*words)
        self.world.start(PLATFORM, "--realm", self.world.realm, "keeper", log="keeper.log")
        Balancer(self.world.port, ports)
        wait_until(self.world.answers, 30, "a gateway answers")
        return services

    def submit(self, office, submitted):
        visits = [{**VISIT, "members": 1 + i % 9} for i in range(AT_ONCE)]
        answer = office.run("submit", "household-visit", "-", "--json", stdin=json.dumps(visits)).json()
        submitted += [one["id"] for one in answer["records"]]

    def test_killed_at_random_each_record_is_there_once(self):
        self.make_realm()
        services = self.start_services()
        offices = [self.world.office(f"office{i}", "3304") for i in range(OFFICES)]
        for office in offices:
            office.start(poll="200ms")
        wait_until(lambda: all("household-visit" in office.run("forms").out for office in offices), 60, "the form arrives")
        ended = threading.Event()

        def kill_often():
            while not ended.wait(RANDOM.uniform(0.2, 1.0)):
                machine, words = RANDOM.choice(services)
                machine.kill()
                machine.start(*words)

        killer = threading.Thread(target=kill_often)
        killer.start()
        submitted = []
        try:
            for _ in range(SUBMISSIONS):
                for office in offices:
                    self.submit(office, submitted)
        finally:
            ended.set()
            killer.join()
        for office in offices:
            wait_until(lambda: office.outbox()["accepted"] >= SUBMISSIONS * AT_ONCE, 300, "records accepted")
        self.assertEqual(len(submitted), OFFICES * SUBMISSIONS * AT_ONCE)
        held = self.server.sql("SELECT id FROM rootlet_records.records").split()
        self.assertEqual(sorted(held), sorted(submitted))
        self.assertEqual(self.server.sql("SELECT count(*) FROM rootlet_inbox.batches WHERE state=1"), "0")
        # Every mail that was posted lies in the inbox, in the order of its mailbox.
        posted = self.server.sql("SELECT address, sequence FROM rootlet_records.mail ORDER BY 1, 2")
        self.assertEqual(posted, self.server.sql("SELECT address, sequence FROM rootlet_inbox.mail ORDER BY 1, 2"))
        self.world.platform("verify")
        print(f"{len(submitted)} records of {OFFICES} offices", flush=True)

    def test_secrets_are_sealed_and_a_restarted_server_ends_nothing(self):
        self.make_realm()
        self.refuses_a_second_realm_and_a_backup()
        for schema in ("platform", "serving", "intake"):
            sizes = self.server.sql(f"SELECT DISTINCT length(secret) FROM rootlet_{schema}.secrets").split()
            self.assertTrue(sizes and all(int(size) > 32 for size in sizes), (schema, sizes))
        services = self.start_services()
        office = self.world.office("jiaxing", "3304")
        office.start(poll="200ms")
        wait_until(lambda: "household-visit" in office.run("forms").out, 30, "the form arrives")
        self.restart_server()
        submitted = []
        self.submit(office, submitted)
        wait_until(lambda: office.outbox()["accepted"] == AT_ONCE, 90, "records accepted after the restart")
        self.assertTrue(all(machine.child.poll() is None for machine, _ in services))

    def restart_server(self):
        self.server.stop()
        data, owner = self.server.folder / "data", ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        binary = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))[-1]
        command = [binary, f"--pgdata={data}", "--wait", "start", f"--log={self.server.folder}/again.log", "-o",
                   f"-c listen_addresses= -c unix_socket_directories={self.server.folder} -c fsync=off"]
        subprocess.run((owner if os.getuid() == 0 else []) + command, check=True, stdout=subprocess.DEVNULL)

    def refuses_a_second_realm_and_a_backup(self):
        again = run(PLATFORM, "init", self.world.folder / "second", "--name", "Second", "--database", self.database, check=2)
        self.assertIn("already", again.err)
        self.assertFalse((self.world.folder / "second").exists())
        words = self.world.folder / "words"
        words.write_text("a passphrase of a backup\n")
        refused = self.world.platform("realm", "backup", self.world.folder / "backup", "--passphrase-file", words, check=2)
        self.assertIn("pg_dump", refused.err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
