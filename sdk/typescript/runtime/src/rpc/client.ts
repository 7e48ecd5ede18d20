import { decode, DecodeError, encode, EncodeError } from "../codec/payload.js";
import { Violation } from "../codec/violation.js";
import { Backoff, now, pause } from "../time.js";
import {
  Headers,
  type Message,
  NO_RESPONDERS,
  PublishError,
  REQUEST_ID,
  TIMEOUT,
  TRACE,
} from "../transport/message.js";
import type { Connection } from "./connection.js";
import {
  afterUnanswered,
  CallError,
  type Failure,
  isRepeatable,
  noAnswer,
  notSent,
  PublishFailure,
} from "./failure.js";
import { ERROR_CODE, readObject, readRefusal, readRetryAfter, type Refusal } from "./fault.js";
import { SubscribeError } from "./inbox.js";
import type { Event, Request } from "./operation.js";
import type { Outcome } from "./pending.js";

/** The retry policy. Only failures with `retryable` are retried. */
export interface Retry {
  /** The maximum number of attempts, the first included. */
  readonly attempts: number;
  /**
   * The limit of the first pause in milliseconds; it doubles after each pause. Default 100. A pause is longer if the
   * server asks for it, see {@link CallError.retryAfter}.
   */
  readonly firstPause?: number;
  /** The limit of the longest pause in milliseconds; default 5,000. */
  readonly longestPause?: number;
  /** The timeout of an attempt in milliseconds; default: the remaining time. Only for requests that may be repeated. */
  readonly attemptTimeout?: number;
  /**
   * Also retries requests that may have been executed, under the same id. Use it only with servers that deduplicate.
   * Other servers would execute the request again.
   */
  readonly deduplicated?: boolean;
}

/** The options of a call. */
export interface CallOptions {
  /** The timeout in milliseconds, retries included; default: the timeout of the operation. */
  readonly timeout?: number;
  /** Cancels the call. The request may have been executed. */
  readonly signal?: AbortSignal;
  /** The retry policy; default: no retries. */
  readonly retry?: Retry;
  /** The trace context, in the W3C format. */
  readonly traceparent?: string;
  /** The request id; default: a unique id. */
  readonly requestId?: string;
}

type Attempt<Reply> =
  { readonly isOk: true; readonly reply: Reply } | { readonly isOk: false; readonly failure: Failure };

/** The base of generated clients. */
export class Client {
  private readonly connection: Connection;
  private readonly prefix: string;
  private readonly options: CallOptions;

  constructor(connection: Connection, prefix: string, options: CallOptions = {}) {
    this.connection = connection;
    this.prefix = connection.prefixOr(prefix);
    this.options = options;
  }

  protected async call<Params extends object, T, Reply>(
    request: Request<Params, T, Reply>,
    params: Params,
    message: T,
    options?: CallOptions,
  ): Promise<Reply> {
    const call = new Call(this.connection, this.prefix, request, { ...this.options, ...options });
    return call.run(params, message);
  }

  protected async publish<Params extends object, T>(
    event: Event<Params, T>,
    params: Params,
    message: T,
    options?: CallOptions,
  ): Promise<void> {
    const { traceparent } = { ...this.options, ...options };
    let subject = "";
    try {
      subject = event.template.subject(this.prefix, complete(params));
      const payload = encode(event.definition.message, message);
      const headers = new Headers();
      if (traceparent !== undefined) {
        headers.append(TRACE, traceparent);
      }
      this.connection.publish({ subject, headers, payload });
      this.connection.observer?.eventPublished?.({ event: event.name, subject, bytes: payload.length });
    } catch (error) {
      throw new PublishFailure(event.name, subject, failureOf(error));
    }
    // A caller that publishes in a loop lets the event loop write to the socket.
    await Promise.resolve();
  }
}

/** A call with its retries. */
class Call<Params extends object, T, Reply> {
  private readonly connection: Connection;
  private readonly prefix: string;
  private readonly request: Request<Params, T, Reply>;
  private readonly options: CallOptions;
  private readonly traceparent: string | undefined;
  private readonly started = now();
  private subject = "";
  private requestBytes = 0;
  private replyBytes: number | undefined;

