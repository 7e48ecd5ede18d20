// Generated code defines a type for each definition of a bundle, under the name of the definition.
//
//     node names.mjs LABEL BUNDLE FILE PATTERN [--objects]
//
// In the pattern, NAME stands for the name. With `--objects`, only objects with members and enumerations need a type, and an
// alias may replace its target.

import { readFileSync } from "node:fs";

import { fail, read, types } from "./bundle.mjs";

const [label, path, file, pattern, objects] = process.argv.slice(2);
const code = readFileSync(file, "utf8");
const all = types(read(path));
const aliased = all.map(({ schema }) => schema.allOf?.[0].$ref?.slice("#/$defs/".length));
const isObject = ({ schema }) => Object.keys(schema.properties ?? {}).length > 0 || schema.enum?.length > 1;
const named = all.filter((type) => !objects || (isObject(type) && !aliased.includes(type.name)));
const lost = named.filter(({ name }) => !new RegExp(pattern.replace("NAME", name), "m").test(code));
fail(lost.map(({ name }) => `${label}: ${file} has no type ${name}`));
console.log(`${label}: ${named.length} named types`);
