// Writes the console's built files as one block of bytes and a table of C++ (web_file.hpp). Run by web_files.cmake:
//   node embed.mjs DIST OWN_FOLDER OUT    OUT/web_files.bin, OUT/web_files.cpp; DIST "" if there is none
// A text is kept twice, as brotli and as gzip, and anything else as it is: a client that takes neither gets what the
// agent unpacks from gzip. The same files give the same bytes.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}
const asTheyAre = new Set(['.png', '.woff2']) // compressed already

function filesBelow(folder, prefix) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory()
        ? filesBelow(join(folder, entry.name), `${prefix}${entry.name}/`)
        : [{ path: prefix + entry.name, file: join(folder, entry.name) }],
    )
}

function brotli(bytes) {
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  })
}

const pieces = []
let size = 0
function placed(bytes) {
  if (bytes === null) return '{}'
  const place = `{${size}, ${bytes.length}}`
  pieces.push(bytes)
  size += bytes.length
  return place
}

function row({ path, file }) {
  const ending = extname(path)
  const type = types[ending]
  if (!type) throw new Error(`${path}: embed.mjs knows no content type for "${ending}"`)
  if (!/^[A-Za-z0-9._/@-]+$/.test(path)) throw new Error(`${path}: a name for an address has letters, digits and . _ - @`)
  const bytes = readFileSync(file)
  const packed = gzipSync(bytes, { level: 9 })
  const whole = asTheyAre.has(ending) || packed.length >= bytes.length
  const tag = createHash('sha256').update(bytes).digest('base64url').slice(0, 16)
  const lasts = path.startsWith('assets/') // Vite puts a hash into these names
  return `    {"/console/${path}", "${type}", "${tag}", ${lasts}, ${bytes.length},\n     ${[
    whole ? bytes : null,
    whole ? null : packed,
    whole ? null : brotli(bytes),
  ]
    .map(placed)
    .join(', ')}},`
}

const [dist, own, out] = process.argv.slice(2)
const files = [...(dist ? filesBelow(dist, '') : []), { path: 'door.css', file: join(own, 'door.css') }]
const rows = files.sort((a, b) => (a.path < b.path ? -1 : 1)).map(row)
writeFileSync(join(out, 'web_files.bin'), Buffer.concat(pieces))
writeFileSync(
  join(out, 'web_files.cpp'),
  `// By agent/console/assets/embed.mjs.
#include "agent/console/assets/web_files.hpp"

extern "C" const std::uint8_t rootlet_web_bytes[];

namespace rootlet::agent {
namespace {
constexpr WebFile kFiles[] = {
${rows.join('\n')}
};
}  // namespace

const WebFiles& console_web_files() {
  static const WebFiles kAll(kFiles, ByteView(rootlet_web_bytes, ${size}));
  return kAll;
}

}  // namespace rootlet::agent
`,
)
console.log(`${files.length} files of the console, ${size} bytes compressed`)