  constructor(connection: Connection, prefix: string, request: Request<Params, T, Reply>, options: CallOptions) {
    this.connection = connection;
    this.prefix = prefix;
    this.request = request;
    this.options = options;
    this.traceparent = options.traceparent ?? connection.observer?.traceparent?.(request.name);
  }

  async run(params: Params, message: T): Promise<Reply> {
    try {
      const reply = await this.attempts(params, message);
      this.observe(undefined);
      return reply;
    } catch (error) {
      this.observe(error);
      throw error;
    }
  }

  private async attempts(params: Params, message: T): Promise<Reply> {
    const payload = this.encode(params, message);
    const { definition } = this.request;
    const { retry = { attempts: 1 }, requestId = this.connection.newRequestId(), signal } = this.options;
    const deadline = this.started + (this.options.timeout ?? definition.timeout);
    const backoff = new Backoff(retry.firstPause ?? 100, retry.longestPause ?? 5_000);
    const mayRepeat = [definition.idempotent, retry.deduplicated].includes(true);
    let unanswered: Failure | undefined;
    for (let left = retry.attempts - 1; ; left--) {
      const limit = left > 0 && mayRepeat ? (retry.attemptTimeout ?? Infinity) : Infinity;
      const attempt = await this.attempt(payload, requestId, deadline, Math.min(deadline, now() + limit));
      if (attempt.isOk) {
        return attempt.reply;
      }
      const failure = afterUnanswered(attempt.failure, unanswered);
      unanswered = failure.phase === "no_answer" ? failure : unanswered;
      const rest = restOf(backoff, failure);
      if (left <= 0 || !isRepeatable(failure, mayRepeat) || now() + rest >= deadline) {
        throw this.error(failure);
      }
      await pause(rest, signal);
    }
  }

  private encode(params: Params, message: T): Uint8Array {
    try {
      this.subject = this.request.template.subject(this.prefix, complete(params));
      const payload = encode(this.request.definition.request, message);
      this.requestBytes = payload.length;
      return payload;
    } catch (error) {
      throw this.error(failureOf(error));
    }
  }

  /** Sends the request once. An error reply is a failure. */
  private async attempt(payload: Uint8Array, id: string, deadline: number, end: number): Promise<Attempt<Reply>> {
    const { signal } = this.options;
    if (signal?.aborted === true) {
      return failed(notSent("cancelled", "cancelled", signal.reason));
    }
    const headers = new Headers();
    headers.append(REQUEST_ID, id);
    headers.append(TIMEOUT, String(Math.max(0, Math.ceil(deadline - now()))));
    if (this.traceparent !== undefined) {
      headers.append(TRACE, this.traceparent);
    }
    try {
      const message = { subject: this.subject, headers, payload };
      return this.outcome(await this.connection.request(message, end, signal));
    } catch (error) {
      return failed(failureOf(error));
    }
  }

  private outcome(outcome: Outcome): Attempt<Reply> {
    switch (outcome.type) {
      case "message":
        return withHint(this.answer(outcome.message), outcome.message.headers);
      case "denied":
        return failed(notSent("denied", "the server's permissions forbid it"));
      case "perhaps_denied":
        return failed(noAnswer("perhaps_denied", "the server's permissions forbid some requests"));
      case "timed_out":
        return failed(noAnswer("timed_out", "timed out"));
      case "cancelled":
        return failed(noAnswer("cancelled", "cancelled", this.options.signal?.reason));
      case "disconnected":
      case "closed":
        return failed(noAnswer("disconnected", "the connection was lost"));
    }
  }

