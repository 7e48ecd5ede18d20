/** The corpora: valid and invalid documents of each type. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parseExact } from "./json.js";

/** The value at `pointer` is repeated `times` times. */
export interface Repeat {
  readonly pointer: string;
  readonly times: number;
}

/** A document of a corpus. */
export interface Case {
  readonly name: string;
  readonly document: unknown;
  readonly written?: unknown;
  readonly repeat?: Repeat;
  readonly pointer?: string;
  readonly keyword?: string;
}

/** The documents of a type. */
export interface Corpus {
  readonly message: string;
  readonly valid: readonly Case[];
  readonly invalid: readonly Case[];
}

/** The folder with the corpora. The tests run in `sdk/typescript`. */
const FOLDER = "../../tests/vectors/corpus";

/** The corpora of a protocol. */
export function corpora(protocol: string): Corpus[] {
  const folder = join(FOLDER, protocol);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".json"));
  return files.sort().map((path) => parseExact(readFileSync(join(folder, path), "utf8")) as Corpus);
}

/** The text of a document. */
export function expand(document: unknown, repeat: Repeat | undefined): string {
  if (repeat === undefined) {
    return JSON.stringify(document);
  }
  // Raw numbers have no prototype, so a copy is a parsed text.
  const root = { root: parseExact(JSON.stringify(document)) };
  const path = ["root", ...repeat.pointer.split("/").slice(1).map(unescape)];
  const last = path.pop() ?? "root";
  let parent = root as Record<string, unknown>;
  for (const key of path) {
    parent = parent[key] as Record<string, unknown>;
  }
  parent[last] = repeated(parent[last], Number(JSON.stringify(repeat.times)));
  return JSON.stringify(root.root);
}

function unescape(token: string): string {
  return token.replaceAll("~1", "/").replaceAll("~0", "~");
}

function repeated(value: unknown, times: number): unknown {
  if (typeof value === "string") {
    return value.repeat(times);
  }
  if (Array.isArray(value)) {
    return Array.from({ length: times }, () => value[0] as unknown);
  }
  const [[key, member] = ["", null]] = Object.entries(value as Record<string, unknown>);
  return Object.fromEntries(Array.from({ length: times }, (_, at) => [`${key}${String(at)}`, member]));
}
