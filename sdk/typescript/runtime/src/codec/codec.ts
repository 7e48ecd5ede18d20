import { any } from "./any.js";
import type { Assertion } from "./assertion/keyword.js";
import { validate } from "./assertion/validator.js";
import { Violation } from "./violation.js";

/** The maximum depth of nested objects and arrays. */
const DEEPEST = 127;

/** The maximum number of values that unions without a tag may copy for their attempts. */
const COPIES = 1_000_000;

/** The state of a decoder or an encoder. */
export class Context {
  /** Whether unknown variants are kept: in replies and events they come from newer peers. */
  readonly keepsUnknown: boolean;
  /**
   * Whether this is the quick pass over a payload. It refuses each number that `JSON.parse` may have rounded, and its
   * violations have no place. If it fails, the exact pass decides.
   */
  readonly isQuick: boolean;
  private depth = 0;
  private copies = { left: COPIES };

  constructor(keepsUnknown: boolean, isQuick: boolean = false) {
    this.keepsUnknown = keepsUnknown;
    this.isQuick = isQuick;
  }

  /** Enters an object or array. */
  enter(): void {
    this.depth += 1;
    if (this.depth > DEEPEST) {
      throw new Violation(`expected at most ${String(DEEPEST)} levels`);
    }
  }

  /** Leaves an object or array. */
  leave(): void {
    this.depth -= 1;
  }

  /** A context at the same depth that keeps no unknown variants. */
  strict(): Context {
    const context = new Context(false, this.isQuick);
    context.depth = this.depth;
    context.copies = this.copies;
    return context;
  }

  /** Counts a value that is copied for an attempt. */
  countCopy(): void {
    this.copies.left -= 1;
    if (this.copies.left < 0) {
      throw new Violation(`expected at most ${String(COPIES)} values in attempts`);
    }
  }
}

/** Reads and writes values of a type. Both directions check every constraint of the schema. */
export interface Codec<T> {
  /** Converts a parsed JSON value, in place. */
  read(value: unknown, context: Context): T;
  /** Converts a value for `JSON.stringify`. The value itself is not changed. */
  write(value: T, context: Context): unknown;
  /** The codec that this codec stands for. */
  readonly resolve?: () => Codec<T>;
}

/** The codec itself, without the codecs that only stand for it. */
export function resolved<T>(codec: Codec<T>): Codec<T> {
  let inner = codec;
  while (inner.resolve !== undefined) {
    inner = inner.resolve();
  }
  return inner;
}

/** The options of a named type. */
export interface TypeOptions {
  /** Whether a reply or an event contains the type. Then unknown variants are kept. */
  readonly open?: boolean;
  /** The constraints that the shape of the type cannot express. */
  readonly assertion?: Assertion;
}

/** A codec that is created at its first use, so that types may refer to each other in any order. */
export function lazy<T>(create: () => Codec<T>): Codec<T> {
  let created: Codec<T> | undefined;
  const resolve = (): Codec<T> => (created ??= create());
  return {
    read: (value, context) => resolve().read(value, context),
    write: (value, context) => resolve().write(value, context),
    resolve,
  };
}

/** Adds the assertion of a type to its codec. */
export function asserted<T>(codec: Codec<T>, assertion: Assertion | undefined): Codec<T> {
  if (assertion === undefined) {
    return codec;
  }
  return {
    read(value, context) {
      if (context.isQuick) {
        // The assertion may compare any number of the value.
        any.read(value, context);
      }
      // The assertion runs before the codec changes the value; the codec's violation is reported first.
      const violation = violationOf(assertion, value);
      const result = codec.read(value, context);
      if (violation !== undefined) {
        throw violation;
      }
      return result;
    },
    write(value, context) {
      const written = codec.write(value, context);
      validate(assertion, written);
      return written;
    },
  };
}

function violationOf(assertion: Assertion, value: unknown): Violation | undefined {
  try {
    validate(assertion, value);
    return undefined;
  } catch (error) {
    if (error instanceof Violation) {
      return error;
    }
    throw error;
  }
}

/** Another codec under a name. */
export function alias<T>(name: string, create: () => Codec<T>): Codec<T>;
export function alias<T>(name: string, options: TypeOptions, create: () => Codec<T>): Codec<T>;
export function alias<T>(_name: string, ...rest: WithOptions<TypeOptions, () => Codec<T>>): Codec<T> {
  const [options, create] = split(rest);
  return asserted(lazy(create), options.assertion);
}

/** Optional options before a last argument. */
export type WithOptions<Options, Last> = [last: Last] | [options: Options, last: Last];

/** The options, which may be absent, and the last argument. */
export function split<Options extends object, Last>(rest: WithOptions<Options, Last>): [Partial<Options>, Last] {
  return rest.length === 1 ? [{}, rest[0]] : rest;
}
