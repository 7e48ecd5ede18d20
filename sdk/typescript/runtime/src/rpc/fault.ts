import { isObject, parse, textOf } from "../codec/json.js";
import { Headers, RETRY_AFTER } from "../transport/message.js";
import { type ErrorForm, findError, type Found, nameOf, writeForm } from "./form.js";

/** The header that marks a reply as an error and contains its status. */
export const ERROR_CODE = "Nats-Service-Error-Code";
/** The header with the text of an error. */
const ERROR_TEXT = "Nats-Service-Error";

/** The longest retry hint in milliseconds: 49 days. */
const LONGEST_HINT = 2 ** 32 - 1;

/** The maximum length of an error text in the header. The body contains the complete text. */
const LONGEST_HEADER = 200;

const encoder = new TextEncoder();

/** An entry in the error catalogue of a protocol. */
export interface ErrorKind {
  /** The code on the wire, for example `pipeline_not_found`. */
  readonly code: string;
  /** The status, as in HTTP. */
  readonly status: number;
  /** The text on the wire, without the detail. */
  readonly text: string;
  /** Whether a detail follows the text. */
  readonly hasDetail: boolean;
}

/** A declared error of an operation. Handlers throw it, and callers receive it. */
export abstract class Fault<Code extends string = string> extends Error {
  /** The code of the error. */
  readonly code: Code;
  /** The status, as in HTTP. */
  readonly status: number;
  /** The detail after the text; empty if the error has no detail. */
  readonly detail: string;
  /** The milliseconds after which the server expects another attempt, if it refused the request for now. */
  readonly retryAfter: number | undefined;
  /** Whether the same request may be sent again: the server refused it for now. */
  readonly retryable: boolean;
  /** The server replied with the error. */
  readonly phase = "refused";
  /** @internal */
  readonly kind: ErrorKind;

  constructor(kind: ErrorKind, detail = "", retryAfter?: number) {
    super(kind.text + detail);
    this.name = new.target.name;
    this.kind = kind;
    this.code = kind.code as Code;
    this.status = kind.status;
    this.detail = detail;
    this.retryAfter = retryAfter;
    this.retryable = retryAfter !== undefined;
  }
}

/** The class of the declared errors of an operation. */
export type FaultType = new (kind: ErrorKind, detail?: string, retryAfter?: number) => Fault;

/** The code of a standard fault, which the runtime of a server returns for each operation. */
export type StandardCode =
  /** The request breaks its schema. */
  | "bad_request"
  /** The server has no operation with this subject. */
  | "unknown_command"
  /** The deadline passed before the server started the request. The request was not executed. */
  | "deadline_exceeded"
  /** The queue of the server is full. The request was not executed. */
  | "overloaded"
  /** Too many requests with the same ordering key are queued. The request was not executed. */
  | "key_overloaded"
  /** The server is draining. The request was not executed. */
  | "draining"
  /** A control request with the same ordering key has overtaken the request, which was not executed. */
  | "cancelled"
  /** A control request with the same ordering key has stopped the running request. Its effects are unknown. */
  | "aborted"
  /** An internal error of the server, without details. */
  | "internal"
  /** The request was executed, but its reply exceeds the size limit of a message. */
  | "reply_too_large"
  /** An earlier request with this id was executed, but the server no longer has the reply. */
  | "reply_forgotten";

function kind(code: StandardCode, status: number, text: string, hasDetail = false): ErrorKind {
  return { code, status, text, hasDetail };
}

const standard: readonly ErrorKind[] = [
  kind("bad_request", 400, "bad request: ", true),
  kind("unknown_command", 404, "unknown command: ", true),
  kind("deadline_exceeded", 408, "deadline exceeded"),
  kind("overloaded", 429, "overloaded"),
  kind("key_overloaded", 429, "overloaded: too many requests with this ordering key"),
  kind("draining", 503, "draining"),
  kind("cancelled", 409, "cancelled"),
  kind("aborted", 409, "aborted"),
  kind("internal", 500, "internal error"),
  kind("reply_too_large", 413, "reply too large: ", true),
  kind("reply_forgotten", 410, "executed before, reply forgotten"),
];

