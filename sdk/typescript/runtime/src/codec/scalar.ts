import type { Codec } from "./codec.js";
import { fromWire, requireExact, wireInteger } from "./json.js";
import { Violation } from "./violation.js";

/** The range of a number, inclusive. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** `true` or `false`. */
export const boolean: Codec<boolean> = {
  read: readBoolean,
  write: readBoolean,
};

function readBoolean(value: unknown): boolean {
  if (typeof value !== "boolean") {
    throw new Violation("expected true or false");
  }
  return value;
}

/** Only this value of the two. */
export function only<T extends boolean>(expected: T): Codec<T> {
  const check = (value: unknown): T => {
    if (value !== expected) {
      throw new Violation(`expected ${String(expected)}`);
    }
    return expected;
  };
  return { read: check, write: check };
}

/** An integer that a `number` can hold. */
export function integer(min: number, max: number): Codec<number> {
  const check = (value: unknown): number => {
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
      throw outOfRange(min, max);
    }
    return value as number;
  };
  return { read: check, write: check };
}

/** An integer whose range a `number` cannot hold. */
export function bigint(min: bigint, max: bigint): Codec<bigint> {
  const check = (value: unknown): bigint => {
    if (typeof value !== "bigint" || value < min || value > max) {
      throw outOfRange(min, max);
    }
    return value;
  };
  // A rounded limit stays beyond 2^53, so it limits the integers of the quick pass correctly.
  const [from, to] = [Number(min), Number(max)];
  return {
    read(value, context) {
      if (context.isQuick) {
        if (!Number.isSafeInteger(value) || (value as number) < from || (value as number) > to) {
          throw outOfRange(min, max);
        }
        return BigInt(value as number);
      }
      return check(Number.isInteger(value) ? BigInt(value as number) : value);
    },
    write: (value) => wireInteger(check(value)),
  };
}

/** A number. */
export function number(range: Range = {}): Codec<number> {
  const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = range;
  const check = (value: unknown): number => {
    if (typeof value !== "number" || !(value >= min && value <= max)) {
      throw new Violation(`expected a number${limits(range)}`);
    }
    return value;
  };
  return {
    read(value, context) {
      if (context.isQuick) {
        requireExact(check(value));
      }
      return check(typeof value === "bigint" ? toNumber(value) : value);
    },
    write: check,
  };
}

/** The number of an integer that a `number` can hold exactly. */
function toNumber(value: unknown): unknown {
  const exact = fromWire(value);
  if (typeof exact !== "bigint") {
    return value;
  }
  const nearest = Number(exact);
  return Number.isFinite(nearest) && BigInt(nearest) === exact ? nearest : value;
}

function limits({ min, max }: Range): string {
  const from = min === undefined ? "" : ` from ${String(min)}`;
  return max === undefined ? from : `${from} up to ${String(max)}`;
}

function outOfRange(min: number | bigint, max: number | bigint): Violation {
  return new Violation(`expected an integer from ${String(min)} to ${String(max)}`);
}
