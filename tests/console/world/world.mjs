// A county and its township with the real programs: a realm, its gateway, one office with a daemon.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, rmSync, writeFileSync, closeSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { datasets, forms } from "./definitions.mjs";
import { csvOf, makeAllowances, makePeople } from "./people.mjs";
import { rosterDefinition, writeRoster } from "./roster.mjs";

const kSource = new URL("../../../", import.meta.url).pathname;
export const kPrograms = process.env.ROOTLET_BIN ?? join(kSource, "build/release");
export const kAgent = process.env.ROOTLET_AGENT ?? join(kPrograms, "agent/rootlet");
const kPlatform = join(kPrograms, "platform/rootlet-platform");
const kPeople = Number(process.env.CONSOLE_PEOPLE ?? 1200);

export function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export async function until(condition, seconds, what) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await pause(100);
  }
}

function environment() {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("ROOTLET_"));
  return { ...Object.fromEntries(kept), LANG: "C.UTF-8" };
}

export function run(program, words, { input, check = true } = {}) {
  const done = spawnSync(program, words.map(String), { input, encoding: "utf8", env: environment(), maxBuffer: 1 << 28 });
  if (check && done.status !== 0) throw new Error(`${words.join(" ")}\nexit ${done.status}\n${done.stdout}\n${done.stderr}`);
  return done.stdout;
}

export class World {
  // `rows`: of a further dataset, the roster of bench; 0 for none.
  static async make({ withOldVisits = true, rows = 0, runWords = [] } = {}) {
    const world = new World();
    world.rows = rows;
    world.runWords = runWords; // more of the daemon's command
    world.folder = mkdtempSync(join(tmpdir(), "rootlet-console-"));
    world.realm = join(world.folder, "realm");
    world.home = join(world.folder, "home");
    world.children = [];
    world.port = await freePort();
    world.apiPort = await freePort();
    world.people = makePeople(kPeople);
    world.allowances = makeAllowances(world.people);
    world.build();
    await world.serve();
    world.enrol();
    await world.startAgent();
    if (withOldVisits) await world.addVisits();
    return world;
  }

  // A world that world/keep.mjs keeps running; closing leaves it as it is.
  static attach({ folder, home, realm, api, rows, agentId }) {
    const world = new World();
    Object.assign(world, { folder, home, realm, apiPort: api, rows, agentId, children: [], people: makePeople(kPeople), isKept: true });
    return world;
  }

