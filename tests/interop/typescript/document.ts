/** Messages as JSON documents, and documents as lines. */

import { type Codec, decode, encode, type Json, type JsonObject } from "natsgen-runtime";
import { any } from "natsgen-runtime/generated";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Reads a line of the runner. Long integers stay exact. */
export function parse(text: string): Json {
  return decode(any, encoder.encode(text));
}

/** Prints a line for the runner. */
export function print(line: JsonObject): void {
  console.log(decoder.decode(encode(any, line)));
}

/** The document of a message. */
export function documentOf<T>(codec: Codec<T>, message: T): Json {
  return decode(any, encode(codec, message));
}

/** The message of a document. */
export function messageOf<T>(codec: Codec<T>, document: Json, options: { keepUnknown: boolean }): T {
  return decode(codec, encode(any, document), options);
}
