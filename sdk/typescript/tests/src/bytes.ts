/** The byte corpora: payloads that no JSON value expresses. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parseExact } from "./json.js";

/** A part of a payload, repeated `times` times. */
type Segment = ({ readonly text: string } | { readonly hex: string }) & { readonly times?: number };

/** A payload of a corpus. */
export interface Payload {
  readonly name: string;
  readonly bytes: readonly Segment[];
  /** The expected output, if the payload is valid. */
  readonly written?: unknown;
  /** The place of the error, if the payload is invalid. Absent if readers may name any place. */
  readonly pointer?: string;
}

/** The payloads of a type. */
export interface ByteCorpus {
  readonly message: string;
  readonly valid: readonly Payload[];
  readonly invalid: readonly Payload[];
}

/** The folder with the corpora. The tests run in `sdk/typescript`. */
const FOLDER = "../../tests/vectors/bytes";

/** The byte corpora of a protocol. */
export function byteCorpora(protocol: string): ByteCorpus[] {
  const folder = join(FOLDER, protocol);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".json"));
  return files.sort().map((path) => parseExact(readFileSync(join(folder, path), "utf8")) as ByteCorpus);
}

/** The bytes of a payload. */
export function bytesOf(payload: Payload): Buffer {
  const parts = payload.bytes.map((segment) => {
    const part = "text" in segment ? Buffer.from(segment.text) : Buffer.from(segment.hex, "hex");
    const times = Number(JSON.stringify(segment.times ?? 1));
    return Buffer.concat(Array.from({ length: times }, () => part));
  });
  return Buffer.concat(parts);
}