  platform(...words) {
    return run(kPlatform, ["--realm", this.realm, ...words]);
  }
  office(...words) {
    return run(kAgent, ["--home", this.home, ...words]);
  }
  write(name, text) {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  build() {
    run(kPlatform, ["init", this.realm, "--name", "富林县", "--url", `http://127.0.0.1:${this.port}`]);
    for (const one of datasets) this.platform("dataset", "add", this.write(`${one.id}.json`, JSON.stringify(one)));
    for (const one of forms) this.platform("form", "add", this.write(`${one.id}.json`, JSON.stringify(one)));
    this.publish("residents", this.people);
    this.publish("allowances", this.allowances);
    this.publish("elders", this.people.filter((one) => one.birth < "1946").map((one, at) => ({ case_no: `GL${at + 1}`, division: one.division, name: one.name, since: "2025-01-01" })));
    this.publish("firms", [{ code: "91330499MA00000001", name: "富林示例商行" }]);
    if (this.rows > 0) this.publishRoster();
  }
  publishRoster() {
    this.platform("dataset", "add", this.write("roster.json", JSON.stringify(rosterDefinition())));
    this.platform("publish", "roster", "--from", `csv:${writeRoster(kPrograms, this.folder, this.rows)}`, "--accept-changes", "100%");
  }

  publish(id, rows) {
    const columns = datasets.find((one) => one.id === id).columns.map((one) => one.name);
    const file = this.write(`${id}.csv`, csvOf(rows, columns));
    this.platform("publish", id, "--from", `csv:${file}`, "--accept-changes", "100%");
  }

  start(program, words, log) {
    const out = openSync(join(this.folder, log), "a");
    const child = spawn(program, words, { stdio: ["ignore", out, out], env: environment() });
    closeSync(out);
    this.children.push(child);
    return child;
  }

  async serve() {
    this.gateway = this.start(kPlatform, ["--realm", this.realm, "serve", "--listen", `127.0.0.1:${this.port}`], "gateway.log");
    await until(() => fetch(`http://127.0.0.1:${this.port}/healthz`).then((answer) => answer.ok, () => false), 30, "the gateway answers");
  }
  async cutLink() {
    const gone = new Promise((resolve) => this.gateway.once("exit", resolve));
    this.gateway.kill("SIGTERM");
    await gone;
  }

  enrol() {
    const invitation = join(this.folder, "office.enroll");
    this.platform("office", "add", "xinhua", "--division", "330402001", "--name", "新华镇", "--out", invitation);
    const grant = (dataset, purposes, ...more) => this.platform("grant", "add", "xinhua", dataset, "--divisions", "330402001", "--purposes", purposes, "--basis", "社会救助暂行办法（示例）", "--scenario", "低保对象核查", "--approver", "县数据局", ...more);
    grant("residents", "allowance-check,household-check", "--max-grade", "3", "--export", "--join", "allowances");
    grant("allowances", "allowance-check", "--export", "--join", "residents");
    grant("elders", "elderly-care");
    if (this.rows > 0) this.platform("grant", "add", "xinhua", "roster", "--divisions", "all", "--purposes", "allowance-check", "--basis", "社会救助暂行办法（示例）", "--scenario", "低保对象核查", "--approver", "县数据局");
    run(kAgent, ["--home", this.home, "enroll", invitation]);
  }

  async startAgent() {
    this.agent = this.start(kAgent, ["--home", this.home, "run", "--poll", "1s", "--api-listen", `127.0.0.1:${this.apiPort}`, ...this.runWords], "agent.log");
    this.agentId = this.agent.pid;
    await until(() => this.held("allowances") > 0 && this.held("residents") > 0, 60, "the first sync");
    if (this.rows > 0) await until(() => this.held("roster") >= this.rows, 1800, "the roster arrives");
  }
  status() {
    return JSON.parse(this.office("status", "--json"));
  }
  held(id) {
    try {
      return this.status().datasets?.find((one) => one.id === id)?.rows ?? 0;
    } catch {
      return 0;
    }
  }

  visitOf(person, more = {}) {
    return { person: person.person, name: person.name, village: person.village, members: person.members, visited: "2026-11-20", result: "keep", ...more };
  }
  submit(...records) {
    for (const one of records) run(kAgent, ["--home", this.home, "submit", "household-visit", "-"], { input: JSON.stringify(one) });
  }
  inbox() {
    return JSON.parse(this.platform("inbox", "list", "--json")).records;
  }
  // Records of the days before: one is accepted, one returned, one waits.
  async addVisits() {
    const [a, b, c] = this.people.filter((one) => one.relation === "户主").slice(3, 6);
    this.submit(this.visitOf(a), this.visitOf(b, { visited: "2026-01-02", income: "1260.00" }), this.visitOf(c));
    await until(() => this.inbox().length === 3, 60, "three records at the platform");
    const idOf = (person) => JSON.parse(this.office("outbox", "list", "--json")).records.find((one) => (one.subject ?? "").includes(person.name)).id;
    this.platform("inbox", "accept", idOf(a));
    this.platform("inbox", "return", idOf(b), "--field", "visited", "--reason", "date", "--words", "走访日期早于建档日期，请核对");
    await until(() => this.status().outbox.accepted === 1 && this.status().outbox.returned === 1, 60, "judgements arrive");
  }

  // A watch over one village, and three people who move there after it was made.
  awaitRows() {
    if (this.office("watch", "list").includes("watch-village")) return;
    this.office("watch", "add", "watch-village", "residents", "--purpose", "allowance-check", "--where", "village=eq.新联村");
    const extra = makePeople(3, 99).map((one, at) => ({ ...one, person: `33040200190000${at}`, village: "新联村", address: `新华镇新联村9${at}号` }));
    this.publish("residents", [...this.people, ...extra]);
  }

  ticket() {
    return JSON.parse(this.office("console", "open", "--print", "--json")).url;
  }

  close() {
    if (this.isKept) return;
    for (const child of this.children) child.kill("SIGKILL");
    if (existsSync(this.folder) && !process.env.CONSOLE_KEEP) rmSync(this.folder, { recursive: true, force: true });
  }
}
