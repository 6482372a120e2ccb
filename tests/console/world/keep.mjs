// Keeps a world running, for one who looks at it by hand or measures it again: prints the address, ends with Ctrl-C.
//   node world/keep.mjs [FILE [ROWS]]     FILE: where measures.mjs --world finds it; ROWS: of the roster
import { writeFileSync } from "node:fs";
import { siteOf } from "./site.mjs";
import { World } from "./world.mjs";

const [file, rows = "0"] = process.argv.slice(2);
const world = await World.make({ rows: Number(rows) });
const site = await siteOf(world);
const place = { folder: world.folder, home: world.home, realm: world.realm, api: world.apiPort, site: site.port, rows: world.rows, agentId: world.agentId };
console.log(JSON.stringify({ ...place, address: world.ticket().replace(`:${world.apiPort}`, `:${site.port}`) }));
if (file) writeFileSync(file, JSON.stringify(place));
const end = () => {
  site.close();
  world.close();
  process.exit(0);
};
process.on("SIGINT", end);
process.on("SIGTERM", end);
