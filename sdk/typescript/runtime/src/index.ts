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
export { type CallOptions, Client, type Retry } from "./rpc/client.js";
export { connectInProcess, Connection, type ConnectionOptions } from "./rpc/connection.js";
export { CallError, type Phase, PublishFailure, type Reason } from "./rpc/failure.js";
export { Fault, type StandardCode } from "./rpc/fault.js";
export { SubscribeError } from "./rpc/inbox.js";
export type { CallRecord, EventRecord, Observer, ServedRecord } from "./rpc/observer.js";
export type { Event, Request } from "./rpc/operation.js";
export { type Received, type SubscribeOptions, Subscription, UnreadableEvent } from "./rpc/subscription.js";
export { Context } from "./serve/context.js";
export type { DedupOptions, ServeOptions } from "./serve/options.js";
export type { Saturation } from "./serve/schedule.js";
export type { Server, Stats } from "./serve/server.js";
export { MemoryBroker } from "./transport/memory.js";
export { Headers, type Message, PublishError } from "./transport/message.js";
export type { Transport, TransportEvent, TransportSubscription } from "./transport/transport.js";
export { randomToken } from "./random.js";
export { Backoff } from "./time.js";