const byCode = new Map(standard.map((entry) => [entry.code, entry]));

/** The standard faults after which the request was not executed, and a later attempt can succeed. */
const RETRYABLE: readonly string[] = ["deadline_exceeded", "overloaded", "key_overloaded", "draining"];

/** Whether a request with this standard fault was not executed, and a later attempt can succeed. */
export function isRetryable(code: string | undefined): boolean {
  return code !== undefined && RETRYABLE.includes(code);
}

/** A reply: headers and payload. */
export interface Answer {
  readonly headers: Headers;
  readonly payload: Uint8Array;
}

/** A standard fault as a reply. */
export function writeStandard(code: StandardCode, form?: ErrorForm, detail = "", pointer?: string): Answer {
  return write(byCode.get(code) ?? kind(code, 500, code), form, detail, pointer);
}

/** A declared error as a reply, with the milliseconds after which the caller may try again. */
export function writeFault(fault: Fault, form?: ErrorForm, retryAfter?: number): Answer {
  const answer = write(fault.kind, form, fault.detail);
  if (retryAfter !== undefined) {
    answer.headers.append(RETRY_AFTER, String(retryAfter));
  }
  return answer;
}

/** The milliseconds after which the server of an error expects another attempt. */
export function readRetryAfter(headers: Headers): number | undefined {
  const text = headers.get(RETRY_AFTER) ?? "";
  if (!/^0*\d{1,20}$/.test(text) || BigInt(text) >= 2n ** 64n) {
    return undefined;
  }
  return Math.min(Math.max(Number(text), 1), LONGEST_HINT);
}

function write(entry: ErrorKind, form: ErrorForm | undefined, detail: string, pointer?: string): Answer {
  const text = (entry.text + detail).toWellFormed();
  if (form !== undefined) {
    const full = pointer === undefined || pointer === "" ? text : `${text} at ${pointer.toWellFormed()}`;
    const { payload, header } = writeForm(form, entry, full);
    return { headers: errorHeaders(header, full), payload: encoder.encode(payload) };
  }
  const headers = errorHeaders(String(entry.status), text);
  const body = { error: text, code: entry.code, ...(pointer === undefined ? {} : { pointer }) };
  return { headers, payload: encoder.encode(JSON.stringify(body)) };
}

function errorHeaders(code: string, text: string): Headers {
  const headers = new Headers();
  headers.append(ERROR_CODE, code);
  headers.append(ERROR_TEXT, text.slice(0, LONGEST_HEADER).toWellFormed());
  return headers;
}

/** The declared errors of an operation, and the catalogue of its protocol. */
export interface Faults {
  readonly fault?: FaultType | undefined;
  readonly errors?: readonly ErrorKind[] | undefined;
  readonly catalogue: readonly ErrorKind[];
  readonly errorForm?: ErrorForm | undefined;
}

/** The error of a reply. */
export interface Refusal {
  /** The declared error, if it is one. */
  readonly fault?: Fault;
  /** The code, if the peer sent one, or if the text belongs to one. */
  readonly code?: string;
  /** Whether the code is a standard fault. */
  readonly isStandard: boolean;
  readonly text: string;
  readonly detail: string;
  readonly pointer: string;
}

/** Reads a reply as an error; `undefined` if neither headers nor body describe an error. */
export function readRefusal(headers: Headers, payload: Uint8Array, faults: Faults): Refusal | undefined {
  if (faults.errorForm !== undefined) {
    const refusal = readIn(faults.errorForm, headers, payload, faults);
    if (refusal !== undefined || headers.get(ERROR_CODE) === undefined) {
      return refusal;
    }
  }
  const body = readObject(payload);
  const member = (name: string): string | undefined => {
    const value = body[name];
    return typeof value === "string" ? value : undefined;
  };
  const ofHeader = headers.get(ERROR_CODE) === undefined ? undefined : (headers.get(ERROR_TEXT) ?? "");
  const text = member("error") ?? ofHeader;
  if (text === undefined) {
    return undefined;
  }
  const code = member("code");
  const found = code === undefined ? byText(text, faults.catalogue) : byName(code, text, faults.catalogue);
  return refusal(found, { text, pointer: member("pointer") ?? "", retryAfter: readRetryAfter(headers) }, faults);
}

