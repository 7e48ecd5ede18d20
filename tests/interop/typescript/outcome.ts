/** The results of calls and events in the words of all languages. */

import { CallError, DecodeError, Fault, type Json, type JsonObject, PublishFailure } from "natsgen-runtime";

/** The result line of an order, without `case`. */
export type Outcome = Readonly<Record<string, Json>>;

/** The result of a call or an event that failed. */
export function ofError(error: unknown): Outcome {
  if (error instanceof Fault) {
    const { code, detail } = error as Fault;
    return { fault: { code, detail } };
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
