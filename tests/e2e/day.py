"""A day on a fresh machine: the command lines of one document, in its order, each by the person whose
command it is. What happens between the lines, such as carrying a file from the operator to IT, is in
`before` and `after`.
"""
import json
import re
import shlex
import shutil
import time

from documents import without_options
from world import DEMO, MODULES, OLD, SOURCE, VISIT, subset, wait_until

# Commands that a day does not run, by their beginning, and why.
BY_PACKAGE_TEST = "needs a booted systemd: test_packages.py runs it"
NO_TIME = "builds or measures for minutes"
BY_SOURCE_PAGES = "needs a database server: test_source_pages.py runs the page of exchange tables"
EXCUSED = {"apt ": BY_PACKAGE_TEST, "systemctl ": BY_PACKAGE_TEST, "echo ": BY_PACKAGE_TEST,
           "scripts/": NO_TIME, "cmake ": NO_TIME, "rootlet-platform dataset export ": BY_SOURCE_PAGES}

CLERK = ("check", "datasets", "forms", "outbox", "query", "search", "show", "sql", "status", "submit", "watch")
GRANT = "grant add jiaxing villages --divisions 3304 --purposes address-lookup"
VILLAGES = "".join(f'"33040200100{n}","示例{n}社区","330402001","33","3304","330402"\n'
                   for n in (1, 2))  # those of the examples
LOSSES = {"outbox restart": "outbox.db", "ledger restart": "ledger.db",
          "enroll FILE --accept-loss": "machine.key"}  # what must be lost before
OFFICE_STATES = {"office suspend": "enrolled", "office resume": "suspended", "office revoke": "enrolled",
                 "office remove": "revoked", "grant add xinfeng": "enrolled"}  # what xinfeng must be before
# nginx in front of the S3 server, which speaks no TLS.
S3_PROXY = """
server {
    listen 443 ssl;
    server_name s3.example;
    ssl_certificate     /etc/ssl/sync.example.crt;
    ssl_certificate_key /etc/ssl/sync.example.key;
    client_max_body_size 64m;
    location / { proxy_pass http://127.0.0.1:4568; }
}
"""
ID = r"\bID\b|(?:0123456789abcdef){2}"
PACK = r"\bFILE(@OFFSET)?\b|\S*1796000000.packs@4096"


def excuse(line):
    """Why a day does not run `line`; None if it does."""
    return next((why for first, why in EXCUSED.items() if line.startswith(first)), None)


