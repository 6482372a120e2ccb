"""Who may ask what of the local API: OS users of this machine over api.sock, and browsers of the office's network. Each
refusal is in words and in the ledger. Needs root, to be several users."""
import http.client
import pwd
import ssl
import unittest

from test_api import UnixConnection, ask, cookie_header
from world import *

# Users that every Debian has; the settings name their groups as those of the roles.
CLERK, OPERATOR, AUDITOR, STRANGER = "games", "mail", "news", "nobody"
PURPOSE = "purpose=address-lookup"
ROWS = f"/api/v1/datasets/villages/rows?{PURPOSE}"


@unittest.skipUnless(os.geteuid() == 0, "needs root, to be several users")
class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().__enter__()
        cls.addClassCleanup(cls.world.__exit__, None, None, None)
        cls.world.make_realm()
        cls.world.publish(subset(OLD, cls.world.folder / "old.csv", "3304"))
        cls.world.serve()
        cls.office = cls.world.office("jiaxing", "3304")
        cls.network_port = free_port()
        cls.world.folder.chmod(0o755)
        cls.sockets = cls.world.folder / "sockets"
        cls.sockets.mkdir(mode=0o755)
        cls.settings = ["--socket", cls.sockets / "agent.sock", "--clerk-group", CLERK, "--operator-group", OPERATOR,
                        "--auditor-group", AUDITOR]
        cls.office.daemon = cls.world.start(
            AGENT, "--home", cls.office.home, *cls.settings, "run", "--poll", "1h", "--api-listen", "off",
            "--console-listen", f"127.0.0.1:{cls.network_port}", "--console-names", "town.example", log="jiaxing.log")
        wait_until((cls.sockets / "api.sock").exists, 30, "the API listens")
        wait_until(lambda: cls.run_as_owner("status", "--json").json()["datasets"], 60, "the first sync")

    @classmethod
    def run_as_owner(cls, *words, **options):
        return run(AGENT, "--home", cls.office.home, *cls.settings, *words, **options)

    def as_user(self, user, target, method="GET", body=None):
        """Status and body of an answer over api.sock, asked by another user of this machine."""
        out, into = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                entry = pwd.getpwnam(user)
                os.setgroups([])
                os.setgid(entry.pw_gid)
                os.setuid(entry.pw_uid)
                answer = ask(UnixConnection(self.sockets / "api.sock"), target, method, body, Accept_Language="zh-CN")
                os.write(into, json.dumps([answer.status, answer.body]).encode())
            finally:
                os._exit(0)
        os.close(into)
        with os.fdopen(out) as heard:
            said = heard.read()
        os.waitpid(child, 0)
        return json.loads(said)

    def entries(self, user):
        entries = self.run_as_owner("ledger", "list", "--json").json()["entries"]
        return [(e["command"], e["outcome"]) for e in entries if e["user"] == user]

    def refused(self, user, target, command, role, **request):
        status, body = self.as_user(user, target, **request)
        self.assertEqual(status, 403, body)
        self.assertIn(f"usermod -aG {role} {user}", body)  # what would give the right
        self.assertIn((command, "no_access"), self.entries(user))

    def test_each_role_does_its_work(self):
        for user, target in ((CLERK, ROWS), (OPERATOR, "/api/v1/doctor"), (AUDITOR, "/api/v1/ledger")):
            status, body = self.as_user(user, target)
            self.assertEqual(status, 200, body)

    def test_an_operator_reads_no_data_and_no_records(self):
        for target, command in ((ROWS, "query"), (f"/api/v1/search?q=x&{PURPOSE}", "search"),
                                ("/api/v1/outbox", "outbox-list"), ("/api/v1/outbox/0123abcd", "outbox-show")):
            with self.subTest(target):
                self.refused(OPERATOR, target, command, CLERK)
        body = json.dumps({"form": "household-visit", "values": VISIT})
        self.refused(OPERATOR, "/api/v1/records", "submit", CLERK, method="POST", body=body)

    def test_a_clerk_does_not_read_the_ledger_nor_start_a_sync(self):
        self.refused(CLERK, "/api/v1/ledger", "ledger-list", AUDITOR)
        self.refused(CLERK, "/api/v1/sync", "sync", OPERATOR, method="POST")

    def test_an_auditor_reads_the_ledger_only(self):
        self.refused(AUDITOR, ROWS, "query", CLERK)

    def test_a_user_without_a_role_sees_no_data(self):
        for target, command, role in ((ROWS, "query", CLERK), ("/api/v1/ledger", "ledger-list", AUDITOR),
                                      ("/api/v1/outbox", "outbox-list", CLERK)):
            with self.subTest(target):
                self.refused(STRANGER, target, command, role)

    def test_paging_through_a_table_is_stopped(self):
        user, target, got, status = CLERK, f"{ROWS}&limit=1000&select=code", 0, 200
        while status == 200:
            status, body = self.as_user(user, target)
            if status == 200:
                got += len(json.loads(body)["rows"])
                target = json.loads(body)["next"] or f"{ROWS}&limit=1000&select=code"
            self.assertLessEqual(got, 5_000)
        self.assertEqual(status, 403, body)
        self.assertIn("--export", body)
        self.assertGreater(got, 4_000)
        self.assertIn(("query", "not_permitted"), self.entries(user))

    # --- browsers of the network ---------------------------------------------------------------

    def network(self):
        context = ssl.create_default_context(cafile=self.office.home / "console" / "authority.pem")
        return http.client.HTTPSConnection("127.0.0.1", self.network_port, context=context)

    def paired(self, name, role="clerk"):
        code = self.run_as_owner("console", "pair", name, "--role", role, "--json").json()["code"]
        return cookie_header(ask(self.network(), "/console/pair", "POST", f"code={code}").cookies())

    def test_an_operator_s_browser_reads_no_data(self):
        cookies = self.paired("运维", "operator")
        answer = ask(self.network(), ROWS, Cookie=cookies)
        self.assertEqual(answer.status, 403, answer.body)
        self.assertIn(("query", "no_access"), self.entries("运维"))

    def test_a_browser_that_was_unpaired_and_paired_again_enters_with_its_new_secret_only(self):
        old = self.paired("王小明")
        self.assertEqual(ask(self.network(), ROWS, Cookie=old).status, 200)
        self.run_as_owner("console", "unpair", "王小明")
        self.assertEqual(ask(self.network(), ROWS, Cookie=old).status, 401)
        new = self.paired("王小明")
        self.assertEqual(ask(self.network(), ROWS, Cookie=new).status, 200)
        self.assertEqual(ask(self.network(), ROWS, Cookie=old).status, 401)
        answer = ask(self.network(), "/console/resume", "POST", "", Cookie=old)
        self.assertEqual(answer.status, 403, answer.body)
        outcomes = self.run_as_owner("ledger", "list", "--json").json()["entries"]
        self.assertIn("refused-pairing", {e["command"] for e in outcomes})

    def test_a_page_of_another_origin_on_the_network(self):
        cookies = self.paired("李四")
        for headers in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
            answer = ask(self.network(), ROWS, Cookie=cookies, **headers)
            self.assertEqual(answer.status, 403, answer.body)
        outcomes = self.run_as_owner("ledger", "list", "--json").json()["entries"]
        self.assertIn("refused-origin", {e["command"] for e in outcomes})


if __name__ == "__main__":
    unittest.main(verbosity=2)
