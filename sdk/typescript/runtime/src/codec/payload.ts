import { type Codec, Context } from "./codec.js";
import { parse, parseQuickly, stringify, textOf } from "./json.js";
import { Violation } from "./violation.js";

/** The reason why a payload was not sent: it breaks its schema. */
export class EncodeError extends Error {
  override readonly name = "EncodeError";
  /** The JSON pointer of the invalid value; empty for the payload itself. */
  readonly pointer: string;
  /** The expected value. */
  readonly reason: string;

  constructor(pointer: string, reason: string) {
    super(messageOf(pointer, reason));
    this.pointer = pointer;
    this.reason = reason;
  }
}

/** The reason why a payload could not be decoded. It contains names of members, but no values. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
  /** The JSON pointer of the invalid value; empty for the payload itself. */
  readonly pointer: string;
  /** The expected value. */
  readonly reason: string;

  constructor(pointer: string, reason: string) {
    super(messageOf(pointer, reason));
    this.pointer = pointer;
    this.reason = reason;
  }
}

/**
 * Encodes a value as JSON.
 *
 * @throws {@link EncodeError} if the value breaks its schema.
 */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  try {
    return stringify(codec.write(value, new Context(false)));
  } catch (error) {
    const [pointer, reason] = partsOf(error);
    throw new EncodeError(pointer, reason);
  }
}

/** The options of {@link decode}. */
export interface DecodeOptions {
  /** Whether unknown variants are kept, as in replies and events. */
  readonly keepUnknown?: boolean;
}

/**
 * Decodes a value from JSON.
 *
 * @throws {@link DecodeError} if the bytes are no value of the type.
 */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array, options: DecodeOptions = {}): T {
  const { keepUnknown = false } = options;
  try {
    const text = textOf(bytes);
    return quickly(codec, text, keepUnknown) ?? codec.read(parse(text), new Context(keepUnknown));
  } catch (error) {
    const [pointer, reason] = partsOf(error);
    throw new DecodeError(pointer, reason);
  }
}

/** Decodes a value in the quick pass. `undefined` if the value needs the exact pass, or is invalid. */
function quickly<T>(codec: Codec<T>, text: string, keepUnknown: boolean): T | undefined {
  try {
    return codec.read(parseQuickly(text), new Context(keepUnknown, true));
  } catch {
    return undefined;
  }
}

function partsOf(error: unknown): [pointer: string, reason: string] {
  if (error instanceof Violation) {
    return [error.pointer, error.reason];
  }
  if (error instanceof RangeError) {
    return ["", "expected fewer levels"];
  }
  throw error;
}

function messageOf(pointer: string, reason: string): string {
  return pointer === "" ? reason : `${reason} at ${pointer}`;
}
