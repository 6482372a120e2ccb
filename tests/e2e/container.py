"""A fresh Debian 12 with a booted systemd, in systemd-nspawn: what a package does on a machine of its own.

It has no network but its own loopback, so whatever is installed in it is installed offline. Needs root,
debootstrap, systemd-nspawn and a Debian mirror.
"""
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from world import Ran, wait_until

NEEDED = ("debootstrap", "systemd-nspawn", "nsenter", "dpkg-deb", "cpack")
BASE = ["adduser", "ca-certificates", "dbus", "debconf", "softhsm2", "systemd", "systemd-sysv"]
CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root",
         "DEBIAN_FRONTEND": "noninteractive"}


def missing():
    """What this machine lacks for a container, in words; empty if nothing."""
    if os.geteuid() != 0:
        return "needs root"
    lacking = [program for program in NEEDED if shutil.which(program) is None]
    return "needs " + ", ".join(lacking) if lacking else ""


def names_in(field):
    """The names in a field such as Depends, the first of each choice."""
    return {re.split(r"[ (|]", one.strip())[0] for one in field.split(",") if one.strip()}


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def dependencies(packages):
    """The names of the Debian packages that `packages` need. debootstrap knows no virtual packages, so the
    package of this machine that provides one takes its place."""
    needed = set().union(*(names_in(output_of("dpkg-deb", "-f", p, "Depends")) for p in packages))
    listing = output_of("dpkg-query", "-W", "-f", "${Package}\t${Provides}\n").splitlines()
    here = dict(line.split("\t") for line in listing)
    for name, provides in here.items():
        virtual = names_in(provides) & needed - here.keys()
        if virtual:
            needed = (needed - virtual) | {name}
    return sorted(needed)


def mirror():
    """The mirror that this machine uses."""
    sites = output_of("apt-get", "indextargets", "--format", "$(SITE) $(CODENAME)")
    return next(line.split()[0] for line in sites.splitlines() if line.endswith(" bookworm"))


class Container:
    """Made and booted on entry; killed and removed on exit."""

    def __init__(self, packages):
        self.folder = Path(tempfile.mkdtemp(prefix="rootlet-container-"))
        # In memory: nothing of it outlives the run, and no write waits for a disk.
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2g,mode=0755", "tmpfs", self.folder],
                       check=True)
        self.root = self.folder / "root"
        self.packages = packages
        self.machine = None

    def __enter__(self):
        try:
            self.make_root()
            self.boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.machine and self.machine.poll() is None:
            leader = self.leader()
            # Nothing of it is kept, so it need not shut down: without its init all its processes end.
            os.kill(int(leader), signal.SIGKILL) if leader else self.machine.kill()
            self.machine.wait(20)
        subprocess.run(["umount", "--lazy", self.folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def make_root(self):
        include = ",".join(BASE + dependencies(self.packages))
        log = self.folder / "debootstrap.log"
        with open(log, "w") as out:
            done = subprocess.run(["debootstrap", "--variant=minbase", f"--include={include}",
                                   "bookworm", self.root, mirror()], stdout=out, stderr=out)
        assert done.returncode == 0, log.read_text()[-3000:]
        for package in self.packages:
            shutil.copy(package, self.root / "root")

    def boot(self):
        console = open(self.folder / "console.log", "wb")
        self.machine = subprocess.Popen(
            ["systemd-nspawn", "--register=no", "--keep-unit", "--private-network", "--boot",
             "-D", self.root], stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        console.close()
        wait_until(self.is_up, 60, "the container boots")
        # nspawn hides the kernel's boot id behind one of its own, which services with their own /proc do not see.
        # On a machine all see the same.
        self.run("umount", "/proc/sys/kernel/random/boot_id")

    def is_up(self):
        if not self.leader():
            return False
        state = self.run("systemctl", "is-system-running", check=None).out.strip()
        return state in ("running", "degraded")

    def leader(self):
        """The process id of the container's init; None while there is none."""
        pid = self.machine.pid
        try:
            return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
        except (IndexError, FileNotFoundError):
            return None

    def run(self, *words, check=0, user=None, stdin="", env=None):
        """Runs a command as root, in /root, or as `user` with all groups of that user."""
        enter = ["nsenter", "-t", self.leader(), "-m", "-u", "-i", "-n", "-p", "-r", "-w"]
        if user:
            enter += ["runuser", "-u", user, "--"]
        command = ["env", "-C", "/" if user else "/root", *map(str, words)]
        done = subprocess.run(enter + command, capture_output=True, text=True, input=stdin,
                              timeout=120, env={**CLEAN, **(env or {})})
        if check is not None and done.returncode != check:
            raise AssertionError(f"{' '.join(map(str, words))}\nexit {done.returncode}, expected "
                                 f"{check}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return Ran(done)

    def sh(self, script, **options):
        return self.run("sh", "-ec", script, **options)

    def write(self, path, text, mode=0o600):
        """A file of root."""
        target = self.root / path.lstrip("/")
        target.write_text(text)
        target.chmod(mode)

    def shown(self, unit, *properties):
        """Properties of a unit, by name."""
        words = [word for one in properties for word in ("-p", one)]
        lines = self.run("systemctl", "show", unit, *words).out.splitlines()
        return dict(line.split("=", 1) for line in lines)
