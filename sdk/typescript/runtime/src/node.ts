/**
 * Connections of Node over TCP.
 *
 * @module
 */

import { readFile } from "node:fs/promises";

import { connect as connectNode, type NodeConnectionOptions } from "@nats-io/transport-node";

import type { Connection } from "./rpc/connection.js";
import { type ConnectOptions, connectWith } from "./transport/options.js";

/** The options of TLS. */
export interface TlsOptions {
  /** The file with the certificates of trusted authorities. */
  readonly caFile?: string;
  /** The file with the client's certificate. */
  readonly certFile?: string;
  /** The file with the client's key. */
  readonly keyFile?: string;
  /** Whether TLS begins before the first message of the server. */
  readonly handshakeFirst?: boolean;
}

/** The options of a connection to a NATS server over TCP. */
export interface NodeConnectOptions extends ConnectOptions {
  /** A credentials file. */
  readonly credentialsFile?: string;
  readonly tls?: TlsOptions;
}

/** Connects to a NATS server over TCP. */
export async function connect(options: NodeConnectOptions = {}): Promise<Connection> {
  const { credentialsFile, tls } = options;
  const credentials = credentialsFile === undefined ? options.credentials : await readFile(credentialsFile, "utf8");
  const all = credentials === undefined ? options : { ...options, credentials };
  return connectWith<NodeConnectionOptions>(connectNode, all, tls === undefined ? {} : { tls });
}

export type { ConnectOptions } from "./transport/options.js";
