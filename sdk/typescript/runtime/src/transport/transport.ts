import type { Message } from "./message.js";

/** What happens on a connection. */
export type TransportEvent =
  | { readonly type: "connected" }
  | { readonly type: "disconnected" }
  /** The permissions of the server deny a publication. */
  | { readonly type: "publish_denied"; readonly subject: string }
  /** The permissions of the server deny a subscription. */
  | { readonly type: "subscribe_denied"; readonly subject: string }
  | { readonly type: "server_error"; readonly error: Error }
  /** A subscription with a full buffer lost messages. */
  | { readonly type: "lost"; readonly subject: string; readonly messages: number }
  | { readonly type: "closed" };

/** A subscription of a transport. */
export interface TransportSubscription {
  /** Takes no more messages from the server, and resolves after the last message that was under way. */
  unsubscribe(): Promise<void>;
}

/** Sends and receives messages. */
export interface Transport {
  /** The maximum size of a message in bytes. */
  readonly maxPayload: number;
  /** The prefix of inboxes, if the options of the connection set it. */
  readonly inboxPrefix?: string | undefined;
  readonly isConnected: boolean;
  readonly isClosed: boolean;

  /**
   * Sends a message.
   *
   * @throws {@link PublishError}
   */
  publish(message: Message): void;

  /** Subscribes. `deliver` is called with each message in order, and must not throw. */
  subscribe(pattern: string, queue: string | undefined, deliver: (message: Message) => void): TransportSubscription;

  /** Resolves after all messages that arrived at the server before; rejects if the connection is lost. */
  flush(): Promise<void>;

  /** Calls `listener` with each event until the returned function is called. */
  listen(listener: (event: TransportEvent) => void): () => void;

  /** Sends the messages under way, and closes the connection. */
  close(): Promise<void>;
}

/** The listeners of a transport. */
export class Listeners {
  private readonly all = new Set<(event: TransportEvent) => void>();

  add(listener: (event: TransportEvent) => void): () => void {
    this.all.add(listener);
    return () => {
      this.all.delete(listener);
    };
  }

  emit(event: TransportEvent): void {
    for (const listener of [...this.all]) {
      listener(event);
    }
  }
}
