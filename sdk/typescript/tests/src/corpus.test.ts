/** Reads each document of the corpora, and compares verdict, place of the error and output with the corpus. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { type Codec, decode, DecodeError, encode } from "natsgen-runtime";

import { type Case, corpora, type Corpus, expand } from "./corpus.js";
import { canonical } from "./json.js";
import { codecOf, PROTOCOLS } from "./types.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

for (const [folder, types] of PROTOCOLS) {
  for (const corpus of corpora(folder)) {
    test(`corpus ${folder} ${corpus.message}`, () => {
      const codec = codecOf(types, corpus.message);
      const wrong = [...validCases(codec, corpus), ...invalidCases(codec, corpus)];
      assert.deepEqual(wrong, []);
    });
  }
}

function* validCases(codec: Codec<unknown>, corpus: Corpus): Generator<string> {
  for (const item of corpus.valid) {
    const text = expand(item.document, item.repeat);
    const expected = canonical(item.written === undefined ? text : expand(item.written, item.repeat));
    try {
      const written = decoder.decode(encode(codec, decode(codec, encoder.encode(text))));
      if (canonical(written) !== expected) {
        yield `${item.name}: writes ${written.slice(0, 300)}`;
      }
    } catch (error) {
      yield `${item.name}: refuses the document: ${String(error)}`;
    }
  }
}

function* invalidCases(codec: Codec<unknown>, corpus: Corpus): Generator<string> {
  for (const item of corpus.invalid) {
    const text = expand(item.document, item.repeat);
    const pointer = refusal(() => decode(codec, encoder.encode(text)));
    if (pointer !== item.pointer) {
      yield `${describe(item)}: the pointer is ${String(pointer)}`;
    }
    // A member that the type does not have is not written.
    const isWritable = item.keyword === "additionalProperties" || item.name === "two branches at once";
    if (!isWritable && refusal(() => encode(codec, JSON.parse(text) as unknown)) === undefined) {
      yield `${describe(item)}: encode accepts the value`;
    }
  }
}

function describe(item: Case): string {
  return `${item.name} at ${String(item.pointer)}`;
}

/** The place of the error, if the function fails. */
function refusal(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof DecodeError ? error.pointer : "";
  }
}
