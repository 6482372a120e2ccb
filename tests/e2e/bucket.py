"""A bucket for end-to-end tests: s3rver from npm, behind a door of our own.

s3rver checks no signature of version 4 and writes a file while it arrives. S3 does neither, so the door takes each
request in whole, checks its signature and its SHA-256 as the specification says, and only then passes it on. It also
counts requests, and fails them when a test wants that.
"""
import contextlib
import hashlib
import hmac
import http.client
import http.server
import threading
import time
import urllib.parse

from world import *

S3RVER = SOURCE / "tests" / "e2e" / "s3" / "node_modules" / "s3rver" / "bin" / "s3rver.js"
NODE = next(MODULES.glob("node-linux-*/bin/node"))
KEY_ID, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "cn-test-1"


def hmac_sha256(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature_of(method, target, headers, body_hash, signed, scope, at):
    """AWS Signature Version 4, written from its specification."""
    path, _, query = target.partition("?")
    pairs = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
    quote = lambda text: urllib.parse.quote(text, safe="-_.~")
    canonical = "\n".join([
        method,
        urllib.parse.quote(urllib.parse.unquote(path), safe="/-_.~"),
        "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs),
        *[f"{name}:{' '.join(headers.get(name, '').split())}" for name in signed],
        "",
        ";".join(signed),
        body_hash])
    text = "\n".join(["AWS4-HMAC-SHA256", at, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in scope.split("/"):
        key = hmac_sha256(key, part)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def refusal_of(method, target, headers, body):
    """Why S3 would refuse this request, or None."""
    given = headers.get("Authorization")
    if given is None:
        return None if method in ("GET", "HEAD") and "?" not in target else "AccessDenied"
    fields = dict(part.strip().split("=", 1) for part in given.split(" ", 1)[1].split(","))
    key_id, scope = fields["Credential"].split("/", 1)
    if key_id != KEY_ID or scope.split("/")[1:] != [REGION, "s3", "aws4_request"]:
        return "InvalidAccessKeyId"
    signed = fields["SignedHeaders"].split(";")
    if any(name not in headers for name in [*signed, "host", "x-amz-content-sha256"]):
        return "SignatureDoesNotMatch"  # a field that was signed and not sent
    if hashlib.sha256(body).hexdigest() != headers["x-amz-content-sha256"]:
        return "XAmzContentSHA256Mismatch"
    wanted = signature_of(method, target, headers, headers["x-amz-content-sha256"], signed, scope,
                          headers["X-Amz-Date"])
    return None if hmac.compare_digest(wanted, fields["Signature"]) else "SignatureDoesNotMatch"


class Door(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Date", self.date_time_string())
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def error(self, status, code):
        self.answer(status, f"<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>".encode())

    def cut(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def serve(self):
        with self.server.bucket.running():
            self.serve_one()

    def serve_one(self):
        bucket = self.server.bucket
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = bucket.note(self.command, self.path, body)
        if fault == "cut":
            return self.cut()
        if fault == "busy":
            return self.error(503, "SlowDown")
        if fault == "slow":
            time.sleep(1)
        refused = refusal_of(self.command, self.path, self.headers, body)
        if refused:
            bucket.refused.append((self.command, self.path, refused))
            return self.error(403, refused)
        status, headers, content = bucket.pass_on(self.command, self.path, self.headers, body)
        if fault == "lost":  # done, but nobody hears of it
            return self.cut()
        self.answer(status, content, headers)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = serve


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):  # the client was killed
            super().handle_error(request, client_address)


class Bucket:
    """`fault(method, path)` of a test says what happens to a request; `writes` has all that changed something."""

    def __init__(self, world, name="realm"):
        self.world, self.name = world, name
        self.lock = threading.Lock()
        self.requests, self.writes, self.refused = [], [], []
        self.now_running = 0
        self.fault = lambda method, path: None
        self.data = world.folder / f"s3-{name}"
        self.back_port = free_port()
        world.start(NODE, S3RVER, "-d", self.data, "-a", "127.0.0.1", "-p", self.back_port, "-s", "--no-vhost-buckets",
                    "--configure-bucket", name, log="s3rver.log")
        wait_until(lambda: listens(self.back_port), 20, "s3rver listens")
        self.server = Server(("127.0.0.1", 0), Door)
        self.server.bucket = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"
        self.key_file = world.folder / "s3.key"
        self.key_file.write_text(f"{KEY_ID}\n{SECRET}\n")
        self.key_file.chmod(0o600)
        self.env = {"ROOTLET_S3_KEY_FILE": str(self.key_file)}

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    @contextlib.contextmanager
    def running(self):
        with self.lock:
            self.now_running += 1
        try:
            yield
        finally:
            with self.lock:
                self.now_running -= 1

    def is_idle(self):
        """What a client that was killed had sent is done."""
        return self.now_running == 0

    def url(self, prefix=""):
        return f"{self.endpoint}/{self.name}" + (f"/{prefix}" if prefix else "")

    def options(self, prefix="", *more):
        place = f"s3://{self.name}" + (f"/{prefix}" if prefix else "")
        return ("--repository", place, "--s3-endpoint", self.endpoint, "--s3-region", REGION, *more)

    def note(self, method, path, body):
        with self.lock:
            self.requests.append((method, path, len(body)))
            if method not in ("GET", "HEAD"):
                self.writes.append((method, path, len(body)))
            return self.fault(method, path)

    def pass_on(self, method, path, headers, body):
        kept = {name: value for name, value in headers.items()
                if name.lower() in ("content-type", "cache-control", "range", "if-none-match", "if-range")}
        back = http.client.HTTPConnection("127.0.0.1", self.back_port, timeout=30)
        back.request(method, path, body if method in ("PUT", "POST") else None, kept)
        answer = back.getresponse()
        content = answer.read()
        back.close()
        passed = [(name, value) for name, value in answer.getheaders()
                  if name.lower() not in ("connection", "keep-alive", "content-length", "date", "transfer-encoding")]
        return answer.status, passed, content

    def files(self, prefix=""):
        """Bytes of all objects by name, as they lie in s3rver's folder."""
        root = self.data / self.name / prefix
        ending = "._S3rver_object"
        return {str(path.relative_to(root))[:-len(ending)]: path.read_bytes()
                for path in root.rglob("*" + ending)}


def files_below(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}
