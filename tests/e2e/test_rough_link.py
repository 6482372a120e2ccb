"""What lies between an office and its platform: a proxy that refuses large requests, a mirror that drips."""
import http.client
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from world import *


class Proxy:
    """Passes requests on; answers 413 above `max_request` bytes, and sends packs at `pack_rate` B/s."""

    def __init__(self, port, max_request=None, pack_rate=None):
        self.max_request, self.pack_rate = max_request, pack_rate
        self.refused, self.dripped, self.stopping = [], 0, threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if outer.max_request and len(body) > outer.max_request:
                    outer.refused.append(len(body))
                    return self.answer(413, {}, b"<html>too large</html>")
                upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                headers = {k: v for k, v in self.headers.items() if k.lower() != "host"}
                upstream.request(self.command, self.path, body or None, headers)
                reply = upstream.getresponse()
                kept = {k: v for k, v in reply.getheaders()
                        if k.lower() not in ("content-length", "connection", "transfer-encoding")}
                body = reply.read()
                upstream.close()
                self.answer(reply.status, kept, body)

            def answer(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                slow = outer.pack_rate and self.path.startswith("/packs/")
                step = outer.pack_rate // 10 if slow else len(body) or 1
                try:
                    for at in range(0, len(body), step):
                        self.wfile.write(body[at:at + step])
                        if slow:
                            outer.dripped += step
                            if outer.stopping.wait(0.1):
                                return
                except OSError:
                    pass

            do_GET = do_POST = pass_on

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.server.shutdown()


class RoughLink(unittest.TestCase):
    def test_a_proxy_that_refuses_large_requests_holds_up_no_other_record(self):
        with World() as world:
            world.make_realm()
            world.publish(subset(OLD, world.folder / "small.csv", "3304"))
            world.serve()
            office = world.office("jiaxing", "3304")
            with Proxy(world.port, max_request=6_000) as proxy:
                env = {"ROOTLET_URL": proxy.url}
                office.run("sync", env=env)
                batch = [{**VISIT, "members": 1 + i % 20, "name": f"户主{i}"} for i in range(400)]
                office.run("submit", "household-visit", "-", stdin=json.dumps(batch))
                wait_until(lambda: office.run("sync", env=env) and
                           office.outbox()["accepted"] == 400, 60, "all records are accepted")
                self.assertTrue(proxy.refused)
                self.assertLess(len(proxy.refused), 8)
                inbox = world.platform("inbox", "list", "--json").json()
                records = inbox["records"] if isinstance(inbox, dict) else inbox
                ids = [record["id"] for record in records]
                self.assertEqual(len(ids), len(set(ids)))

    def test_a_record_is_sent_while_a_mirror_drips_a_pack(self):
        with World() as world:
            world.make_realm()
            world.publish(subset(OLD, world.folder / "small.csv", "3304"))
            world.serve()
            office = world.office("jiaxing", "3304")
            office.run("sync")
            world.publish(subset(OLD, world.folder / "more.csv", "33"))
            world.platform("grant", "remove", "jiaxing", "villages")
            world.platform("grant", "add", "jiaxing", "villages", "--divisions", "33",
                           "--purposes", "address-lookup,verification")
            with Proxy(world.port, pack_rate=400) as mirror:
                office.daemon = world.start(
                    AGENT, "--home", office.home, "run", "--poll", "1s", log="office.log",
                    env={"ROOTLET_REPOSITORY_URL": mirror.url})
                wait_until(lambda: mirror.dripped > 0, 30, "a pack begins to drip")
                office.submit(VISIT)
                wait_until(lambda: office.outbox()["accepted"] == 1, 20, "the record is accepted")
                self.assertEqual(office.status()["outbox"]["accepted"], 1)


if __name__ == "__main__":
    unittest.main()
