// Writes src/api/schema.ts from the agent's OpenAPI document, so that the compiler holds the console to it.
import { writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const document = new URL("../../../api/openapi.json", import.meta.url);
const types = astToString(await openapiTS(document));
await writeFile(new URL("../src/api/schema.ts", import.meta.url), `// Made by scripts/make_api_types.mjs.\n${types}`);
