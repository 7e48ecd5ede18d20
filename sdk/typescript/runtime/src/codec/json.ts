import { Violation } from "./violation.js";

/** A JSON value. An integer that a double cannot hold is a `bigint`. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** The maximum size of a text in bytes. */
const LONGEST = 64 << 20;

/** A quick test that finds each text with a long integer, and some other texts. */
const LONG = /\d{16}/;

/** An integer of 16 digits or more, outside of a fraction. It may also stand in a string. */
const LONG_INTEGER = /(?:^|[:,[\s])-?\d{16}/;

/** A quick test that finds each text with a number beyond the range of a double, and some other texts. */
const LARGE = /\d[eE]\+?\d{3}|(?:^|[:,[\s])-?\d{200}/;

const SURROGATE = /\\u[dD]/;

const INTEGER = /^-?\d+$/;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

interface RawJson {
  readonly rawJSON: string;
}

interface JsonWithSource {
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
  parse(text: string, reviver: (key: string, value: unknown, context?: { source?: string }) => unknown): unknown;
}

// The types of TypeScript 6 do not contain `rawJSON` and the source of a reviver.
const json = JSON as unknown as JsonWithSource;

/** The text of a payload. */
export function textOf(bytes: Uint8Array): string {
  if (bytes.length > LONGEST) {
    throw Violation.ofText("expected at most 64 MiB");
  }
  try {
    return decoder.decode(bytes);
  } catch {
    throw Violation.ofText("expected UTF-8");
  }
}

/** Parses text. Integers beyond 2^53 become `bigint`. */
export function parse(text: string): unknown {
  const value = parseText(text);
  // `JSON.parse` makes a large number infinite.
  if (hasSurrogate(text) || LARGE.test(text)) {
    requireExpressible(value);
  }
  return value;
}

/** Parses text, and rounds integers beyond 2^53. */
export function parseQuickly(text: string): unknown {
  const value = JSON.parse(text) as unknown;
  if (hasSurrogate(text)) {
    requireExpressible(value);
  }
  return value;
}

/** Whether a text has an escaped surrogate. `JSON.parse` keeps a lone surrogate that is written as an escape. */
function hasSurrogate(text: string): boolean {
  return text.includes("\\") && SURROGATE.test(text);
}

/** Parses text. Integers beyond 2^53 become `bigint`. */
export function parseText(text: string): unknown {
  try {
    return LONG.test(text) && LONG_INTEGER.test(text) ? json.parse(text, exact) : (JSON.parse(text) as unknown);
  } catch {
    // The message of `JSON.parse` quotes the text, which can be a secret.
    throw Violation.ofText("expected JSON");
  }
}

function exact(_: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) {
    return value;
  }
  const source = context?.source;
  return source !== undefined && INTEGER.test(source) ? BigInt(source) : value;
}

/** Refuses lone surrogates in keys and strings, and numbers beyond the range of a double. */
function requireExpressible(value: unknown): void {
  const rest = [value];
  while (rest.length > 0) {
    const current = rest.pop();
    switch (typeof current) {
      case "string":
        requireWellFormed(current);
        break;
      case "number":
      case "bigint":
        if (!Number.isFinite(Number(current))) {
          throw Violation.ofText("expected numbers in the range of a double");
        }
        break;
      case "object":
        for (const [key, member] of Object.entries(current ?? {})) {
          requireWellFormed(key);
          rest.push(member);
        }
    }
  }
}

function requireWellFormed(text: string): void {
  if (!text.isWellFormed()) {
    throw Violation.ofText("expected Unicode text");
  }
}

/** Refuses a number that `JSON.parse` may have rounded from an integer, or from a number beyond the range of a double. */
export function requireExact(value: number): void {
  if (!(value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER)) {
    throw new Violation("expected a number that needs no exact pass");
  }
}

/** The form of an integer in a value that is stringified. */
export function wireInteger(value: bigint): unknown {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : json.rawJSON(String(value));
}

/** The value that {@link wireInteger} has made of an integer; other values are returned unchanged. */
export function fromWire(value: unknown): unknown {
  return json.isRawJSON(value) ? BigInt(value.rawJSON) : value;
}

/** Writes a value as UTF-8 text. */
export function stringify(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** Whether a value is an object, and not an array or `null`. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Sets an own member, also if the key is `__proto__`. */
export function setMember(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else {
    target[key] = value;
  }
}

/** Reads an own member. Members of `Object.prototype` are absent. */
export function getMember(source: Record<string, unknown>, key: string): unknown {
  const value = source[key];
  // No value of JSON is a function, and only `__proto__` of `Object.prototype` is an object.
  return typeof value === "function" || value === Object.prototype ? undefined : value;
}
