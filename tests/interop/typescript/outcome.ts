/** The results of calls and events in the words of all languages. */

import {
  CallError,
  type Codec,
  DecodeError,
  EncodeError,
  Fault,
  type Json,
  type JsonObject,
  PublishFailure,
} from "natsgen-runtime";

import { documentOf } from "./document.js";

/** The result line of an order, without `case`. */
export type Outcome = Readonly<Record<string, Json>>;

/** The result of a call with this reply. */
export function ofReply<T>(codec: Codec<T>, reply: T): Outcome {
  try {
    return { ok: documentOf(codec, reply) };
  } catch (error) {
    if (error instanceof EncodeError) {
      // A value of a newer peer.
      return { unknown: error.pointer };
    }
    throw error;
  }
}

/** The result of a call or an event that failed. */
export function ofError(error: unknown): Outcome {
  if (error instanceof Fault) {
    const { code, detail, retryAfter } = error as Fault;
    return { fault: { code, detail, ...(retryAfter === undefined ? {} : { retry_after_ms: retryAfter }) } };
  }
  if (error instanceof DecodeError) {
    return failure("request", { pointer: error.pointer });
  }
  if (error instanceof PublishFailure) {
    const { reason, pointer } = error;
    return reason === "invalid"
      ? failure("request", { pointer })
      : failure("undelivered", { retryable: reason === "disconnected" });
  }
  if (error instanceof CallError) {
    return ofCall(error);
  }
  throw error;
}

function ofCall({ phase, reason, retryable, code, pointer }: CallError): Outcome {
  if (reason === "cancelled") {
    return failure("cancelled");
  }
  switch (phase) {
    case "not_sent":
      return reason === "invalid" ? failure("request", { pointer }) : failure("undelivered", { retryable });
    case "no_answer":
      return failure(reason === "stored" ? "stored" : "unanswered", { retryable });
    case "refused":
      return failure("refused", { retryable, code: code ?? "" });
    case "unreadable":
      return failure("reply", { retryable, pointer });
  }
}

function failure(phase: string, members: JsonObject = {}): Outcome {
  return { error: { phase, retryable: false, ...members } };
}
