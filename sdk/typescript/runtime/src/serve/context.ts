import { after, now } from "../time.js";
import { type Headers, REQUEST_ID, TIMEOUT, TRACE } from "../transport/message.js";

/** The longest remaining time in milliseconds that a caller may claim, unless the operation has a longer timeout. */
const LONGEST_TOLD = 600_000;

/** The context of a request. */
export class Context {
  /** The subject of the request. */
  readonly subject: string;
  /** The request id, which is the same for each retry; `undefined` if the caller does not send ids. */
  readonly requestId: string | undefined;
  /** The trace context of the caller, in the W3C format. */
  readonly traceparent: string | undefined;
  /** @internal The deadline on the clock of `now`. */
  readonly end: number;
  /** @internal The milliseconds after which the caller may try again. */
  retryHint: number | undefined;
  private controller: AbortController | undefined;
  private isAborted = false;
  private stop = (): void => undefined;

  /** Creates the context of a request that was received now. */
  constructor(subject: string, headers: Headers, timeout: number) {
    this.subject = subject;
    this.requestId = headers.get(REQUEST_ID);
    this.traceparent = headers.get(TRACE);
    const told = headers.get(TIMEOUT) ?? "";
    const limit = Math.max(LONGEST_TOLD, timeout);
    this.end = now() + (/^\d{1,18}$/.test(told) ? Math.min(Number(told), limit) : timeout);
  }

  /** The deadline of the caller. */
  get deadline(): Date {
    return new Date(Date.now() + this.end - now());
  }

  /** The caller's remaining time in milliseconds; 0 after the deadline. */
  get remaining(): number {
    return Math.max(0, this.end - now());
  }

  /**
   * Sets the milliseconds after which the caller may try again, if the handler refuses the request now without executing
   * it, e.g. because of a rate limit. The declared error of the handler carries the time, rounded up, and clients with
   * `retry` wait for it.
   */
  retryAfter(milliseconds: number): void {
    this.retryHint = Math.min(Math.max(Math.ceil(milliseconds), 1), Number.MAX_SAFE_INTEGER);
  }

  /** Aborted after the deadline, and when a control request stops this request. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      this.stop = after(this.remaining, () => {
        this.abort();
      });
      if (this.isAborted) {
        this.controller.abort();
      }
    }
    return this.controller.signal;
  }

  /** @internal */
  abort(): void {
    this.isAborted = true;
    this.stop();
    this.controller?.abort();
  }

  /** @internal Ends the timer of the deadline. */
  finish(): void {
    this.stop();
  }
}
