import { decode, DecodeError } from "../codec/payload.js";
import { Violation } from "../codec/violation.js";
import { belowPrefix } from "../subject/template.js";
import { type Message, sizeOf } from "../transport/message.js";
import type { Transport, TransportSubscription } from "../transport/transport.js";
import type { Event } from "./operation.js";

/** The options of a subscription. */
export interface SubscribeOptions {
  /** Ends the subscription. */
  readonly signal?: AbortSignal;
  /** Called with each event that breaks its schema. Such an event is skipped. */
  readonly onUnreadable?: (error: UnreadableEvent) => void;
  /** Called with the subject of each event that was lost because the buffer is full. */
  readonly onLost?: (subject: string) => void;
  /** The maximum number of events in the buffer; default 65,536. */
  readonly maxMessages?: number;
  /** The maximum size of the events in the buffer in bytes; default 64 MiB. */
  readonly maxBytes?: number;
}

/** A received event. */
export interface Received<Params, Event> {
  readonly subject: string;
  readonly params: Params;
  readonly event: Event;
}

/** An event that breaks its schema. */
export class UnreadableEvent extends Error {
  override readonly name = "UnreadableEvent";
  /** The name of the event. */
  readonly event: string;
  readonly subject: string;
  /** The JSON pointer of the invalid value. */
  readonly pointer: string;

  constructor(event: string, subject: string, error: DecodeError) {
    super(`unreadable ${event}: ${error.message}`, { cause: error });
    this.event = event;
    this.subject = subject;
    this.pointer = error.pointer;
  }
}

/** A subscription to an event: an asynchronous iterator. */
export class Subscription<Params extends object, T> implements AsyncIterableIterator<Received<Params, T>> {
  private readonly event: Event<Params, T>;
  private readonly prefix: string;
  private readonly options: SubscribeOptions;
  private buffer: Message[] = [];
  private taken = 0;
  private bytes = 0;
  private wake: (() => void) | undefined;
  private inner: TransportSubscription | undefined;
  private isEnded = false;
  private forget = (): void => undefined;

  constructor(event: Event<Params, T>, prefix: string, options: SubscribeOptions) {
    this.event = event;
    this.prefix = prefix;
    this.options = options;
  }

  /** @internal */
  begin(inner: TransportSubscription, transport: Transport): void {
    this.inner = inner;
    const { signal } = this.options;
    const stop = (): void => {
      void this.unsubscribe();
    };
    const unlisten = transport.listen((event) => {
      if (event.type === "closed") {
        this.end();
      }
    });
    signal?.addEventListener("abort", stop);
    this.forget = () => {
      unlisten();
      signal?.removeEventListener("abort", stop);
    };
    if (signal?.aborted === true) {
      stop();
    }
  }

  /** @internal Takes a message. Returns true if the buffer is full and the message is lost. */
  deliver(message: Message): boolean {
    const { maxMessages = 65_536, maxBytes = 64 << 20 } = this.options;
    const size = sizeOf(message);
    if (this.isEnded) {
      return false;
    }
    if (this.buffer.length - this.taken >= maxMessages || this.bytes + size > maxBytes) {
      return true;
    }
    this.bytes += size;
    this.buffer.push(message);
    this.notify();
    return false;
  }

  async next(): Promise<IteratorResult<Received<Params, T>, undefined>> {
    for (;;) {
      const message = this.take();
      if (message !== undefined) {
        const received = this.read(message);
        if (received !== undefined) {
          return { done: false, value: received };
        }
      } else if (this.isEnded) {
        return { done: true, value: undefined };
      } else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
  }

  /** Ends the subscription; called when a loop is left. */
  async return(): Promise<IteratorResult<Received<Params, T>, undefined>> {
    this.buffer = [];
    this.taken = 0;
    await this.unsubscribe();
    return { done: true, value: undefined };
  }

  /** Ends the subscription. Events that have arrived can still be read. */
  async unsubscribe(): Promise<void> {
    await this.inner?.unsubscribe();
    this.end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unsubscribe();
  }

  private take(): Message | undefined {
    const message = this.buffer[this.taken];
    if (message === undefined) {
      return undefined;
    }
    this.taken += 1;
    this.bytes -= sizeOf(message);
    if (this.taken === this.buffer.length || this.taken === 1_024) {
      this.buffer = this.buffer.slice(this.taken);
      this.taken = 0;
    }
    return message;
  }

  private read({ subject, payload }: Message): Received<Params, T> | undefined {
    try {
      const params = this.event.template.read(belowPrefix(this.prefix, subject));
      return { subject, params, event: decode(this.event.definition.message, payload, { keepUnknown: true }) };
    } catch (error) {
      this.options.onUnreadable?.(new UnreadableEvent(this.event.name, subject, toDecodeError(error)));
      return undefined;
    }
  }

  private end(): void {
    this.isEnded = true;
    this.forget();
    this.notify();
  }

  private notify(): void {
    this.wake?.();
    this.wake = undefined;
  }
}

function toDecodeError(error: unknown): DecodeError {
  if (error instanceof DecodeError) {
    return error;
  }
  if (error instanceof Violation) {
    return new DecodeError(error.pointer, error.reason);
  }
  throw error;
}
