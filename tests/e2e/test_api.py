"""The local API and the console's door with real processes: over the Unix socket, on loopback, and with TLS on the
network. Each refusal is in words and in the ledger."""
import base64
import http.client
import socket
import ssl
import statistics
import unittest
from urllib.parse import urlsplit

from test_idle import resident_kib
from world import *

PURPOSE = "purpose=address-lookup"
ROWS = f"/api/v1/datasets/villages/rows?{PURPOSE}"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("agent")
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, answer):
        self.status, self.body = answer.status, answer.read().decode()
        self.headers = answer.headers

    def json(self):
        return json.loads(self.body)

    def cookies(self):
        return {c.split("=", 1)[0]: c.split(";")[0].split("=", 1)[1]
                for c in self.headers.get_all("Set-Cookie") or []}


def ask(connection, target, method="GET", body=None, keep=False, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, target, body, headers)
    answer = Answer(connection.getresponse())
    if not keep:
        connection.close()
    return answer


def cookie_header(cookies):
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().__enter__()
        cls.addClassCleanup(cls.world.__exit__, None, None, None)
        cls.world.make_realm()
        cls.csv = subset(OLD, cls.world.folder / "old.csv", "3304")
        cls.world.publish(cls.csv)
        cls.world.serve()
        cls.office = cls.world.office("jiaxing", "3304")
        cls.port, cls.network_port = free_port(), free_port()
        cls.office.daemon = cls.world.start(
            AGENT, "--home", cls.office.home, "run", "--poll", "1h", "--api-listen", f"127.0.0.1:{cls.port}",
            "--console-listen", f"127.0.0.1:{cls.network_port}", "--console-names", "town.example",
            "--console-idle", "3s", log="jiaxing.log")
        wait_until(lambda: at_head(cls.office), 60, "the first sync")

    def unix(self):
        return UnixConnection(self.office.home / "api.sock")

    def tcp(self):
        return http.client.HTTPConnection("127.0.0.1", self.port)

    def network(self):
        authority = self.office.home / "console" / "authority.pem"
        context = ssl.create_default_context(cafile=authority)
        return http.client.HTTPSConnection("127.0.0.1", self.network_port, context=context)

    def ticket(self):
        url = self.office.run("console", "--print", "--json").json()["url"]
        parts = urlsplit(url)
        self.assertEqual(parts.netloc, f"127.0.0.1:{self.port}")
        return f"{parts.path}?{parts.query}"

    def sign_in(self):
        answer = ask(self.tcp(), self.ticket())
        self.assertEqual(answer.status, 303)
        return cookie_header(answer.cookies())

    def ledger(self):
        entries = self.office.run("ledger", "list", "--json").json()["entries"]
        return {(e["command"], e["outcome"]) for e in entries}

    def entries_of(self, user):
        entries = self.office.run("ledger", "list", "--json").json()["entries"]
        return {e["command"] for e in entries if e["user"] == user}

    def refused(self, answer, kind, *words, status=403):
        """In words, and in the ledger."""
        self.assertEqual(answer.status, status, answer.body)
        for word in words:
            self.assertIn(word, answer.body)
        self.assertIn((f"refused-{kind}", "no_access"), self.ledger())

    # --- reading -------------------------------------------------------------------------------

    def test_all_rows_as_csv_are_those_of_the_file(self):
        answer = ask(self.unix(), f"/api/v1/datasets/villages/rows.csv?{PURPOSE}")
        self.assertEqual(answer.headers["Rootlet-Limited"], "false")
        lines = answer.body.splitlines(keepends=True)[1:]
        if len(lines) > 1000:  # an export, with its mark
            self.assertTrue(lines.pop().startswith("# "))
        self.assertEqual(sorted(lines), self.office.rows())
        self.assertEqual(len(lines), len(rows_of(self.csv, "3304")))

    def test_pages_meet_every_row_once(self):
        connection, target, seen = self.unix(), f"{ROWS}&limit=500&order=name.desc&select=code,name", []
        while target:
            page = ask(connection, target, keep=True, Prefer="count=exact").json()
            seen += [(row["name"], row["code"]) for row in page["rows"]]
            target = page["next"]
        self.assertEqual(len(seen), page["total"])
        self.assertEqual(len(set(seen)), len(seen))
        self.assertEqual([name for name, _ in seen], sorted((name for name, _ in seen), reverse=True))

    def test_point_reads_over_the_socket(self):
        connection, times = self.unix(), []
        for line in rows_of(self.csv, "3304")[:300]:
            code = line.split(",")[0].strip('"')
            target = f"/api/v1/datasets/villages/rows/{code}?{PURPOSE}"
            begin = time.perf_counter()
            answer = ask(connection, target, keep=True)
            times.append(time.perf_counter() - begin)
            self.assertEqual(answer.status, 200)
        print(f"point read over HTTP on the socket, with this client: p50 {statistics.median(times) * 1e6:.0f} µs")

    def test_a_sync_reports_by_events(self):
        answer = ask(self.unix(), "/api/v1/sync", "POST", Accept="text/event-stream")
        self.assertEqual(answer.headers["Content-Type"], "text/event-stream")
        self.assertIn("event: done\ndata: {", answer.body)

    def test_idle_memory(self):
        ask(self.unix(), f"/api/v1/datasets/villages/rows.csv?{PURPOSE}")
        time.sleep(6.5)  # sessions of readers and their files are closed by then
        resident = resident_kib(self.office.daemon.pid)
        print(f"idle with API and console on the network: {resident / 1024:.1f} MiB resident")
        self.assertLess(resident, 30_000_000 / 1024)  # with TLS; without it test_idle.py has the limit

    # --- what the console asks -----------------------------------------------------------------

    def post(self, target, body, **headers):
        return ask(self.unix(), target, "POST", json.dumps(body), **headers)

    def test_sql_as_json_csv_and_workbook(self):
        request = {"purpose": "address-lookup", "statement": "SELECT code, name, 1.5 AS x FROM villages "
                   "WHERE code >= :least ORDER BY code", "parameters": {"least": "3304"}, "limit": 3}
        answer = self.post("/api/v1/sql", request)
        self.assertEqual(answer.status, 200, answer.body)
        said = answer.json()
        self.assertEqual([c["name"] for c in said["columns"]], ["code", "name", "x"])
        self.assertEqual((len(said["rows"]), said["limited"], said["cut"]), (3, True, "rows"))
        self.assertEqual(said["rows"][0][2], 1.5)
        self.assertEqual(said["provenance"]["dataset"], "villages")
        csv = self.post("/api/v1/sql", {**request, "format": "csv"})
        self.assertTrue(csv.body.endswith("# limited: true\n"), csv.body)
        self.assertNotIn("Rootlet-Limited", csv.headers)
        connection = self.unix()
        connection.request("POST", "/api/v1/sql", json.dumps({**request, "format": "xlsx"}))
        self.assertTrue(connection.getresponse().read().startswith(b"PK"))
        connection.close()
        wrong = self.post("/api/v1/sql", {**request, "statement": "SELECT nosuch FROM villages"}, Accept_Language="zh")
        self.assertEqual((wrong.status, wrong.json()["field"]), (400, "line 1, column 8"), wrong.body)
        self.assertEqual(self.post("/api/v1/sql", {**request, "statement": "DELETE FROM villages"}).status, 400)
        self.assertEqual(self.post("/api/v1/sql", {**request, "purpose": "scoring"}).status, 403)

    def test_facets_count_the_rows_of_the_file(self):
        target = f"/api/v1/datasets/villages/facets?{PURPOSE}"
        begin = time.perf_counter()
        said = ask(self.unix(), target).json()
        print(f"facets of {said['matches']} rows: {(time.perf_counter() - begin) * 1000:.0f} ms")
        wait_until(lambda: ask(self.unix(), target).json()["exact"], 10, "a machine that is not too busy")
        said = ask(self.unix(), target).json()
        self.assertEqual(said["matches"], len(rows_of(self.csv, "3304")))
        for facet in said["facets"]:
            self.assertLessEqual(len(facet["values"]), 50)
            self.assertEqual(sum(v["count"] for v in facet["values"]) + facet["others"], said["matches"])
        self.assertIn(("facets", "done"), self.ledger())

    def test_a_draft_becomes_a_record_and_the_record_a_receipt(self):
        listener = self.unix()
        listener.request("GET", "/api/v1/events")
        events = listener.getresponse()
        draft = self.post("/api/v1/drafts", {"form": "household-visit", "values": {"name": VISIT["name"]}}).json()
        self.assertEqual(self.post("/api/v1/records", {"form": "household-visit", "id": draft["id"],
                                                       "values": {"members": 99}}).status, 422)
        saved = self.post("/api/v1/records", {"form": "household-visit", "id": draft["id"], "values": VISIT})
        self.assertEqual((saved.status, saved.json()["id"]), (201, draft["id"]), saved.body)
        target = f"/api/v1/outbox/{draft['id']}/receipt"
        wait_until(lambda: ask(self.unix(), target).status == 200, 30, "the receipt")
        receipt = ask(self.unix(), target).json()
        states = [one["state"] for one in receipt["states"]]
        self.assertEqual(states[:3], ["saved", "sealed", "received"])
        self.assertEqual(receipt["office"]["id"], "jiaxing")
        signed = json.loads(json.loads(base64.b64decode(receipt["receipt"]))["signed"])
        self.assertEqual((signed["type"], signed["office"]), ("received", "jiaxing"))
        self.assertEqual(signed["at"], receipt["states"][2]["at"])
        told = b""
        while told.count(b"event: outbox") < 2 or b"event: status" not in told:
            told += events.readline()
        self.assertNotIn(VISIT["name"].encode(), told)
        events.close()
        listener.close()

    def test_traffic_of_today(self):
        said = ask(self.unix(), "/api/v1/traffic").json()
        self.assertGreater(said["days"][-1]["bytes_down"], 0)
        self.assertIsNone(said["budget_bytes"])

    # --- who it is -----------------------------------------------------------------------------

    def test_a_browser_signs_in_reads_and_changes(self):
        cookie = self.sign_in()
        session = ask(self.tcp(), "/api/v1/session", Cookie=cookie).json()
        self.assertEqual(session["via"], "ticket")
        self.assertEqual(ask(self.tcp(), ROWS, Cookie=cookie).status, 200)
        body = json.dumps({"form": "household-visit", "values": VISIT})
        saved = ask(self.tcp(), "/api/v1/records", "POST", body, Cookie=cookie, X_CSRF_Token=session["csrf"],
                    Origin=f"http://127.0.0.1:{self.port}")
        self.assertEqual(saved.status, 201, saved.body)
        self.refused(ask(self.tcp(), "/api/v1/records", "POST", body, Cookie=cookie), "csrf", "X-CSRF-Token")

    def test_a_page_of_another_origin(self):
        cookie = self.sign_in()
        answer = ask(self.tcp(), ROWS, Cookie=cookie, Origin="http://evil.example")
        self.refused(answer, "origin", "another site")
        self.assertIsNone(answer.headers["Access-Control-Allow-Origin"])

    def test_a_rebinding_host_name(self):
        cookie = self.sign_in()
        answer = ask(self.tcp(), ROWS, Cookie=cookie, Host=f"evil.example:{self.port}")
        self.refused(answer, "host", "host name")

    def test_a_used_ticket(self):
        ticket = self.ticket()
        self.assertEqual(ask(self.tcp(), ticket).status, 303)
        self.refused(ask(self.tcp(), ticket), "ticket", "rootlet console")

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to be two users")
    def test_a_ticket_and_a_session_stolen_by_another_user(self):
        ticket, cookie = self.ticket(), self.sign_in()

        def as_nobody(target, **headers):
            """Asks as another user of this machine; a fork, because the session is short."""
            out, into = os.pipe()
            child = os.fork()
            if child == 0:
                try:
                    os.setgroups([])
                    os.setgid(65534)
                    os.setuid(65534)
                    answer = ask(self.tcp(), target, **headers)
                    os.write(into, json.dumps([answer.status, answer.body]).encode())
                finally:
                    os._exit(0)
            os.close(into)
            with os.fdopen(out) as heard:
                said = heard.read()
            os.waitpid(child, 0)
            return json.loads(said)
        status, body = as_nobody(ticket)
        self.assertEqual(status, 403)
        self.assertIn("another user", body)
        self.assertEqual(ask(self.tcp(), ticket).status, 403)  # it is used up
        status, body = as_nobody(ROWS, Cookie=cookie)
        self.assertEqual(status, 401)
        self.assertEqual(ask(self.tcp(), ROWS, Cookie=cookie).status, 200)
        self.assertTrue({"refused-ticket", "refused-session"} <= self.entries_of("nobody"))

    def test_a_session_that_ended(self):
        cookie = self.sign_in()
        self.assertEqual(ask(self.tcp(), ROWS, Cookie=cookie).status, 200)
        time.sleep(3.2)
        answer = ask(self.tcp(), ROWS, Cookie=cookie, Accept_Language="zh-CN")
        self.refused(answer, "session", "rootlet console", "会话", status=401)

    # --- on the network ------------------------------------------------------------------------

    def pair(self, name, role="clerk"):
        shown = self.office.run("console", "pair", name, "--role", role, "--json").json()
        answer = ask(self.network(), "/console/pair", "POST", f"code={shown['code']}")
        return shown, answer

    def test_an_unpaired_browser_sees_how_to_pair_and_nothing_else(self):
        front = ask(self.network(), "/console")
        shown = self.office.run("console", "list", "--json").json()
        self.refused(front, "session", shown["fingerprint"], "rootlet console pair", status=401)
        self.refused(ask(self.network(), ROWS), "session", "rootlet console pair", status=401)
        self.assertEqual(ask(self.network(), "/metrics").status, 404)
        with self.assertRaises(ssl.SSLError):
            context = ssl.create_default_context()  # without the authority
            ask(http.client.HTTPSConnection("127.0.0.1", self.network_port, context=context), "/console")

    def test_a_paired_browser_acts_under_its_persons_name_until_it_is_unpaired(self):
        shown, answer = self.pair("王小明")
        self.assertRegex(shown["code"], r"^[2-9A-Z]{4}-[2-9A-Z]{4}$")
        self.assertEqual(answer.status, 303)
        for cookie in answer.headers.get_all("Set-Cookie"):
            for mark in ("HttpOnly", "Secure", "SameSite=Strict"):
                self.assertIn(mark, cookie)
        cookies = answer.cookies()
        session = ask(self.network(), "/api/v1/session", Cookie=cookie_header(cookies)).json()
        self.assertEqual((session["user"], session["roles"], session["via"]), ("王小明", ["clerk"], "pairing"))
        self.assertEqual(ask(self.network(), ROWS, Cookie=cookie_header(cookies)).status, 200)
        answer = ask(self.network(), "/api/v1/ledger", Cookie=cookie_header(cookies))
        self.assertEqual(answer.status, 403)  # a clerk
        self.assertTrue({"console-paired", "console-enter", "query"} <= self.entries_of("王小明"))

        time.sleep(3.2)  # the session ends, the pairing does not
        self.assertEqual(ask(self.network(), ROWS, Cookie=cookie_header(cookies)).status, 401)
        again = ask(self.network(), "/console/resume", "POST", "", Cookie=cookie_header(cookies))
        self.assertEqual(again.status, 303)
        cookies.update(again.cookies())
        self.assertEqual(ask(self.network(), ROWS, Cookie=cookie_header(cookies)).status, 200)

        self.office.run("console", "unpair", "王小明")
        answer = ask(self.network(), ROWS, Cookie=cookie_header(cookies))
        self.refused(answer, "session", status=401)
        answer = ask(self.network(), "/console/resume", "POST", "", Cookie=cookie_header(cookies))
        self.refused(answer, "pairing", "pairing code")

    def test_wrong_codes_are_capped(self):
        code = self.office.run("console", "pair", "li", "--json").json()["code"]
        for _ in range(10):
            answer = ask(self.network(), "/console/pair", "POST", "code=AAAA-AAAA")
        self.refused(answer, "pairing", "void")
        self.assertEqual(ask(self.network(), "/console/pair", "POST", f"code={code}").status, 403)

    def test_the_network_knows_only_its_own_names(self):
        answer = ask(self.network(), "/console", Host=f"evil.example:{self.network_port}")
        self.refused(answer, "host", "host name")


if __name__ == "__main__":
    unittest.main(verbosity=2)