  private answer(message: Message): Attempt<Reply> {
    this.replyBytes = message.payload.length;
    if (message.status === NO_RESPONDERS) {
      return failed(notSent("no_responders", "no responders"));
    }
    const hasForm = this.request.definition.errorForm !== undefined;
    const refusal = hasForm ? this.refusal(message) : undefined;
    if (refusal !== undefined) {
      return failed(refused(refusal));
    }
    if (message.headers.get(ERROR_CODE) !== undefined) {
      return failed(refused(this.refusal(message) ?? unknownRefusal));
    }
    try {
      const reply = decode(this.request.definition.reply, message.payload, { keepUnknown: true });
      return { isOk: true, reply };
    } catch (error) {
      if (hasForm) {
        return failed(unreadable(error));
      }
      // A peer without headers sends an error as a body that breaks the schema of the reply.
      const refusal = this.refusal(message);
      return failed(
        refusal === undefined ? (readAcknowledgement(message.payload) ?? unreadable(error)) : refused(refusal),
      );
    }
  }

  private refusal(message: Message): Refusal | undefined {
    return readRefusal(message.headers, message.payload, this.request.definition);
  }

  private error(failure: Failure): Error {
    if (failure.refusal?.fault !== undefined) {
      return failure.refusal.fault;
    }
    return new CallError(this.request.name, this.subject, failure, this.request.definition.idempotent === true);
  }

  private observe(error: unknown): void {
    this.connection.observer?.callEnded?.({
      operation: this.request.name,
      subject: this.subject,
      requestBytes: this.requestBytes,
      replyBytes: this.replyBytes,
      latency: now() - this.started,
      traceparent: this.traceparent,
      error,
    });
  }
}

/** The pause in milliseconds before the next attempt. */
function restOf(backoff: Backoff, { retryAfter = 0 }: Failure): number {
  return Math.max(backoff.pause(), retryAfter);
}

function failed(failure: Failure): { readonly isOk: false; readonly failure: Failure } {
  return { isOk: false, failure };
}

/** Adds the retry hint of a reply to its failure. */
function withHint<Reply>(attempt: Attempt<Reply>, headers: Headers): Attempt<Reply> {
  return attempt.isOk ? attempt : failed({ ...attempt.failure, retryAfter: readRetryAfter(headers) });
}

const unknownRefusal: Refusal = { isStandard: false, text: "", detail: "", pointer: "" };

function refused(refusal: Refusal): Failure {
  const code = refusal.code === undefined ? "" : ` (${refusal.code})`;
  return { phase: "refused", reason: "refused", message: `refused: ${refusal.text}${code}`, refusal };
}

function unreadable(error: unknown): Failure {
  if (!(error instanceof DecodeError)) {
    throw error;
  }
  const message = `the reply breaks its schema: ${error.message}`;
  return { phase: "unreadable", reason: "unreadable", message, pointer: error.pointer, cause: error };
}

/** The acknowledgement of a JetStream stream: `{"stream": "S", "seq": 1}`, or with an object `error`. */
function readAcknowledgement(payload: Uint8Array): Failure | undefined {
  const { stream, seq, error } = readObject(payload);
  if (typeof stream !== "string" || (typeof seq !== "number" && typeof error !== "object")) {
    return undefined;
  }
  const advice = "remove the subjects of requests from the stream";
  return noAnswer("stored", `the JetStream stream \`${stream}\` contains the subject of the request; ${advice}`);
}

/** The failure of a request or event that was not sent. Errors of the runtime itself are thrown. */
function failureOf(error: unknown): Failure {
  if (error instanceof EncodeError) {
    return { ...notSent("invalid", error.message, error), pointer: error.pointer };
  }
  if (error instanceof Violation) {
    return notSent("invalid", error.reason, error);
  }
  if (error instanceof SubscribeError) {
    return notSent(error.reason, error.message, error);
  }
  if (error instanceof PublishError) {
    return notSent(error.reason === "bad_subject" ? "invalid" : error.reason, error.message, error);
  }
  throw error;
}

/** Refuses absent parameters, which a subject of a request must not contain. */
function complete<Params extends object>(params: Params): Params {
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) {
      throw new Violation(`expected a parameter \`${name}\``);
    }
  }
  return params;
}
