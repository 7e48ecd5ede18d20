/** Reads each payload of the byte corpora, and compares verdict, place of the error and output with the corpus. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { type Codec, decode, DecodeError, encode } from "natsgen-runtime";

import { byteCorpora, bytesOf, type Payload } from "./bytes.js";
import { canonical } from "./json.js";
import { codecOf, PROTOCOLS } from "./types.js";

const decoder = new TextDecoder();

/** The known differences: payloads that are invalid but accepted. */
const ACCEPTED = [
  // `JSON.parse` keeps the last member with a name, and does not report the other members.
  /: duplicate/,
  // `JSON.parse` rounds a number with a fraction before it is taken for an integer.
  /^integer: (small|tiny) fraction$/,
];

for (const [folder, types] of PROTOCOLS) {
  for (const { message, valid, invalid } of byteCorpora(folder)) {
    test(`bytes ${folder} ${message}`, () => {
      const codec = codecOf(types, message);
      const wrong = [...valid, ...invalid].flatMap((payload) => {
        const isKnown = payload.written === undefined && ACCEPTED.some((pattern) => pattern.test(payload.name));
        const expected = isKnown ? "accepted" : undefined;
        const difference = differenceOf(codec, payload);
        return difference === expected ? [] : [`${payload.name}: ${difference ?? "no difference"}`];
      });
      assert.deepEqual(wrong, []);
    });
  }
}

/** The difference to the result of the corpus. */
function differenceOf(codec: Codec<unknown>, payload: Payload): string | undefined {
  const isValid = payload.written !== undefined;
  try {
    const written = canonical(decoder.decode(encode(codec, decode(codec, bytesOf(payload)))));
    if (!isValid) {
      return "accepted";
    }
    return written === canonical(JSON.stringify(payload.written)) ? undefined : `writes ${written.slice(0, 300)}`;
  } catch (error) {
    if (!(error instanceof DecodeError)) {
      return String(error);
    }
    if (isValid) {
      return `refused: ${error.message}`;
    }
    const isPlace = payload.pointer === undefined || payload.pointer === error.pointer;
    return isPlace ? undefined : `the pointer is ${error.pointer}, not ${payload.pointer ?? ""}`;
  }
}
