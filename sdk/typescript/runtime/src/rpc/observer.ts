/** A completed call. */
export interface CallRecord {
  /** The name of the operation. */
  readonly operation: string;
  readonly subject: string;
  /** The size of the request payload in bytes; 0 if it could not be encoded. */
  readonly requestBytes: number;
  /** The size of the reply payload in bytes, if a reply arrived. */
  readonly replyBytes: number | undefined;
  /** The time from the start of the call to its end, in milliseconds. */
  readonly latency: number;
  readonly traceparent: string | undefined;
  /** The error of a failed call. */
  readonly error: unknown;
}

/** A published event. */
export interface EventRecord {
  /** The name of the event. */
  readonly event: string;
  readonly subject: string;
  /** The size of the payload in bytes. */
  readonly bytes: number;
}

/** An executed request of a server. */
export interface ServedRecord {
  /** The name of the operation. */
  readonly operation: string;
  readonly subject: string;
  /** The time from the arrival of the request to its reply, in milliseconds. */
  readonly latency: number;
  readonly traceparent: string | undefined;
  /** Whether the reply is an error. */
  readonly isError: boolean;
}

/** Receives what happens on a connection, for tracing and metrics. Its methods must not throw. */
export interface Observer {
  /** Supplies the trace context of a call without its own, in the W3C format. */
  traceparent?(operation: string): string | undefined;
  /** Called when a call ends, retries included. */
  callEnded?(record: CallRecord): void;
  /** Called when the transport has accepted an event. */
  eventPublished?(record: EventRecord): void;
  /** Called when a handler has ended. */
  requestServed?(record: ServedRecord): void;
}