class Day:
    def __init__(self, machine):
        self.machine = machine
        self.done = set()
        self.passphrases = {}  # of root keys, by realm
        self.is_replaced = False  # the office's machine, by a new one that is not enrolled yet
        form = json.loads((DEMO / "household-visit.form.json").read_text())
        table = subset(OLD, machine.folder / "villages.csv", "3304").read_text() + VILLAGES
        header, *rows = table.splitlines()
        for name, text in (("villages.csv", table), ("today.csv", table),
                           ("changes.csv", f"change,{header}\nupsert,{rows[-1]}\n"),
                           ("villages.source.json", json.dumps({
                               "from": "csv:" + str(machine.folder_of("operator") / "villages.csv").split("/root", 1)[1], "when": {"every": "1d"}})),
                           ("villages.json", (DEMO / "villages.dataset.json").read_text()),
                           ("dataset.json", (DEMO / "villages.dataset.json").read_text()),
                           ("household-visit.json", json.dumps({**form, "review": "manual"})),
                           ("form.json", json.dumps(form))):
            machine.give("operator", name, text)
        for name in ("visit.json", "corrected.json"):
            machine.give("clerk", name, json.dumps(VISIT))

    def clerk_has_access(self):
        self.machine.run("it", "usermod -aG rootlet-clerk wang")

    def play(self, pairs):
        """Runs pairs of command line and place; a line that ran before is not run again."""
        for line, where in pairs:
            if line in self.done:
                continue
            try:
                self.before(line)
                if not excuse(line):
                    self.perform(line)
                self.after(line)
            except Exception as error:
                logs = self.machine.logs()
                raise AssertionError(f"{where}: {line}\n{error}{logs}") from error
            self.done.add(line)

    def perform(self, line):
        command = without_options(line)
        if line.startswith("export "):
            name, value = line.split()[1].split("=", 1)
            self.machine.environment["operator"][name] = value
        elif command.startswith("rootlet-platform serve"):
            self.run_gateway(line)
        elif command.split()[1:2] in (["keeper"], ["worker"]):
            self.run_service(line, command.split()[1])
        elif "witness watch" in command and "--every" in command:
            self.run_service(line, "witness")
            self.machine.stop("witness")
        elif command.startswith("rootlet run"):
            self.run_agent(line.split("#")[0].strip())
        else:
            said = self.machine.run(self.role_of(line), self.filled(line)).out
            if command.startswith("rootlet-platform init"):
                found = re.findall(r"keys/root-\d\.json +(\S+)", said)
                self.passphrases[shlex.split(line)[2]] = "\n".join(found) + "\n"

    @staticmethod
    def role_of(line):
        program, command, *_ = [*without_options(line).split(), ""]
        if program == "rootlet-platform":
            return "it" if "/var/lib/" in line else "operator"
        if program != "rootlet" or "--accept-loss" in line:
            return "it"
        return "auditor" if command == "ledger" else "clerk" if command in CLERK else "it"

    def filled(self, line):
        """`line` with real values for its placeholders."""
        if "pack show" in line:
            line = re.sub(PACK, lambda _: self.a_pack(), line)
        for form, example in (("sync --from DIR", "sync --from /media/usb/repository"),
                              ("check FILE", "check villages.json"),
                              ("--passphrase-file FILE", "--passphrase-file passphrases.txt"),
                              ("reinvite ID --out FILE", "reinvite jiaxing --out again.enroll"),
                              ("enroll FILE", "enroll again.enroll"), ("--restore 11", "--restore 1")):
            line = line.replace(form, example)
        if "remove-key KEY" in line:
            keys = self.platform("root list --json").json()["keys"]
            lost = next(key["id"] for key in keys if key["file"] == "root-3.json")
            line = line.replace("remove-key KEY", f"remove-key {lost}")
        if not re.search(ID, line):
            return line
        if "inbox accept" in line or "inbox return" in line:
            return re.sub(ID, self.a_new_record(), line)
        return re.sub(ID, self.a_returned_record() if "outbox fix" in line else self.a_record(), line)

    # --- what the placeholders mean -----------------------------------------------------------

    def realm(self, line=""):
        named = re.search(r"rootlet-platform --realm (\S+)", line)
        return named[1] if named else self.machine.environment["operator"].get("ROOTLET_REALM", "realm")

    def platform(self, words):
        return self.machine.run("operator", f"rootlet-platform --realm {self.realm()} {words}")

    def a_pack(self):
        packs = f"{self.realm()}/repository/packs"
        return self.machine.run("operator", f"find {packs} -name '*.packs'").out.split()[0]

    def a_record(self):
        """The id of a record that the platform holds."""
        held = self.records()
        return held[0] if held else self.a_new_record()

    def a_new_record(self):
        """The id of a record that the clerk submits now and that waits for the operator's review."""
        self.wait_for_data()
        submit = "rootlet submit household-visit visit.json --json"
        submitted = self.machine.run("clerk", submit).json()["id"]
        wait_until(lambda: submitted in self.records(), 20, "the record arrives")
        return submitted

    def a_returned_record(self):
        """The id of a record that the operator has returned to the clerk."""
        returned = self.a_new_record()
        self.platform(f"inbox return {returned} --field name --reason unclear")
        self.machine.run("it", "rootlet sync")
        show = f"rootlet outbox show {returned} --json"
        wait_until(lambda: self.machine.run("clerk", show).json()["state"] == "returned", 20,
                   "the clerk learns of it")
        return returned

    def records(self):
        """The ids of the records that the platform holds."""
        return [record["id"] for record in self.platform("inbox list --json").json()["records"]]

    # --- services -----------------------------------------------------------------------------

    def run_gateway(self, line):
        self.machine.stop("gateway")
        self.machine.start("operator", line, "gateway")
        health = "curl -fs http://127.0.0.1:8420/healthz"
        wait_until(lambda: self.machine.run("it", health, check=None).code == 0, 20,
                   "the gateway answers")

    def run_service(self, line, name):
        self.machine.stop(name)
        self.machine.start("operator", line, name)
        time.sleep(1)
        if self.machine.services[name].poll() is not None:
            raise AssertionError(f"{name} ended")

    def run_proxy(self, server):
        """nginx, as the operator's reverse proxy, with `server` as its configuration."""
        config = self.machine.folder / "nginx.conf"
        config.write_text("daemon off; pid /run/nginx.pid; error_log stderr; user root;\n"
                          "events {}\nhttp { access_log off;\n" + server + S3_PROXY + "}\n")
        self.machine.run("it", "mkdir -p /var/lib/nginx")
        self.machine.start("it", f"nginx -c {config}", "nginx")

    def run_agent(self, line):
        """The daemon of the realm that `line` names, in place of one that runs; with its data, if it is
        enrolled. Its console is open on the network, for the commands that pair browsers."""
        realm = "".join(re.findall(r" --realm \S+", line))
        name = realm.replace(" --realm ", "-")
        self.machine.stop("agent" + name)
        self.machine.start("agent", line + " --console-listen 127.0.0.1:0", "agent" + name)
        wait_until(self.machine.path(f"/run/rootlet{name}/agent.sock").is_socket, 20,
                   "the daemon listens")

    def wait_for_data(self):
        def streams():
            status = self.machine.run("it", "rootlet status --json").json()
            return [stream for dataset in status["datasets"] for stream in dataset["streams"]]
        if self.is_replaced:
            self.enrol_new_machine()
        if not streams():
            self.machine.run("it", "rootlet sync")
            wait_until(streams, 20, "the daemon fetches the data")

    # --- between the lines --------------------------------------------------------------------

    def before(self, line):
        if line.startswith("rootlet-platform init"):  # may be an example of both languages
            self.machine.run("operator", f"rm -rf {shlex.split(line)[2]}")
        if " enroll " in line:
            if "ministry" in line:
                self.invite("ministry")
            self.carry("operator", "it", "*.enroll")
            self.carry("operator", "it", "*.answer")
        elif self.is_replaced and line.startswith("rootlet "):
            self.enrol_new_machine()
        if self.role_of(line) == "clerk":
            self.wait_for_data()
        for command, file in LOSSES.items():
            if command in line:
                self.lose(file)
        for command, state in OFFICE_STATES.items():
            if command in line:
                self.bring_xinfeng_to(state)
        if "dataset withdraw" in line:
            self.add_dataset(line.split("dataset withdraw ")[1].split()[0])
        if "grant add xinfeng" in line:
            self.machine.run("operator", f"rootlet-platform --realm {self.realm()} grant remove xinfeng villages",
                             check=None)
        if "s3.example" in line or " bucket " in line or "realm migrate" in line:
            self.prepare_bucket(line)
        if "--restore" in line:
            self.publish_something_else()
        if "--passphrase-file" in line:
            self.machine.give("operator", "passphrases.txt", self.passphrases[self.realm(line)])
        if "witness" in line:
            self.prepare_witness(line)
        elif re.search(r"rootlet-platform .*\b(root|key|recover)\b", line):
            self.prepare_ceremony(line)
        if "realm backup" in line:
            self.machine.run("operator", "rm -f realm.backup")
        if "realm restore" in line:
            self.machine.run("operator", "rm -rf restored")
        if "realm.txt" in line:
            self.machine.give("operator", "realm.txt", "the realm's passphrase\n")
            self.machine.environment["operator"]["ROOTLET_REALM_PASSPHRASE_FILE"] = "realm.txt"
        if "--pkcs11" in line:
            self.plug_a_token_in()
        if "backup.txt" in line:
            self.machine.give("operator", "backup.txt", "the backup's passphrase\n")
        if "office approve" in line:
            self.ask_without_a_link()
            self.carry("it", "operator", "*.request")
        if "/media/usb" in line or "--from DIR" in line:
            self.machine.run("operator", f"cp -R {self.realm()}/repository /media/usb")
        if "trust " in line:
            self.machine.run("operator", f"cp {self.realm()}/repository/metadata/1.root.json root.json")
            self.carry("operator", "it", "root.json")

    def after(self, line):
        if line.startswith("rootlet enroll ") and "--offline" not in line:
            self.is_replaced = False
        if "office reinvite jiaxing" in line:
            self.machine.stop("agent")
            self.machine.run("it", "rm -r /var/lib/rootlet/*")
            self.is_replaced = True
        elif line.startswith(("apt install ./rootlet_", "rootlet ")):
            if "agent" not in self.machine.services and "--offline" not in line:
                self.run_agent("rootlet run")  # systemd does this
        if line.startswith("systemctl enable --now rootlet@"):
            self.run_agent(f"rootlet --realm {line.split('@')[1]} run")
        if "grant remove" in line:
            self.platform(GRANT)
        if line.startswith("rootlet lost"):
            self.find_the_machine_again()

    def prepare_bucket(self, line):
        """An S3 server with an empty bucket `realm`, its key, and the realm where the line expects it."""
        if "s3" not in self.machine.services:
            self.run_s3_server()
        if line.startswith("rootlet-platform init"):
            return
        shown = self.machine.run("operator", f"rootlet-platform --realm {self.realm()} bucket show --json", check=None)
        state = shown.json()["state"] if shown.code == 0 else "none"
        wanted = "none" if "--repository s3:" in line else "leaving" if "--finish" in line else "in_use"
        if state == wanted:
            return
        if state != "none":
            self.platform("realm migrate --repository folder")
            self.platform("realm migrate --finish")
        if wanted != "none":
            self.platform("realm migrate --repository s3://realm/example --s3-endpoint https://s3.example")
        if wanted == "leaving":
            self.platform("realm migrate --repository folder")

    def run_s3_server(self):
        """The programs are copies, because the checkout may lie below a folder that is covered."""
        folder = self.machine.folder
        shutil.copy(next(MODULES.glob("node-linux-*/bin/node")), folder / "node")
        shutil.copytree(SOURCE / "tests" / "e2e" / "s3" / "node_modules", folder / "node_modules", symlinks=True)
        self.machine.start("it", f"{folder}/node {folder}/node_modules/s3rver/bin/s3rver.js -s -d /srv/it/s3 "
                                 "-a 127.0.0.1 -p 4568 --no-vhost-buckets --configure-bucket realm", "s3")
        wait_until(lambda: self.machine.run("it", "curl -fs http://127.0.0.1:4568/realm", check=None).code == 0, 20,
                   "the S3 server answers")
        self.machine.give("operator", "s3.key", "S3RVER\nS3RVER\n")
        self.machine.environment["operator"]["ROOTLET_S3_KEY_FILE"] = "s3.key"

    def plug_a_token_in(self):
        """A token of SoftHSM, which has no key yet, and a file with its PIN."""
        self.machine.run("operator", "rm -rf tokens && mkdir tokens")
        self.machine.give("operator", "softhsm2.conf", "directories.tokendir = /srv/chen/tokens\n"
                                                       "objectstore.backend = file\n")
        self.machine.give("operator", "pin.txt", "123456\n")
        self.machine.environment["operator"].update(SOFTHSM2_CONF="/srv/chen/softhsm2.conf",
                                                    ROOTLET_REALM_PIN_FILE="pin.txt")
        self.machine.run("operator", "softhsm2-util --init-token --free --label realm --pin 123456 "
                                     "--so-pin 87654321")

    def find_the_machine_again(self):
        """The operator has the report and lets the machine go on."""
        def loss():
            offices = self.platform("office list --json").json()["offices"]
            return next(office["loss"] for office in offices if office["id"] == "jiaxing")
        self.machine.run("it", "rootlet sync", check=None)
        wait_until(loss, 20, "the platform has the report")
        self.platform("office resume jiaxing")
        self.machine.run("it", "rootlet sync")
        wait_until(lambda: not self.machine.run("it", "rootlet status --json").json()["loss"], 20,
                   "the machine is unlocked")

    def add_dataset(self, name):
        """A dataset that nobody needs."""
        definition = json.loads((DEMO / "villages.dataset.json").read_text())
        self.machine.give("operator", f"{name}.json", json.dumps({**definition, "id": name}))
        self.platform(f"dataset add {name}.json")

    def prepare_ceremony(self, line):
        """The files that the holders of root keys bring: their keys and passphrases, a draft, a new key."""
        folder = self.machine.folder_of("operator")
        phrases = self.passphrases[self.realm(line)].split()
        phrases = phrases * 3 if len(phrases) == 1 else phrases
        for number, name in enumerate(("first", "second", "third"), 1):
            self.machine.give("operator", f"{name}.txt", phrases[number - 1] + "\n")
            self.machine.run("operator", f"cp {self.realm(line)}/keys/root-{number}.json .", check=None)
        self.machine.give("operator", "fourth.txt", "the fourth holder's words\n")
        self.machine.give("operator", "passphrases.txt",
                          "\n".join([*phrases, "the fourth holder's words"]) + "\n")
        if "new-key" in line:
            self.machine.run("operator", "rm -f fourth.json*")
        elif "fourth.json" in line and not (folder / "fourth.json").exists():
            self.platform("root new-key fourth.json --new-passphrase-file fourth.txt")
        draft = re.search(r"root (sign|publish) (\S+\.json)", line)
        if draft and not (folder / draft[2]).exists():
            self.platform(f"root renew --out {draft[2]}")
        if draft and draft[1] == "publish":
            for number, name in ((1, "first"), (2, "second")):
                self.platform(f"root sign {draft[2]} --key root-{number}.json --passphrase-file "
                              f"{name}.txt --yes")

    def prepare_witness(self, line):
        """A root of the realm that is served; witnesses that have looked once; an office's status."""
        self.machine.run("operator", f"cp {self.realm()}/repository/metadata/1.root.json .")
        self.machine.run("operator", "rm -rf seen neighbour")
        for folder in ("seen", "neighbour"):
            if folder in line and "--root" not in line:
                self.machine.run("operator", f"rootlet-platform witness watch https://sync.example {folder} "
                                             "--root 1.root.json")
        if "status.json" in line:
            self.wait_for_data()
            self.machine.give("operator", "status.json", self.machine.run("it", "rootlet status --json").out)

    def ask_without_a_link(self):
        """A machine without a link makes jiaxing.request, unless the document has made it."""
        if (self.machine.folder_of("it") / "jiaxing.request").exists():
            return
        self.invite("carried")
        self.carry("operator", "it", "carried.enroll")
        self.machine.run("it", "rootlet --home /srv/it/carried enroll carried.enroll "
                               "--offline jiaxing.request")

    def bring_xinfeng_to(self, wanted):
        """A second office, enrolled without a link."""
        offices = self.platform("office list --json").json()["offices"]
        state = next((office["state"] for office in offices if office["id"] == "xinfeng"), None)
        if state is None:
            self.invite("xinfeng")
            self.carry("operator", "it", "xinfeng.enroll")
            self.machine.run("it", "rm -rf /srv/it/xinfeng")
            self.machine.run("it", "rootlet --home /srv/it/xinfeng enroll xinfeng.enroll "
                                   "--offline xinfeng.request")
            self.carry("it", "operator", "xinfeng.request")
            self.platform("office approve xinfeng.request --out xinfeng.answer")
            state = "enrolled"
        if wanted == "enrolled" and state == "suspended":
            self.platform("office resume xinfeng")
        if wanted == "suspended" and state == "enrolled":
            self.platform("office suspend xinfeng")
        if wanted == "revoked" and state != "revoked":
            self.platform("office revoke xinfeng")

    def enrol_new_machine(self):
        self.carry("operator", "it", "*.enroll")
        self.machine.run("it", "rootlet enroll jiaxing.enroll")
        self.is_replaced = False
        self.run_agent("rootlet run")

    def lose(self, file):
        """One file of an office's home that has something in it."""
        self.machine.run("clerk", "rootlet submit household-visit visit.json")
        self.machine.run("clerk", "rootlet query villages --limit 1 --purpose address-lookup")
        self.machine.stop("agent")
        self.machine.run("it", f"rm /var/lib/rootlet/{file}*")

    def publish_something_else(self):
        other = (self.machine.folder_of("operator") / "villages.csv").read_text().splitlines()[:-1]
        self.machine.give("operator", "other.csv", "\n".join(other) + "\n")
        self.platform("publish villages --from csv:other.csv")

    def invite(self, office):
        self.platform(f"office add {office} --division 3304 --name {office} --out {office}.enroll")

    def carry(self, giver, taker, pattern):
        for file in self.machine.folder_of(giver).glob(pattern):
            self.machine.give(taker, file.name, file.read_bytes())