/**
 * Reads a reply as an error in the form of its protocol. Only peers with this package send standard faults, which they
 * mark with a header.
 */
function readIn(form: ErrorForm, headers: Headers, payload: Uint8Array, faults: Faults): Refusal | undefined {
  const found = findError(form, payload) ?? foundInHeaders(form, headers);
  if (found === undefined) {
    return undefined;
  }
  const { code, text } = found;
  const known = code === undefined ? longest(faults.catalogue, text)?.code : (nameOf(form, code) ?? code);
  if (faults.errors?.some((entry) => entry.code === known) === true) {
    const told = { text, pointer: "", retryAfter: readRetryAfter(headers) };
    return refusal({ code: known, detail: detailOf(known, text, faults.catalogue) }, told, faults);
  }
  const fault = headers.get(ERROR_CODE) === undefined ? undefined : longest(standard, text);
  if (fault !== undefined) {
    return { code: fault.code, isStandard: true, text, detail: text.slice(fault.text.length), pointer: "" };
  }
  return { ...(code === undefined ? {} : { code }), isStandard: false, text, detail: text, pointer: "" };
}

/** An error whose code stands in the headers. */
function foundInHeaders(form: ErrorForm, headers: Headers): Found | undefined {
  const code = headers.get(ERROR_CODE);
  const isDeclared = form.code === undefined && code !== undefined && nameOf(form, code) !== undefined;
  return isDeclared ? { code, text: headers.get(ERROR_TEXT) ?? "" } : undefined;
}

/** The members of a payload that is an object. */
export function readObject(payload: Uint8Array): Record<string, unknown> {
  try {
    const value = parse(textOf(payload));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

interface Named {
  readonly code?: string | undefined;
  readonly detail: string;
}

interface Told {
  readonly text: string;
  readonly pointer: string;
  readonly retryAfter: number | undefined;
}

function refusal({ code, detail }: Named, { text, pointer, retryAfter }: Told, faults: Faults): Refusal {
  const declared = faults.errors?.find((entry) => entry.code === code);
  if (declared !== undefined && faults.fault !== undefined) {
    const fault = new faults.fault(declared, declared.hasDetail ? detail : "", retryAfter);
    return { fault, code: declared.code, isStandard: false, text, detail, pointer };
  }
  const isStandard = code !== undefined && byCode.has(code) && !faults.catalogue.some((entry) => entry.code === code);
  return { ...(code === undefined ? {} : { code }), isStandard, text, detail, pointer };
}

function byName(code: string, text: string, catalogue: readonly ErrorKind[]): Named {
  return { code, detail: detailOf(code, text, catalogue) };
}

/** The text after the fixed text of an error. */
function detailOf(code: string | undefined, text: string, catalogue: readonly ErrorKind[]): string {
  const entry = catalogue.find((candidate) => candidate.code === code) ?? byCode.get(code as StandardCode);
  const isPrefix = entry !== undefined && text.startsWith(entry.text);
  return isPrefix ? text.slice(entry.text.length) : text;
}

/** Finds the entry with the longest text that begins `text`. */
function byText(text: string, catalogue: readonly ErrorKind[]): Named {
  const entry = longest(catalogue, text) ?? longest(standard, text);
  return entry === undefined ? { detail: text } : { code: entry.code, detail: text.slice(entry.text.length) };
}

function longest(entries: readonly ErrorKind[], text: string): ErrorKind | undefined {
  return entries
    .filter((entry) => (entry.hasDetail ? text.startsWith(entry.text) : text === entry.text))
    .reduce<ErrorKind | undefined>(
      (best, entry) => (best === undefined || entry.text.length > best.text.length ? entry : best),
      undefined,
    );
}
