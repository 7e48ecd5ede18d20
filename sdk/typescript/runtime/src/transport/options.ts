import {
  type Authenticator,
  AuthorizationError,
  type ConnectionOptions as NatsOptions,
  credsAuthenticator,
  type NatsConnection,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/nats-core";

import { Connection, type ConnectionOptions } from "../rpc/connection.js";
import { Backoff, now, pause } from "../time.js";
import { NatsTransport } from "./nats.js";

/** The pauses between attempts to connect, in milliseconds. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;

const encoder = new TextEncoder();

/** The options of a connection to a NATS server. */
export interface ConnectOptions extends ConnectionOptions {
  /** The addresses of the servers; default `localhost:4222`. */
  readonly servers?: string | readonly string[];
  /** The name of the connection, for the monitoring of the server. */
  readonly name?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** The seed of an nkey. */
  readonly nkey?: string;
  /** The contents of a credentials file. */
  readonly credentials?: string;
  /**
   * The prefix of inboxes. Without it, a worker node uses `_INBOX_worker.<id>`, see {@link Connection.identity}; other
   * clients use `_INBOX`. Servers reply only to inboxes that begin with `_INBOX`.
   */
  readonly inboxPrefix?: string;
  /** The time between two pings of the server in milliseconds; default 10,000. */
  readonly pingInterval?: number;
  /** The timeout of an attempt to connect in milliseconds; default 5,000. */
  readonly connectTimeout?: number;
  /** The time in milliseconds for which the first connection is tried again; default 0. A wrong password fails at once. */
  readonly wait?: number;
}

/** Connects with a function of the NATS client. */
export async function connectWith<Options extends NatsOptions>(
  open: (options: Options) => Promise<NatsConnection>,
  options: ConnectOptions,
  more: Partial<Options>,
): Promise<Connection> {
  const { inboxPrefix, wait = 0 } = options;
  const reconnects = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
  const natsOptions = { ...natsOptionsOf(options, reconnects), ...more } as Options;
  const deadline = now() + wait;
  const backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
  for (;;) {
    try {
      const transport = new NatsTransport(await open(natsOptions), inboxPrefix);
      transport.listen(({ type }) => {
        if (type === "connected") {
          reconnects.reset();
        }
      });
      return new Connection(transport, options);
    } catch (error) {
      const rest = backoff.pause();
      if (error instanceof AuthorizationError || now() + rest >= deadline) {
        throw error;
      }
      await pause(rest);
    }
  }
}

function natsOptionsOf(options: ConnectOptions, reconnects: Backoff): NatsOptions {
  const { servers, name, pingInterval = 10_000, connectTimeout = 5_000 } = options;
  const authenticators = authenticatorsOf(options);
  return {
    ...(servers === undefined ? {} : { servers: typeof servers === "string" ? servers : [...servers] }),
    ...(name === undefined ? {} : { name }),
    ...(authenticators.length === 0 ? {} : { authenticator: authenticators }),
    pingInterval,
    maxPingOut: 2,
    timeout: connectTimeout,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => reconnects.pause(),
    noAsyncTraces: true,
  };
}

function authenticatorsOf({ user, password, token, nkey, credentials }: ConnectOptions): Authenticator[] {
  const all: Authenticator[] = [];
  if (user !== undefined) {
    all.push(usernamePasswordAuthenticator(user, password));
  }
  if (token !== undefined) {
    all.push(tokenAuthenticator(token));
  }
  if (nkey !== undefined) {
    all.push(nkeyAuthenticator(encoder.encode(nkey)));
  }
  if (credentials !== undefined) {
    all.push(credsAuthenticator(encoder.encode(credentials)));
  }
  return all;
}
