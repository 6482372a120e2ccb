// Keeps a world running for one who looks at it by hand: prints the address, ends with Ctrl-C.
import { writeFileSync } from "node:fs";
import { siteOf } from "./site.mjs";
import { World } from "./world.mjs";

const world = await World.make();
const site = await siteOf(world);
const address = () => world.ticket().replace(`:${world.apiPort}`, `:${site.port}`);
console.log(JSON.stringify({ folder: world.folder, home: world.home, realm: world.realm, api: world.apiPort, site: site.port, address: address() }));
if (process.argv[2]) writeFileSync(process.argv[2], JSON.stringify({ folder: world.folder, home: world.home, realm: world.realm, api: world.apiPort, site: site.port }));
process.on("SIGINT", () => { site.close(); world.close(); process.exit(0); });
process.on("SIGTERM", () => { site.close(); world.close(); process.exit(0); });
