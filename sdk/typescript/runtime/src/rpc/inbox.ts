import { randomToken } from "../random.js";
import { after, now, pause, within } from "../time.js";
import type { Message } from "../transport/message.js";
import type { Transport, TransportEvent, TransportSubscription } from "../transport/transport.js";
import { type Outcome, type Pending, PendingRequests } from "./pending.js";

/** The time in which a denial arrives after a flush, in milliseconds. */
const DENIAL_GRACE = 10;

/** The longest time for which a flush waits, in milliseconds. */
const FLUSH_LIMIT = 5_000;

/** The length of the random tokens: about 130 and 95 bits. */
const INBOX_TOKEN = 22;
const REQUEST_TOKEN = 16;

/** A subscription that the permissions of the server deny. */
export class SubscribeError extends Error {
  override readonly name = "SubscribeError";
  readonly reason: "closed" | "denied" | "disconnected";

  constructor(reason: SubscribeError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The inbox of a connection, which receives all replies. */
export class Inbox {
  readonly requests: PendingRequests = new PendingRequests();
  private readonly transport: Transport;
  private readonly prefix: string;
  private readonly denied = new Set<string>();

  private constructor(transport: Transport, prefix: string) {
    this.transport = transport;
    this.prefix = `${prefix}.${randomToken(INBOX_TOKEN)}.`;
    transport.listen((event) => {
      this.follow(event);
    });
  }

  /** Subscribes to an inbox below `prefix`, and waits until the server accepts the subscription. */
  static async open(transport: Transport, prefix: string): Promise<Inbox> {
    const inbox = new Inbox(transport, prefix);
    await inbox.subscribe(`${inbox.prefix}*`, undefined, (message) => {
      inbox.requests.end(message.subject.slice(inbox.prefix.length), { type: "message", message });
    });
    return inbox;
  }

  /** Subscribes, and waits until the server accepts the subscription. */
  async subscribe(
    pattern: string,
    queue: string | undefined,
    deliver: (message: Message) => void,
  ): Promise<TransportSubscription> {
    this.denied.delete(pattern);
    const subscription = this.transport.subscribe(pattern, queue, deliver);
    await this.flush();
    if (this.denied.has(pattern)) {
      await subscription.unsubscribe();
      throw new SubscribeError("denied", `the server's permissions forbid to subscribe to ${pattern}`);
    }
    return subscription;
  }

  /** Sends a request and waits for its reply. `publish` is called with the reply subject, and may throw. */
  async request(
    subject: string,
    deadline: number,
    signal: AbortSignal | undefined,
    publish: (reply: string) => void,
  ): Promise<Outcome> {
    if (this.requests.isInRound(subject)) {
      await this.requests.ready(subject);
    }
    if (signal?.aborted === true) {
      return { type: "cancelled" };
    }
    return new Promise((resolve, reject) => {
      const { requests } = this;
      const give = (type: "cancelled" | "timed_out") => (): void => {
        requests.abandon(pending, { type }, now());
      };
      const cancel = give("cancelled");
      const stop = after(deadline - now(), give("timed_out"));
      const pending: Pending = requests.add(randomToken(REQUEST_TOKEN), subject, (outcome) => {
        stop();
        signal?.removeEventListener("abort", cancel);
        resolve(outcome);
      });
      signal?.addEventListener("abort", cancel);
      try {
        publish(this.prefix + pending.token);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
        // The promise is rejected already, so this only removes the request.
        requests.end(pending.token, { type: "cancelled" });
      }
    });
  }

  /** Waits until the server has handled all earlier messages, at most the limit. */
  async flush(): Promise<void> {
    const flushed = this.transport.flush();
    await within(FLUSH_LIMIT, flushed);
    if (!this.transport.isConnected) {
      await flushed.catch((error: unknown) => {
        throw this.transport.isClosed
          ? new SubscribeError("closed", "the connection is closed")
          : new SubscribeError("disconnected", String(error));
      });
    }
  }

  private follow(event: TransportEvent): void {
    switch (event.type) {
      case "disconnected":
        this.requests.endAll({ type: "disconnected" });
        break;
      case "closed":
        this.requests.endAll({ type: "closed" });
        break;
      case "publish_denied":
        this.requests.deny(event.subject, now(), () => this.settle());
        break;
      case "subscribe_denied":
        this.denied.add(event.subject);
        if (event.subject === `${this.prefix}*`) {
          this.requests.endAll({ type: "denied" });
        }
        break;
      default:
    }
  }

  private async settle(): Promise<boolean> {
    try {
      await this.transport.flush();
      await pause(DENIAL_GRACE);
      return true;
    } catch {
      return false;
    }
  }
}
