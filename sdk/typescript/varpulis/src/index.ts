/**
 * Typed clients and servers of the Varpulis cluster protocol over NATS.
 *
 * @module
 */

export * from "./protocol/index.js";
