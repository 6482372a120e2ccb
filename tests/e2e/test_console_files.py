"""The console's files out of the real program: the door without a session, the console with one, codings and caches;
a sheet that is uploaded; a failure that somebody sees who started the console from the menu."""
import gzip
import http.client
import os
import re
import unittest
from urllib.parse import urlsplit

from test_api import ask, cookie_header
from world import *

POLICY = ["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
          "connect-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"]


def raw(port, target, method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(method, target, None, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.bytes = answer.read()
    connection.close()
    return answer


class ConsoleFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().__enter__()
        cls.addClassCleanup(cls.world.__exit__, None, None, None)
        cls.world.make_realm()
        cls.csv = subset(OLD, cls.world.folder / "old.csv", "3304")
        cls.world.publish(cls.csv)
        cls.world.serve()
        cls.office = cls.world.office("jiaxing", "3304")
        cls.port = free_port()
        cls.office.daemon = cls.world.start(AGENT, "--home", cls.office.home, "run", "--poll", "1h",
                                            "--api-listen", f"127.0.0.1:{cls.port}", log="jiaxing.log")
        wait_until(lambda: at_head(cls.office), 60, "the first sync")
        parts = urlsplit(cls.office.run("console", "--print", "--json").json()["url"])
        entered = ask(cls.tcp(), f"{parts.path}?{parts.query}")
        assert entered.status == 303 and entered.headers["Location"] == "/console/", entered.body
        cls.cookie = cookie_header(entered.cookies())

    @classmethod
    def tcp(cls):
        return http.client.HTTPConnection("127.0.0.1", cls.port)

    def test_without_a_session_there_is_the_door_with_its_look(self):
        for target in "/console", "/console/":
            door = raw(self.port, target)
            self.assertEqual((door.status, door.headers["Cache-Control"]), (200, "no-store"))
            text = door.bytes.decode()
            self.assertIn('href="/console/door.css"', text)
            self.assertNotIn("<script", text)
            self.assertNotIn("style=", text)
        for part in POLICY:
            self.assertIn(part, door.headers["Content-Security-Policy"])
        self.assertNotIn("unsafe", door.headers["Content-Security-Policy"])
        style = raw(self.port, "/console/door.css", Accept_Encoding="gzip")
        self.assertEqual(style.headers["Content-Type"], "text/css; charset=utf-8")
        self.assertIn(b"prefers-color-scheme", gzip.decompress(style.bytes))

    def test_codings_and_caches(self):
        whole = raw(self.port, "/console/door.css")
        self.assertIsNone(whole.headers["Content-Encoding"])
        zipped = raw(self.port, "/console/door.css", Accept_Encoding="gzip, deflate")
        self.assertEqual(gzip.decompress(zipped.bytes), whole.bytes)
        brotli = raw(self.port, "/console/door.css", Accept_Encoding="gzip, br")
        self.assertEqual(brotli.headers["Content-Encoding"], "br")
        self.assertEqual(len({answer.headers["ETag"] for answer in (whole, zipped, brotli)}), 3)
        again = raw(self.port, "/console/door.css", Accept_Encoding="br", If_None_Match=brotli.headers["ETag"])
        self.assertEqual((again.status, again.bytes), (304, b""))
        self.assertEqual(again.headers["ETag"], brotli.headers["ETag"])
        head = raw(self.port, "/console/door.css", "HEAD", Accept_Encoding="br")
        self.assertEqual((head.status, head.bytes), (200, b""))
        self.assertEqual(int(head.headers["Content-Length"]), len(brotli.bytes))
        self.assertEqual(raw(self.port, "/console/door.css", "POST").status, 405)

    def test_unknown_files_are_none(self):
        for path in "/console/assets/none.js", "/console/index.html", "/console/../door.css", "/console/door.css/":
            self.assertEqual(raw(self.port, path).status, 404, path)
        self.assertEqual(raw(self.port, "/console/door.css", Sec_Fetch_Site="cross-site").status, 403)

    def test_with_a_session_there_is_the_console(self):
        page = raw(self.port, "/console/", Cookie=self.cookie)
        self.assertEqual(page.status, 200)
        text = page.bytes.decode()
        if "/console/assets/" not in text:
            self.skipTest("this build has no web files")
        self.assertEqual(page.headers["Cache-Control"], "no-cache")
        self.assertIn(raw(self.port, "/console/", Cookie=self.cookie, If_None_Match=page.headers["ETag"]).status, (304,))
        files = re.findall(r'(?:src|href)="(/console/assets/[^"]+)"', text)
        self.assertTrue(any(name.endswith(".js") for name in files))
        for name in files:
            answer = raw(self.port, name, Accept_Encoding="br")
            self.assertEqual(answer.status, 200, name)
            self.assertEqual(answer.headers["Cache-Control"], "public, max-age=31536000, immutable")
            self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertNotRegex(text, r"<script(?![^>]*src=)[^>]*>[^<]")

    def test_an_upload_is_read_and_not_saved(self):
        csrf = ask(self.tcp(), "/api/v1/session", Cookie=self.cookie).json()["csrf"]
        body = "编码,名\n007,王\n".encode("gb18030")
        answer = ask(self.tcp(), "/api/v1/sheets", "POST", body, Cookie=self.cookie, X_CSRF_Token=csrf)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.json()["rows"], [["007", "王"]])

    def test_a_failure_from_the_menu_is_a_page(self):
        programs, runtime = self.world.folder / "bin", self.world.folder / "runtime"
        programs.mkdir()
        opener = programs / "xdg-open"
        opener.write_text(f'#!/bin/sh\necho "$1" >{programs}/opened\n')
        opener.chmod(0o755)
        environ = {"PATH": f"{programs}:{os.environ['PATH']}", "DISPLAY": ":9", "XDG_RUNTIME_DIR": str(runtime),
                   "LANG": "zh_CN.UTF-8", "LC_ALL": "zh_CN.UTF-8"}
        run(AGENT, "--home", self.world.folder / "nobody", "console", "--from-menu", check=3, env=environ)
        page = (programs / "opened").read_text().strip()
        self.assertTrue(page.startswith(f"file://{runtime}/rootlet/"), page)
        text = Path(page.removeprefix("file://")).read_text(encoding="utf-8")
        self.assertIn("后台程序未运行", text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
