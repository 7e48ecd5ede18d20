/**
 * Runtime of NATS clients and servers that natsgen generates from JSON Schema.
 *
 * @module
 */

export type { Codec } from "./codec/codec.js";
export type { Json, JsonObject } from "./codec/json.js";
export { decode, DecodeError, type DecodeOptions, encode, EncodeError } from "./codec/payload.js";
export { Secret } from "./codec/text.js";
export { Unknown } from "./codec/union.js";
export { Violation } from "./codec/violation.js";
