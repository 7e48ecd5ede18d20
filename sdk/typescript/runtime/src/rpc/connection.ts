import { randomToken } from "../random.js";
import { checkSubject, DEFAULT_INBOXES, isInbox, ROLE_INBOX } from "../subject/subject.js";
import { now, within } from "../time.js";
import { MemoryBroker } from "../transport/memory.js";
import type { Message } from "../transport/message.js";
import type { Transport, TransportEvent, TransportSubscription } from "../transport/transport.js";
import { Inbox, SubscribeError } from "./inbox.js";
import type { Observer } from "./observer.js";
import type { Event } from "./operation.js";
import type { Outcome } from "./pending.js";
import { type SubscribeOptions, Subscription } from "./subscription.js";

/** The options of a connection. */
export interface ConnectionOptions {
  /** The prefix of all subjects; default: the prefix of the protocol. */
  readonly prefix?: string;
  /** Receives calls and events, for tracing and metrics. */
  readonly observer?: Observer;
}

/** An inbox, which the first call, subscription or server opens. */
interface InboxSlot {
  readonly prefix: string;
  opening?: Promise<Inbox> | undefined;
  opened?: Inbox;
}

/** A connection over which clients call, servers serve, and events are sent. */
export class Connection implements AsyncDisposable {
  /** @internal */
  readonly observer: Observer | undefined;
  private readonly transport: Transport;
  private readonly options: ConnectionOptions;
  private readonly ownPrefix: string | undefined;
  private readonly ids = randomToken(11);
  private count = 0;
  /** The inboxes of all handles. Each has another prefix. */
  private slots: InboxSlot[] = [];
  private slot: InboxSlot;

  constructor(transport: Transport, options: ConnectionOptions = {}) {
    this.transport = transport;
    this.options = options;
    this.ownPrefix = options.prefix === undefined ? undefined : checkSubject(options.prefix);
    this.observer = options.observer;
    this.slot = this.slotOf(transport.inboxPrefix ?? DEFAULT_INBOXES);
  }

  /**
   * Returns a handle of the same connection that uses the inboxes `_INBOX_<role>.<id>`, like the permissions that
   * `natsgen acl` writes. A server answers a request only if its inbox belongs to a role that may call the operation.
   * Returns this handle if the options of the connection set an inbox prefix.
   *
   * @param role - the role, for example `REGISTER.definition.from`
   * @param id - the instance of the role
   * @throws {@link SubjectError} if `role` or `id` cannot be a token of a subject.
   */
  identity(role: string, id: bigint | number | string): Connection {
    if (this.transport.inboxPrefix !== undefined) {
      return this;
    }
    const handle = new Connection(this.transport, this.options);
    handle.slots = this.slots;
    handle.slot = handle.slotOf(checkSubject(`${ROLE_INBOX}${role}.${String(id)}`));
    return handle;
  }

  /** Whether the connection is established. */
  get isConnected(): boolean {
    return this.transport.isConnected;
  }

  /** Whether the connection was closed. */
  get isClosed(): boolean {
    return this.transport.isClosed;
  }

  /** The number of calls that wait for a reply, on all handles of the connection. */
  get pendingRequests(): number {
    return this.slots.reduce((sum, { opened }) => sum + (opened?.requests.size ?? 0), 0);
  }

  /** The number of replies that arrived after the end of their call, on all handles of the connection. */
  get lateReplies(): number {
    return this.slots.reduce((sum, { opened }) => sum + (opened?.requests.late ?? 0), 0);
  }

  /** The maximum size of a message in bytes. */
  get maxPayload(): number {
    return this.transport.maxPayload;
  }

  /** Calls `listener` with each event of the connection until the returned function is called. */
  listen(listener: (event: TransportEvent) => void): () => void {
    return this.transport.listen(listener);
  }

  /**
   * Receives events. Parameters that `filter` does not contain match every value. The loop ends when `signal` is
   * aborted or the connection is closed.
   *
   * The subscription is active before the returned promise resolves.
   *
   * @throws {@link SubscribeError} if the permissions of the server deny the subscription.
   */
  async subscribe<Params extends object, Message>(
    event: Event<Params, Message>,
    filter: Partial<Params> = {},
    options: SubscribeOptions = {},
  ): Promise<Subscription<Params, Message>> {
    const prefix = this.prefixOr(event.definition.prefix);
    const subscription = new Subscription(event, prefix, options);
    const pattern = event.template.subject(prefix, filter);
    const inner = await this.open(pattern, event.definition.queue, (message) => {
      const lost = subscription.deliver(message);
      if (lost) {
        options.onLost?.(message.subject);
      }
    });
    subscription.begin(inner, this.transport);
    return subscription;
  }

  /** Resolves when all messages that were sent before have arrived at the server. */
  async flush(): Promise<void> {
    await this.transport.flush();
  }

  /** Sends the messages under way, and closes the connection. Pending calls end. */
  async close(): Promise<void> {
    await this.transport.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @internal */
  prefixOr(prefix: string): string {
    return this.ownPrefix ?? prefix;
  }

  /** @internal */
  newRequestId(): string {
    this.count += 1;
    return `${this.ids}-${this.count.toString(36)}`;
  }

  /** @internal */
  isInbox(subject: string): boolean {
    return isInbox(subject, this.slot.prefix);
  }

  /** @internal */
  publish(message: Message): void {
    this.transport.publish(message);
  }

  /** @internal */
  async request(message: Message, deadline: number, signal: AbortSignal | undefined): Promise<Outcome> {
    if (this.slot.opened === undefined && !(await within(deadline - now(), this.inbox()))) {
      return { type: "timed_out" };
    }
    const inbox = this.slot.opened ?? (await this.inbox());
    return inbox.request(message.subject, deadline, signal, (reply) => {
      this.transport.publish({ ...message, reply });
    });
  }

  /** @internal */
  async open(
    pattern: string,
    queue: string | undefined,
    deliver: (message: Message) => void,
  ): Promise<TransportSubscription> {
    const inbox = this.slot.opened ?? (await this.inbox());
    return inbox.subscribe(pattern, queue, deliver);
  }

  private async inbox(): Promise<Inbox> {
    if (this.isClosed) {
      throw new SubscribeError("closed", "the connection is closed");
    }
    if (!this.isConnected) {
      throw new SubscribeError("disconnected", "not connected");
    }
    const { slot } = this;
    slot.opening ??= Inbox.open(this.transport, slot.prefix);
    try {
      slot.opened = await slot.opening;
      return slot.opened;
    } catch (error) {
      slot.opening = undefined;
      throw error;
    }
  }

  private slotOf(prefix: string): InboxSlot {
    const found = this.slots.find((slot) => slot.prefix === prefix);
    if (found !== undefined) {
      return found;
    }
    const slot: InboxSlot = { prefix };
    this.slots.push(slot);
    return slot;
  }
}

/**
 * Creates a connection inside the process, without a server. For unit tests. Connections of the same broker see each
 * other's messages.
 */
export function connectInProcess(broker: MemoryBroker = new MemoryBroker(), options?: ConnectionOptions): Connection {
  return new Connection(broker.connect(), options);
}
