import { isSubject } from "../subject/subject.js";

/** The header with the id of a request; each retry of the request has the same id. */
export const REQUEST_ID = "Request-Id";
/** The header with the caller's remaining time in milliseconds. */
export const TIMEOUT = "Request-Timeout";
/** The header of an error with the milliseconds after which the caller may try again. The request was not executed. */
export const RETRY_AFTER = "Retry-After-Ms";
/** The header with the trace context of the caller, in the W3C format. */
export const TRACE = "traceparent";

/** The size of `NATS/1.0`, its line end, and the empty line after the headers. */
const FRAME = 12;

/** The size of `: ` between name and value, and of the line end. */
const LINE = 4;

// eslint-disable-next-line no-control-regex -- control characters would end the line of a header
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;

const encoder = new TextEncoder();

/** The headers of a message. */
export class Headers implements Iterable<readonly [name: string, value: string]> {
  private readonly lines: (readonly [string, string])[] = [];

  /** Adds a header. Control characters in the value become spaces. */
  append(name: string, value: string): void {
    this.lines.push([name, value.replace(CONTROL, " ").trim()]);
  }

  /** Returns the first value of a header. The comparison ignores case. */
  get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    return this.lines.find(([candidate]) => candidate.toLowerCase() === wanted)?.[1];
  }

  /** Whether there are no headers. */
  get isEmpty(): boolean {
    return this.lines.length === 0;
  }

  /** The size in bytes in the NATS wire format; 0 without headers. */
  get wireSize(): number {
    if (this.isEmpty) {
      return 0;
    }
    return this.lines.reduce((size, [name, value]) => size + byteLength(name) + byteLength(value) + LINE, FRAME);
  }

  [Symbol.iterator](): Iterator<readonly [string, string]> {
    return this.lines[Symbol.iterator]();
  }
}

/** A message. */
export interface Message {
  readonly subject: string;
  /** The subject for the reply. */
  readonly reply?: string;
  readonly headers: Headers;
  readonly payload: Uint8Array;
  /** The status of the server: 503 if the subject has no subscriber. */
  readonly status?: number;
}

/** The status of a request without a subscriber. */
export const NO_RESPONDERS = 503;

/** The size of a message in bytes, as the server counts it. */
export function sizeOf(message: Message): number {
  return message.payload.length + message.headers.wireSize;
}

/** The reason why a message was not sent. */
export class PublishError extends Error {
  override readonly name = "PublishError";
  readonly reason: "bad_subject" | "closed" | "disconnected" | "too_large";

  constructor(reason: PublishError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Checks the subjects and the size of a message. */
export function checkMessage(message: Message, limit: number): void {
  for (const subject of [message.subject, message.reply]) {
    if (subject !== undefined && !isSubject(subject)) {
      throw new PublishError("bad_subject", `${JSON.stringify(subject.slice(0, 128))} is no subject`);
    }
  }
  const size = sizeOf(message);
  if (size > limit) {
    throw new PublishError("too_large", `${String(size)} bytes are too large, the limit is ${String(limit)}`);
  }
}

function byteLength(text: string): number {
  return encoder.encode(text).length;
}
