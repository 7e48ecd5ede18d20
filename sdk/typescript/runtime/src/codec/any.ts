import type { Codec, Context } from "./codec.js";
import { fromWire, isObject, type Json, requireExact, setMember, wireInteger } from "./json.js";
import { inside, Violation } from "./violation.js";

/** The integers that stay exact: all integers of 64 bits. */
const SMALLEST = -(2n ** 63n);
const LARGEST = 2n ** 64n - 1n;

/** Any JSON value. */
export const any: Codec<Json> = { read, write };

/** Rounds integers of more than 64 bits, and checks the depth. */
function read(value: unknown, context: Context): Json {
  if (context.isQuick) {
    readQuickly(value, context);
    return value as Json;
  }
  if (typeof value === "bigint") {
    return value < SMALLEST || value > LARGEST ? Number(value) : value;
  }
  if (typeof value === "object" && value !== null) {
    context.enter();
    for (const [key, member] of Object.entries(value)) {
      if (typeof member === "object" || typeof member === "bigint") {
        readMember(value as Record<string, unknown>, key, member, context);
      }
    }
    context.leave();
  }
  return value as Json;
}

/** Checks the numbers and the depth. A value of the quick pass needs no conversion. */
function readQuickly(value: unknown, context: Context): void {
  if (typeof value === "number") {
    requireExact(value);
  } else if (value === undefined) {
    throw new Violation("expected a JSON value");
  } else if (typeof value === "object" && value !== null) {
    context.enter();
    if (Array.isArray(value)) {
      for (const item of value) {
        readQuickly(item, context);
      }
    } else {
      for (const key in value) {
        readQuickly((value as Record<string, unknown>)[key], context);
      }
    }
    context.leave();
  }
}

function readMember(container: Record<string, unknown>, key: string, member: unknown, context: Context): void {
  try {
    const after = read(member, context);
    if (after !== member) {
      container[key] = after;
    }
  } catch (error) {
    throw inside(error, key);
  }
}

function write(value: Json, context: Context): unknown {
  switch (typeof value) {
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) {
        throw new Violation("expected a number that fits 64 bits");
      }
      return value;
    case "bigint":
      return wireInteger(value);
    case "string":
      if (!value.isWellFormed()) {
        throw new Violation("expected Unicode text");
      }
      return value;
    case "object":
      return value === null || fromWire(value) !== value ? value : writeContainer(value, context);
    default:
      throw new Violation("expected a JSON value");
  }
}

function writeContainer(value: object, context: Context): unknown {
  context.enter();
  const result = Array.isArray(value) ? writeItems(value, context) : writeMembers(value, context);
  context.leave();
  return result;
}

function writeItems(items: readonly unknown[], context: Context): unknown[] {
  return Array.from(items, (item, index) => writeMember(item, index, context));
}

function writeMembers(value: object, context: Context): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!isObject(value) || (prototype !== Object.prototype && prototype !== null)) {
    throw new Violation("expected a plain object");
  }
  const written: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (!key.isWellFormed()) {
      throw new Violation("expected Unicode text as the name of each member");
    }
    if (member !== undefined) {
      setMember(written, key, writeMember(member, key, context));
    }
  }
  return written;
}

function writeMember(member: unknown, token: string | number, context: Context): unknown {
  try {
    return write(member as Json, context);
  } catch (error) {
    throw inside(error, token);
  }
}
