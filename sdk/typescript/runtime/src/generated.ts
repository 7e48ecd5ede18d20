/**
 * What generated code uses.
 *
 * @module
 */

export { any } from "./codec/any.js";
export { type Assertion, assertion, json } from "./codec/assertion/keyword.js";
export { alias, type Codec } from "./codec/codec.js";
export { array, map, nullable } from "./codec/container.js";
export type { Json } from "./codec/json.js";
export { defaulted, flatten, object, optional, type Reader, required } from "./codec/object.js";
export { bigint, boolean, integer, number, only } from "./codec/scalar.js";
export {
  type Brand,
  type Secret,
  secret,
  type SecretType,
  secretType,
  text,
  type TextType,
  textType,
} from "./codec/text.js";
export { enumeration, type Open, tagged, union, type Unknown } from "./codec/union.js";
export { untagged } from "./codec/untagged.js";
export { type CallOptions, Client } from "./rpc/client.js";
export type { Connection } from "./rpc/connection.js";
export { type ErrorKind, Fault } from "./rpc/fault.js";
export type { ErrorForm } from "./rpc/form.js";
export { Event, event, Request, request } from "./rpc/operation.js";
export type { Context } from "./serve/context.js";
export type { ServeOptions } from "./serve/options.js";
export { type Awaitable, route } from "./serve/route.js";
export { serve, type Server } from "./serve/server.js";

/** An object without members: the parameters of a subject without parameters. */
export type Empty = object;

/** `Promise` under a name that no type of a protocol has. */
export type Async<T> = Promise<T>;
