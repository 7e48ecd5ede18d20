import { isPattern, matches } from "../subject/subject.js";
import { checkMessage, Headers, type Message, NO_RESPONDERS, PublishError } from "./message.js";
import { Listeners, type Transport, type TransportEvent, type TransportSubscription } from "./transport.js";

/** The maximum size of a message: the default of a NATS server. */
const MAX_PAYLOAD = 1 << 20;

interface Route {
  readonly owner: MemoryTransport;
  readonly pattern: string;
  readonly queue: string | undefined;
  readonly deliver: (message: Message) => void;
  isOpen: boolean;
}

/** Connects transports inside a process, without a server. For unit tests. */
export class MemoryBroker {
  private routes: Route[] = [];
  private turn = 0;

  /** Creates a transport. All transports of a broker see each other's messages. */
  connect(): Transport {
    return new MemoryTransport(this);
  }

  /** @internal */
  add(route: Route): void {
    this.routes.push(route);
  }

  /** @internal */
  remove(isRemoved: (route: Route) => boolean): void {
    for (const route of this.routes.filter(isRemoved)) {
      route.isOpen = false;
    }
    this.routes = this.routes.filter((route) => !isRemoved(route));
  }

  /** @internal */
  send(message: Message): void {
    const receivers = this.receivers(message.subject);
    for (const route of receivers) {
      later(route, message);
    }
    if (receivers.length === 0 && message.reply !== undefined) {
      const payload = new Uint8Array();
      const answer = { subject: message.reply, headers: new Headers(), payload, status: NO_RESPONDERS };
      for (const route of this.receivers(message.reply)) {
        later(route, answer);
      }
    }
  }

  /** All subscribers, and one member of each queue group. */
  private receivers(subject: string): Route[] {
    const found = this.routes.filter((route) => matches(route.pattern, subject));
    const groups = Map.groupBy(found, (route) => route.queue);
    this.turn += 1;
    return [...groups].flatMap(([queue, members]) =>
      queue === undefined ? members : members.slice(this.turn % members.length).slice(0, 1),
    );
  }
}

function later(route: Route, message: Message): void {
  queueMicrotask(() => {
    if (route.isOpen) {
      route.deliver(message);
    }
  });
}

class MemoryTransport implements Transport {
  readonly maxPayload: number = MAX_PAYLOAD;
  isConnected = true;
  isClosed = false;
  private readonly broker: MemoryBroker;
  private readonly listeners = new Listeners();

  constructor(broker: MemoryBroker) {
    this.broker = broker;
  }

  publish(message: Message): void {
    if (this.isClosed) {
      throw new PublishError("closed", "the connection is closed");
    }
    checkMessage(message, this.maxPayload);
    this.broker.send(message);
  }

  subscribe(pattern: string, queue: string | undefined, deliver: (message: Message) => void): TransportSubscription {
    if (!isPattern(pattern)) {
      throw new PublishError("bad_subject", `${JSON.stringify(pattern)} is no pattern`);
    }
    const route: Route = { owner: this, pattern, queue, deliver, isOpen: true };
    this.broker.add(route);
    return {
      unsubscribe: async () => {
        await this.flush();
        this.broker.remove((other) => other === route);
      },
    };
  }

  async flush(): Promise<void> {
    // The messages are delivered by microtasks that were queued before.
    await Promise.resolve();
  }

  listen(listener: (event: TransportEvent) => void): () => void {
    return this.listeners.add(listener);
  }

  async close(): Promise<void> {
    await this.flush();
    this.broker.remove((route) => route.owner === this);
    this.isConnected = false;
    this.isClosed = true;
    this.listeners.emit({ type: "closed" });
  }
}
