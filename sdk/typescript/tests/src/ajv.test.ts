/** Asks ajv for a second opinion on the corpora. Its known disagreements are listed, so that a new one fails. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

import { corpora, type Corpus, expand } from "./corpus.js";

/** The schemas of each protocol. The tests run in `sdk/typescript`. */
const PROTOCOLS = {
  varpulis: "../../schema",
  keyvalue: "../../tests/keyvalue/schema",
  unions: "../../tests/unions/schema",
};

/** The invalid documents that ajv accepts, by the reason. */
const KNOWN = {
  /** ajv reads numbers as doubles, so it cannot tell 2^64 from 2^64 - 1. */
  "a double beyond 64 bits": 33,
  /** ajv-formats accepts a space between date and time. */
  "a date and time with a space": 7,
};

function compile(folder: string): Ajv2020 {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  for (const format of ["uint64", "int64"]) {
    ajv.addFormat(format, true);
  }
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".json"));
  for (const path of paths.filter((each) => !each.startsWith("meta") && each !== "manifest.json")) {
    const schema = JSON.parse(readFileSync(join(folder, path), "utf8")) as Record<string, unknown>;
    // The meta-schemas of the documents only add `x-nats` and annotations to this one.
    const $schema = "https://json-schema.org/draft/2020-12/schema";
    ajv.addSchema({ ...schema, $id: `file:///${path}`, $schema });
  }
  return ajv;
}

/** The reason of a known disagreement. */
function reasonOf(keyword: string | undefined, text: string): string {
  if (keyword === "format" && /\d \d\d:/.test(text)) {
    return "a date and time with a space";
  }
  return keyword === "maximum" && /1\.8446744073709552e\+19/.test(text) ? "a double beyond 64 bits" : `other: ${text}`;
}

function check(corpus: Corpus & { readonly schema?: unknown }, ajv: Ajv2020, accepted: Map<string, number>): string[] {
  const schema = `file:///${String(corpus.schema)}`;
  const validate: ValidateFunction | undefined = ajv.getSchema(schema);
  assert.ok(validate !== undefined, schema);
  const isValid = (text: string): boolean => validate(JSON.parse(text));
  for (const item of corpus.invalid) {
    const text = expand(item.document, item.repeat);
    if (isValid(text)) {
      const reason = reasonOf(item.keyword, text);
      accepted.set(reason, (accepted.get(reason) ?? 0) + 1);
    }
  }
  const refused = corpus.valid.filter((item) => !isValid(expand(item.document, item.repeat)));
  return refused.map((item) => `${corpus.message}: ${item.name}`);
}

test("ajv agrees with the corpora, except for known disagreements", () => {
  const accepted = new Map<string, number>();
  const refused: string[] = [];
  for (const [protocol, folder] of Object.entries(PROTOCOLS)) {
    const ajv = compile(folder);
    for (const corpus of corpora(protocol)) {
      refused.push(...check(corpus, ajv, accepted));
    }
  }
  assert.deepEqual(refused, []);
  assert.deepEqual(Object.fromEntries(accepted), KNOWN);
});
