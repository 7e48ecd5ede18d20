import {
  headers as natsHeaders,
  type Msg,
  type NatsConnection,
  PermissionViolationError,
  type Status,
  type Subscription,
} from "@nats-io/nats-core";

import { isPattern } from "../subject/subject.js";
import { within } from "../time.js";
import { checkMessage, Headers, type Message, PublishError } from "./message.js";
import { Listeners, type Transport, type TransportEvent, type TransportSubscription } from "./transport.js";

/** The time in milliseconds in which the server must take the last messages. */
const CLOSE_LIMIT = 2_500;

/** A connection to a NATS server. */
export class NatsTransport implements Transport {
  readonly inboxPrefix: string | undefined;
  isConnected = true;
  private readonly connection: NatsConnection;
  private readonly listeners = new Listeners();
  private lastMaxPayload = 0;

  constructor(connection: NatsConnection, inboxPrefix: string | undefined) {
    this.connection = connection;
    this.inboxPrefix = inboxPrefix;
    void this.follow();
  }

  get maxPayload(): number {
    // While the client is disconnected, it has no information about a server.
    this.lastMaxPayload = this.connection.info?.max_payload ?? this.lastMaxPayload;
    return this.lastMaxPayload;
  }

  get isClosed(): boolean {
    return this.connection.isClosed();
  }

  publish(message: Message): void {
    checkMessage(message, this.maxPayload);
    if (this.isClosed || this.connection.isDraining()) {
      throw new PublishError("closed", "the connection is closed");
    }
    if (!this.isConnected) {
      // The client would accept the message and never send it.
      throw new PublishError("disconnected", "not connected");
    }
    this.connection.publish(message.subject, message.payload, {
      ...(message.reply === undefined ? {} : { reply: message.reply }),
      ...(message.headers.isEmpty ? {} : { headers: toNats(message.headers) }),
    });
  }

  subscribe(pattern: string, queue: string | undefined, deliver: (message: Message) => void): TransportSubscription {
    if (!isPattern(pattern)) {
      throw new PublishError("bad_subject", `${JSON.stringify(pattern)} is no pattern`);
    }
    if (this.isClosed || this.connection.isDraining()) {
      throw new PublishError("closed", "the connection is closed");
    }
    const subscription = this.connection.subscribe(pattern, {
      ...(queue === undefined ? {} : { queue }),
      callback: (error, message) => {
        if (error === null) {
          deliver(fromNats(message));
        }
      },
    });
    return { unsubscribe: () => drain(subscription) };
  }

  async flush(): Promise<void> {
    if (!this.isConnected) {
      throw new PublishError("disconnected", "not connected");
    }
    await this.connection.flush();
  }

  listen(listener: (event: TransportEvent) => void): () => void {
    return this.listeners.add(listener);
  }

  async close(): Promise<void> {
    if (this.isConnected && !this.isClosed) {
      await within(CLOSE_LIMIT, this.connection.flush());
    }
    await this.connection.close();
  }

  private async follow(): Promise<void> {
    for await (const status of this.connection.status()) {
      this.handle(status);
    }
    this.isConnected = false;
    this.listeners.emit({ type: "closed" });
  }

  private handle(status: Status): void {
    switch (status.type) {
      case "disconnect":
        this.isConnected = false;
        this.listeners.emit({ type: "disconnected" });
        break;
      case "reconnect":
        this.isConnected = true;
        this.listeners.emit({ type: "connected" });
        break;
      case "error":
        this.listeners.emit(errorEvent(status.error));
        break;
      default:
    }
  }
}

function errorEvent(error: Error): TransportEvent {
  if (!(error instanceof PermissionViolationError)) {
    return { type: "server_error", error };
  }
  const type = error.operation === "publish" ? "publish_denied" : "subscribe_denied";
  return { type, subject: error.subject };
}

async function drain(subscription: Subscription): Promise<void> {
  try {
    await subscription.drain();
  } catch {
    // The connection is closed, so the subscription has ended.
  }
}

function toNats(headers: Headers): ReturnType<typeof natsHeaders> {
  const converted = natsHeaders();
  for (const [name, value] of headers) {
    converted.append(name, value);
  }
  return converted;
}

function fromNats(message: Msg): Message {
  const headers = new Headers();
  const source = headersOf(message);
  if (source !== undefined) {
    for (const [name, values] of source) {
      values.forEach((value) => {
        headers.append(name, value);
      });
    }
  }
  return {
    subject: message.subject,
    headers,
    payload: message.data,
    ...(message.reply === undefined || message.reply === "" ? {} : { reply: message.reply }),
    ...(source === undefined || source.code === 0 ? {} : { status: source.code }),
  };
}

/** The headers; none if they are malformed. The client parses them now, and an error would end its connection. */
function headersOf(message: Msg): Msg["headers"] {
  try {
    return message.headers;
  } catch {
    return undefined;
  }
}
