import { decode, DecodeError, encode } from "../codec/payload.js";
import { Violation } from "../codec/violation.js";
import { type Answer, Fault, type Faults, writeFault, writeStandard } from "../rpc/fault.js";
import type { ErrorForm } from "../rpc/form.js";
import type { Request } from "../rpc/operation.js";
import { inboxLabel } from "../subject/subject.js";
import { Headers } from "../transport/message.js";
import type { Context } from "./context.js";

/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/** A decoded request. */
export interface Prepared {
  /** The ordering key. */
  readonly key: string | undefined;
  readonly work: () => Promise<Answer>;
}

/** A request that breaks its schema. */
export interface Invalid {
  readonly pointer: string;
  readonly reason: string;
}

/** An operation with its handler. */
export interface Route {
  readonly name: string;
  readonly timeout: number;
  readonly isIdempotent: boolean;
  readonly isControl: boolean;
  /** The form of errors, if the protocol has its own form. */
  readonly errorForm: ErrorForm | undefined;
  /** Whether the route has this subject below the prefix. */
  readonly matches: (tail: string) => boolean;
  /** Returns false if the inbox belongs to a role that may not call the operation. */
  readonly isCaller: (inbox: string) => boolean;
  /** Decodes a request. `report` is called with an error that the operation does not declare. */
  readonly prepare: (
    context: Context,
    tail: string,
    payload: Uint8Array,
    report: (error: unknown) => void,
  ) => Prepared | Invalid;
}

/** Connects an operation with its handler. */
export function route<Params extends object, T, Reply>(
  request: Request<Params, T, Reply>,
  handler: (context: Context, message: T, params: Params) => Awaitable<Reply>,
): Route {
  const { definition, template } = request;
  return {
    name: request.name,
    timeout: definition.timeout,
    isIdempotent: definition.idempotent ?? false,
    isControl: definition.control ?? false,
    errorForm: definition.errorForm,
    matches: (tail) => template.tokens(tail) !== undefined,
    isCaller(inbox) {
      const label = inboxLabel(inbox);
      return label === undefined || label === definition.from || !definition.roles.includes(label);
    },
    prepare(context, tail, payload, report) {
      try {
        const params = template.read(tail);
        const message = decode(definition.request, payload);
        const work = async (): Promise<Answer> => {
          try {
            const reply = await handler(context, message, params);
            return { headers: new Headers(), payload: encode(definition.reply, reply) };
          } catch (error) {
            return writeError(error, definition, context.retryHint, report);
          }
        };
        return { key: keyOf(message, definition.ordering), work };
      } catch (error) {
        return invalid(error);
      }
    },
  };
}

function keyOf(message: unknown, ordering: string | undefined): string | undefined {
  if (ordering === undefined) {
    return undefined;
  }
  const value = (message as Record<string, unknown>)[ordering];
  return value === undefined ? undefined : JSON.stringify(typeof value === "bigint" ? String(value) : value);
}

function writeError(
  error: unknown,
  declared: Faults,
  retryHint: number | undefined,
  report: (error: unknown) => void,
): Answer {
  const fault = error instanceof Fault ? (error as Fault) : undefined;
  if (fault !== undefined && declared.errors?.some(({ code }) => code === fault.code) === true) {
    return writeFault(fault, declared.errorForm, retryHint);
  }
  report(error);
  return writeStandard("internal", declared.errorForm);
}

function invalid(error: unknown): Invalid {
  if (error instanceof DecodeError || error instanceof Violation) {
    return { pointer: error.pointer, reason: error.reason };
  }
  throw error;
}

/** Whether a request breaks its schema. */
export function isInvalid(prepared: Prepared | Invalid): prepared is Invalid {
  return "reason" in prepared;
}
