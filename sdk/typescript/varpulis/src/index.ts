/**
 * Typed clients and servers of the Varpulis cluster protocol over NATS.
 *
 * @module
 */

export * from "./protocol/index.js";
export { type WorkerHealth, WorkerNode, type WorkerPhase } from "./worker_node/node.js";
export type { WorkerNodeOptions } from "./worker_node/options.js";
export { RegistrationError } from "./worker_node/registrar.js";
