import type { Refusal } from "./fault.js";
import { isRetryable } from "./fault.js";

/**
 * The phase in which a call failed:
 *
 * - `not_sent`: the request did not reach a server, and was not executed.
 * - `no_answer`: no reply arrived. The request may or may not have been executed.
 * - `refused`: the server replied with an error.
 * - `unreadable`: the reply breaks its schema. The request was probably executed.
 */
export type Phase = "not_sent" | "no_answer" | "refused" | "unreadable";

/** The reason of a failed call. */
export type Reason =
  /** The request or a parameter breaks its schema. */
  | "invalid"
  /** The subject has no subscriber. */
  | "no_responders"
  /** The message exceeds the limit of the server. */
  | "too_large"
  /** The permissions of the server deny the publication, or the subscription to the inbox. */
  | "denied"
  /** The connection is lost. */
  | "disconnected"
  /** The connection is closed. */
  | "closed"
  /** The caller's signal is aborted. */
  | "cancelled"
  /** The call reached its deadline. */
  | "timed_out"
  /** The server denied some requests to the subject, and perhaps this one. */
  | "perhaps_denied"
  /** A JetStream stream contains the subject of the request, and answered in place of the server. */
  | "stored"
  /** The server replied with an error. */
  | "refused"
  /** The reply breaks its schema. */
  | "unreadable";

/** A failure without the name of its operation. */
export interface Failure {
  readonly phase: Phase;
  readonly reason: Reason;
  readonly message: string;
  readonly refusal?: Refusal;
  /** The JSON pointer of the invalid value. */
  readonly pointer?: string;
  /** The milliseconds after which the server expects another attempt. */
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/** A failed call. A declared error of the operation is thrown as its own class, and not as a `CallError`. */
export class CallError extends Error {
  override readonly name = "CallError";
  /** The name of the operation. */
  readonly operation: string;
  /** The subject of the request; empty if a parameter is invalid. */
  readonly subject: string;
  readonly phase: Phase;
  readonly reason: Reason;
  /** The code of the server's error. */
  readonly code: string | undefined;
  /** The JSON pointer of the invalid value; empty if there is none. */
  readonly pointer: string;
  /** The milliseconds after which the server expects another attempt, if it refused the request for now. */
  readonly retryAfter: number | undefined;
  /** Whether the same request may be sent again: it was not executed or is idempotent, and can succeed. */
  readonly retryable: boolean;

  constructor(operation: string, subject: string, failure: Failure, isIdempotent: boolean) {
    super(`${operation}: ${failure.message}`, { cause: failure.cause });
    this.operation = operation;
    this.subject = subject;
    this.phase = failure.phase;
    this.reason = failure.reason;
    this.code = failure.refusal?.code;
    this.pointer = failure.pointer ?? failure.refusal?.pointer ?? "";
    this.retryAfter = failure.retryAfter;
    this.retryable = isRepeatable(failure, isIdempotent);
  }
}

/** An event that was not published. */
export class PublishFailure extends Error {
  override readonly name = "PublishFailure";
  /** The name of the event. */
  readonly event: string;
  readonly subject: string;
  readonly reason: Reason;
  /** The JSON pointer of the invalid value; empty if there is none. */
  readonly pointer: string;

  constructor(event: string, subject: string, failure: Failure) {
    super(`${event} was not published: ${failure.message}`, { cause: failure.cause });
    this.event = event;
    this.subject = subject;
    this.reason = failure.reason;
    this.pointer = failure.pointer ?? "";
  }
}

/** Whether a request may be sent again after a failure. */
export function isRepeatable(failure: Failure, isIdempotent: boolean): boolean {
  if (failure.retryAfter !== undefined) {
    return true;
  }
  switch (failure.phase) {
    case "not_sent":
      return failure.reason === "no_responders" || failure.reason === "disconnected";
    case "no_answer":
      return isIdempotent && failure.reason !== "cancelled" && failure.reason !== "stored";
    case "refused":
      return failure.refusal?.isStandard === true && isRetryable(failure.refusal.code);
    case "unreadable":
      return false;
  }
}

/**
 * Combines a failure with the failure of an earlier attempt without a reply: the earlier attempt may have been
 * executed, even if this attempt was not executed.
 */
export function afterUnanswered(failure: Failure, unanswered: Failure | undefined): Failure {
  if (unanswered === undefined) {
    return failure;
  }
  const { phase, refusal, retryAfter } = failure;
  const isUnexecuted =
    phase === "not_sent" ||
    retryAfter !== undefined ||
    (phase === "refused" &&
      refusal?.isStandard === true &&
      (isRetryable(refusal.code) || refusal.code === "cancelled"));
  return isUnexecuted ? { ...unanswered, retryAfter } : failure;
}

/** A request that was not sent. */
export function notSent(reason: Reason, message: string, cause?: unknown): Failure {
  return { phase: "not_sent", reason, message, ...(cause === undefined ? {} : { cause }) };
}

/** A request without a reply. */
export function noAnswer(reason: Reason, message: string, cause?: unknown): Failure {
  const text = `no answer, outcome unknown: ${message}`;
  return { phase: "no_answer", reason, message: text, ...(cause === undefined ? {} : { cause }) };
}
