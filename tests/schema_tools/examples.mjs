// Writes the examples of a bundle as documents of its root, a file for each example.
//
//     node examples.mjs BUNDLE DIRECTORY

import { mkdirSync, writeFileSync } from "node:fs";

import { read, types } from "./bundle.mjs";

const [path, directory] = process.argv.slice(2);
mkdirSync(directory, { recursive: true });
for (const { member, examples } of types(read(path))) {
  examples.forEach((example, at) => {
    writeFileSync(`${directory}/${member}.${at}.json`, JSON.stringify({ [member]: example }));
  });
}
