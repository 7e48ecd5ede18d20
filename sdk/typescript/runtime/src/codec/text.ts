import { asserted, Context } from "./codec.js";
import type { Codec, TypeOptions } from "./codec.js";
import { type Format, formats, nounOf } from "./format/index.js";
import { checkTextLength, type Length } from "./length.js";
import { Violation } from "./violation.js";

/** The constraints of a string. */
export interface TextConstraint extends Length {
  /** A pattern, anchored at both ends. */
  readonly pattern?: string;
  readonly format?: Format;
  /** The only string allowed. */
  readonly constant?: string;
}

declare const brand: unique symbol;

/** A value that only the function of its type makes, for example `WorkerId("w0")`. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A named string type: a codec, and a function that checks a string. */
export interface TextType<T extends string> extends Codec<T> {
  /**
   * Checks a string.
   *
   * @throws {@link Violation} if the string breaks the schema.
   */
  (text: string): T;
}

/** A secret string. Logs and `JSON.stringify` show `***`. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Returns the secret. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "***";
  }

  toJSON(): string {
    return "***";
  }
}

/** A named type of secret strings: a codec, and a function that checks a string. */
export interface SecretType extends Codec<Secret> {
  /**
   * Checks a string.
   *
   * @throws {@link Violation} if the string breaks the schema.
   */
  (text: string): Secret;
}

/** A string. */
export function text<T extends string = string>(constraint: TextConstraint = {}): Codec<T> {
  const check = checker(constraint);
  return {
    read: check as (value: unknown) => T,
    write(value) {
      check(value);
      if (!value.isWellFormed()) {
        throw new Violation("expected Unicode text");
      }
      return value;
    },
  };
}

/** A secret string. */
export function secret(constraint: TextConstraint = {}): Codec<Secret> {
  const codec = text(constraint);
  return {
    read: (value, context) => new Secret(codec.read(value, context)),
    write(value, context) {
      if (!(value instanceof Secret)) {
        throw new Violation("expected a secret");
      }
      return codec.write(value.reveal(), context);
    },
  };
}

/** A named string type. */
export function textType<T extends string>(
  name: string,
  constraint: TextConstraint,
  options: TypeOptions = {},
): TextType<T> {
  const codec = asserted(text<T>(constraint), options.assertion);
  const create = (value: string): T => {
    codec.write(value as T, new Context(false));
    return value as T;
  };
  return named(name, create, codec);
}

/** A named type of secret strings. */
export function secretType(name: string, constraint: TextConstraint, options: TypeOptions = {}): SecretType {
  const codec = asserted(secret(constraint), options.assertion);
  const create = (value: string): Secret => {
    const made = new Secret(value);
    codec.write(made, new Context(false));
    return made;
  };
  return named(name, create, codec);
}

function named<T, F extends (value: string) => T>(name: string, create: F, codec: Codec<T>): F & Codec<T> {
  Object.defineProperty(create, "name", { value: name });
  return Object.assign(create, codec);
}

function checker(constraint: TextConstraint): (value: unknown) => string {
  const { min = 0, max = Infinity, format, constant } = constraint;
  const pattern = constraint.pattern === undefined ? undefined : new RegExp(constraint.pattern, "u");
  // Below this number of UTF-16 units, the number of code points may be too small.
  const enough = 2 * min;
  const isFormat = format === undefined ? undefined : formats[format];
  return (value) => {
    if (typeof value !== "string") {
      throw new Violation("expected a string");
    }
    if (constant !== undefined && value !== constant) {
      throw new Violation(`expected \`${constant}\``);
    }
    if (value.length > max || value.length < enough) {
      checkTextLength(value, constraint);
    }
    if (pattern !== undefined && !pattern.test(value)) {
      throw new Violation(`expected a string that matches ${pattern.source}`);
    }
    if (isFormat !== undefined && format !== undefined && !isFormat(value)) {
      throw new Violation(`expected ${nounOf(format)}`);
    }
    return value;
  };
}
