// Serves the built console in front of a daemon that has none of its own yet, under the same policy, and passes
// everything else on with Host and Origin of the daemon.
import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { extname, join } from "node:path";

const kDist = process.env.CONSOLE_DIST ?? new URL("../../../agent/console/web/dist/", import.meta.url).pathname;
const kPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const kTypes = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

function pass(port, incoming, outgoing) {
  const headers = { ...incoming.headers, host: `127.0.0.1:${port}` };
  if (headers.origin) headers.origin = `http://127.0.0.1:${port}`;
  const onward = request({ host: "127.0.0.1", port, method: incoming.method, path: incoming.url, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
    answer.on("close", () => outgoing.destroy()); // also when the daemon dies in the middle
  });
  onward.on("error", () => outgoing.destroy());
  outgoing.on("close", () => onward.destroy());
  incoming.pipe(onward);
}

export async function serveSite(daemonPort) {
  const server = createServer(async (incoming, outgoing) => {
    const path = incoming.url.split("?")[0];
    if (!path.startsWith("/console") || path === "/console/enter") return pass(daemonPort, incoming, outgoing);
    const name = path === "/console" || path === "/console/" ? "index.html" : path.slice("/console/".length);
    const bytes = await readFile(join(kDist, name)).catch(() => null);
    outgoing.writeHead(bytes ? 200 : 404, { "Content-Type": kTypes[extname(name)] ?? "application/octet-stream", "Content-Security-Policy": kPolicy });
    outgoing.end(bytes ?? "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: server.address().port, close: () => { server.closeAllConnections?.(); server.close(); } };
}

// The daemon's own console, if it has one that was built.
export async function siteOf(world) {
  const front = await fetch(`http://127.0.0.1:${world.apiPort}/console/`).then((answer) => answer.text(), () => "");
  if (front.includes('id="app"') && !process.env.CONSOLE_DIST) return { port: world.apiPort, close: () => undefined };
  return serveSite(world.apiPort);
}
