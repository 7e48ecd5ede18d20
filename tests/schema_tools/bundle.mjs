// The bundles under test and their types.

import { readFileSync } from "node:fs";

/** Reads a bundle. */
export function read(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** The types of a bundle: the key in the root, the name, the schema and its examples. */
export function types(bundle) {
  return Object.entries(bundle.properties).map(([member, { $ref }]) => {
    const name = $ref.slice("#/$defs/".length);
    const schema = bundle.$defs[name];
    return { member, name, schema, examples: schema.examples ?? [] };
  });
}

/** Ends the process with a message unless the list is empty. */
export function fail(problems) {
  for (const problem of problems) {
    console.error(`error: ${problem}`);
  }
  if (problems.length > 0) {
    process.exit(1);
  }
}
