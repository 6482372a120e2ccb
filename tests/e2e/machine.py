"""One machine with its people, as the two packages leave it, but without systemd: root, the services'
users, an operator, a clerk and an auditor. Mounts, network and processes are its own, so documented paths and ports
are real and nothing of them touches this machine. Needs root.
"""
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from world import AGENT, PLATFORM, SOURCE, Ran, wait_until

NEEDED = ("unshare", "nsenter", "runuser", "useradd", "ip", "nginx", "openssl")
PATH = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NAMESPACES = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child")
SYNC_HOST = "sync.example"  # the platform's name in the documents
S3_HOST = "s3.example"  # and that of its bucket's server

# Runs inside the new namespaces; $1 is the machine's folder. The programs are copies in /usr/local/bin,
# because the checkout may lie below a folder that is covered.
BEGIN = f"""
mount --make-rprivate /
mount --bind "$1/bin" /usr/local/bin
mount --bind "$1/etc" /etc
for place in /srv /media /run /var/lib /var/log; do mount -t tmpfs -o mode=0755 tmp $place; done
ip link set lo up
echo "127.0.0.1 {SYNC_HOST} {S3_HOST} localhost" >>/etc/hosts
useradd --system --user-group --no-create-home rootlet
useradd --system --user-group --no-create-home rootlet-platform
useradd --user-group --no-create-home chen
useradd --user-group --no-create-home wang
for role in clerk operator auditor; do groupadd --system rootlet-$role; done
useradd --user-group --no-create-home --groups rootlet-auditor sun
install -d -m 0700 -o rootlet -g rootlet /var/lib/rootlet /var/lib/rootlet-ministry
install -d -m 0755 -o rootlet -g rootlet /run/rootlet /run/rootlet-ministry
install -d -m 0711 -o rootlet-platform -g rootlet-platform /var/lib/rootlet-platform
install -d -o chen -g chen /srv /srv/chen
install -d -o wang -g wang /srv/wang
install -d -o sun -g sun /srv/sun
install -d /srv/it /etc/rootlet
install -d -m 1777 /run/pids /media/usb
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN={SYNC_HOST} \
  -addext subjectAltName=DNS:{SYNC_HOST},DNS:{S3_HOST} -keyout /etc/ssl/{SYNC_HOST}.key \
  -out /etc/ssl/{SYNC_HOST}.crt 2>/dev/null
cat /etc/ssl/{SYNC_HOST}.crt >>/etc/ssl/certs/ca-certificates.crt
touch "$1/ready"
exec sleep infinity
"""

# Where each person works, and as which user.
PLACES = {"operator": ("chen", "/srv/chen"), "it": (None, "/srv/it"), "clerk": ("wang", "/srv/wang"),
          "auditor": ("sun", "/srv/sun"),
          "agent": ("rootlet", "/var/lib/rootlet")}


def missing():
    """What this machine lacks for a Machine, in words; empty if nothing."""
    if os.geteuid() != 0:
        return "needs root"
    lacking = [program for program in NEEDED if shutil.which(program, path=PATH) is None]
    if lacking:
        return "needs " + ", ".join(lacking)
    tried = subprocess.run([*NAMESPACES, "true"], capture_output=True, text=True)
    return "" if tried.returncode == 0 else "needs namespaces: " + tried.stderr.strip()


class Machine:
    """Made on entry; on exit all its processes end and its folder is removed."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="rootlet-machine-"))
        self.folder.chmod(0o711)
        self.services = {}
        self.environment = {role: {} for role in PLACES}  # what `export` set
        shutil.copytree("/etc", self.folder / "etc", symlinks=True, ignore_dangling_symlinks=True)
        (self.folder / "bin").mkdir()
        for program in (AGENT, PLATFORM):
            shutil.copy(program, self.folder / "bin")
        self.holder = subprocess.Popen(
            [*NAMESPACES, "sh", "-ec", BEGIN, "sh", str(self.folder)])
        wait_until((self.folder / "ready").exists, 20, "the machine is made")
        shutil.copy(SOURCE / "installer" / "agent" / "rootlet.conf", self.path("/etc/rootlet"))
        return self

    def __exit__(self, *_):
        self.holder.send_signal(signal.SIGKILL)  # --kill-child takes all others along
        for child in (self.holder, *self.services.values()):
            child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def leader(self):
        pid = self.holder.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]

    def path(self, inside):
        """A path of the machine as this process reaches it."""
        return Path(f"/proc/{self.leader()}/root{inside}")

    def folder_of(self, role):
        return self.path(PLACES[role][1])

    def words(self, role, line):
        user, folder = PLACES[role]
        become = ["runuser", "-u", user, "--"] if user else []
        enter = ["nsenter", "-t", self.leader(), "-m", "-n", "-p"]
        return [*enter, *become, "env", "-C", folder, "sh", "-c", line]

    def variables(self, role):
        return {"PATH": PATH, "LANG": "C.UTF-8", "HOME": PLACES[role][1], **self.environment[role]}

    def run(self, role, line, check=0):
        """Runs one line of shell in the folder and with the groups of `role`."""
        done = subprocess.run(self.words(role, line), capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, env=self.variables(role))
        if check is not None and done.returncode != check:
            raise AssertionError(f"{role}: {line}\nexit {done.returncode}, expected {check}\n"
                                 f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return Ran(done)

    def start(self, role, line, name):
        """Runs a service until stop(name) or the end; its output goes to NAME.log in the machine's folder."""
        with open(self.folder / f"{name}.log", "ab") as out:
            self.services[name] = subprocess.Popen(
                self.words(role, f"echo $$ >/run/pids/{name}; exec {line}"), stdout=out, stderr=out,
                stdin=subprocess.DEVNULL, env=self.variables(role))

    def stop(self, name):
        """Ends a service as systemd would; nothing if it does not run."""
        if name in self.services:
            self.run("it", f"kill $(cat /run/pids/{name})")
            self.services.pop(name).wait(20)

    def logs(self):
        return "".join(f"\n{log.name}: {log.read_text()[-1500:]}"
                       for log in sorted(self.folder.glob("*.log")))

    def give(self, role, name, text):
        """A file in the folder of `role`, which belongs to that person."""
        target = self.folder_of(role) / name
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        owner = self.folder_of(role).stat()
        os.chown(target, owner.st_uid, owner.st_gid)
        return target
