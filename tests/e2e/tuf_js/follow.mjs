// One update by tuf-js, a client of The Update Framework that others wrote, and one download:
//   node follow.mjs METADATA_DIR METADATA_URL TARGET_DIR TARGET_URL TARGET
// METADATA_DIR holds root.json, the start of trust. Prints the versions that it trusts afterwards.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Updater } from "tuf-js";

const [metadataDir, metadataBaseUrl, targetDir, targetBaseUrl, target] = process.argv.slice(2);
const updater = new Updater({ metadataDir, metadataBaseUrl, targetDir, targetBaseUrl, config: { fetchRetries: 0 } });
try {
  await updater.refresh();
  const info = await updater.getTargetInfo(target);
  if (info === undefined) throw new Error(`no role describes ${target}`);
  const file = await updater.downloadTarget(info, join(targetDir, "target"));
  const version = (role) => JSON.parse(readFileSync(join(metadataDir, `${role}.json`))).signed.version;
  console.log(JSON.stringify({ file, root: version("root"), timestamp: version("timestamp"),
    snapshot: version("snapshot"), directory: version("directory") }));
} catch (error) {
  console.error(String(error));
  process.exit(1);
}
