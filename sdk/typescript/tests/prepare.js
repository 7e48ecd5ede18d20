/** Writes sources for the compiler and the tests: the programs of README.md, and the golden files. */

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const generated = join(folder, "src/generated");
rmSync(generated, { recursive: true, force: true });
mkdirSync(join(generated, "readme"), { recursive: true });
cpSync(join(folder, "../../../tests/golden/typescript"), generated, { recursive: true });

const readme = readFileSync(join(folder, "../README.md"), "utf8");
for (const [, name, text] of readme.matchAll(/^```ts (\S+)\n(.*?)^```$/gms)) {
  writeFileSync(join(generated, "readme", name), text);
}
