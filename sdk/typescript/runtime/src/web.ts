/**
 * Connections over WebSocket, for browsers. They also work in Node.
 *
 * @module
 */

import { wsconnect, type WsConnectionOptions } from "@nats-io/nats-core";

import type { Connection } from "./rpc/connection.js";
import { type ConnectOptions, connectWith } from "./transport/options.js";

/** Connects to a NATS server over WebSocket. The addresses begin with `ws://` or `wss://`. */
export async function connect(options: ConnectOptions = {}): Promise<Connection> {
  return connectWith<WsConnectionOptions>(wsconnect, options, {});
}

export type { ConnectOptions } from "./transport/options.js";
