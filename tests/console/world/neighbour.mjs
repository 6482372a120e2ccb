// A second machine of the office: a network namespace with one cable to this one, a browser in it, and a folder of
// policies by which its IT imports an authority. Needs root.
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const kSettings = "/etc/chromium";

function must(program, ...words) {
  const done = spawnSync(program, words, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${program} ${words.join(" ")}: ${done.stderr ?? done.error}`);
  return done.stdout;
}

export class Neighbour {
  // Null, with the reason printed, where no namespace can be made.
  static make(folder) {
    const probe = spawnSync("unshare", ["--net", "--mount", "ip", "link", "set", "lo", "up"], { encoding: "utf8" });
    if (probe.status !== 0) {
      console.log(`skipped: no network namespace can be made here (${(probe.stderr ?? String(probe.error)).trim()}); run it as root`);
      return null;
    }
    return new Neighbour(folder);
  }

  constructor(folder) {
    this.settings = join(folder, "chromium");
    cpSync(kSettings, this.settings, { recursive: true });
    mkdirSync(join(this.settings, "policies/managed"), { recursive: true });
    // Its mounts are its own: the settings of this machine's browser stay as they are.
    this.holder = spawn("unshare", ["--net", "--mount", "sh", "-c", `mount --bind ${this.settings} ${kSettings} && ip link set lo up && echo ready && exec sleep 600`], { stdio: ["ignore", "pipe", "inherit"] });
    this.net = 1 + (process.pid % 250);
    this.cable = `rl${process.pid}`;
    this.here = `10.213.${this.net}.1`;
    this.there = `10.213.${this.net}.2`;
    this.inside = ["--target", String(this.holder.pid), "--net", "--mount", "--"];
    this.folder = folder;
  }

  async connect() {
    await new Promise((resolve, reject) => {
      this.holder.stdout.once("data", resolve);
      this.holder.once("exit", () => reject(new Error("the namespace ended")));
    });
    must("ip", "link", "add", this.cable, "type", "veth", "peer", "name", "office", "netns", String(this.holder.pid));
    must("ip", "addr", "add", `${this.here}/24`, "dev", this.cable);
    must("ip", "link", "set", this.cable, "up");
    this.run("ip", "addr", "add", `${this.there}/24`, "dev", "office");
    this.run("ip", "link", "set", "office", "up");
  }

  run(...words) {
    return must("nsenter", ...this.inside, ...words);
  }

  // The path of a program that starts the browser on the second machine.
  browser(chromium) {
    const path = join(this.folder, "chromium-there");
    writeFileSync(path, `#!/bin/sh\nexec nsenter ${this.inside.join(" ")} ${chromium} "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  // As IT does for a whole office: a policy of the browser. `certificate` is an X509Certificate.
  importAuthority(certificate) {
    writeFileSync(join(this.settings, "policies/managed/authority.json"), JSON.stringify({ CACertificates: [certificate.raw.toString("base64")] }));
  }

  close() {
    this.holder.kill("SIGKILL");
    if (existsSync(`/sys/class/net/${this.cable}`)) spawnSync("ip", ["link", "del", this.cable]);
  }
}
