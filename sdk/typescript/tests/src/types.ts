/** The protocols of the corpora and their types. */

import assert from "node:assert/strict";

import type { Codec } from "natsgen-runtime";
import * as varpulis from "varpulis-sdk";

import * as keyvalue from "./generated/keyvalue/index.js";
import * as unions from "./generated/unions/index.js";

/** The types of a protocol by name. */
export type Types = Readonly<Record<string, unknown>>;

/** The protocols by the folder of their corpora. */
export const PROTOCOLS: readonly [folder: string, types: Types][] = [
  ["varpulis", varpulis],
  ["keyvalue", keyvalue],
  ["unions", unions],
];

/** The codec of a message, such as `worker/deploy#Request`. */
export function codecOf(types: Types, message: string): Codec<unknown> {
  const codec = types[typeName(message)];
  assert.ok(codec, `${message} has a type`);
  return codec as Codec<unknown>;
}

/** The name of a type: a request, a reply and an event have the name of their operation. */
function typeName(message: string): string {
  const [path = "", name] = message.split("#");
  const words = (path.split("/").at(-1) ?? "").split("_");
  const document = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  switch (name) {
    case undefined:
    case "Message":
      return document;
    case "Request":
    case "Reply":
      return path.startsWith("types/") ? name : document + name;
    default:
      return name;
  }
}
