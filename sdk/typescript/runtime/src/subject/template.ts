import { type Codec, Context } from "../codec/codec.js";
import { inside, Violation } from "../codec/violation.js";
import { isToken } from "./subject.js";

/** The codecs of the parameters of a subject. */
export type ParamCodecs<Params> = { readonly [K in keyof Params]: Codec<Params[K]> };

interface Part {
  readonly text: string;
  readonly isParam: boolean;
}

/** A subject below the prefix with its parameters, for example `cmd.{worker_id}.deploy`. */
export class Template<Params extends object> {
  private readonly parts: readonly Part[];
  private readonly codecs: ReadonlyMap<string, Codec<unknown>>;

  constructor(text: string, codecs: ParamCodecs<Params>) {
    this.parts = text.split(".").map((token) => ({
      text: token.replace(/^\{|\}$/g, ""),
      isParam: token.startsWith("{"),
    }));
    this.codecs = new Map(Object.entries(codecs));
  }

  /**
   * The subject with these parameters. A parameter that is absent becomes `*`.
   *
   * @throws {@link Violation} if a parameter breaks its schema, or cannot be a token.
   */
  subject(prefix: string, params: Partial<Params>): string {
    const values = params as Readonly<Record<string, unknown>>;
    const tokens = this.parts.map(({ text, isParam }) => (isParam ? this.token(text, values[text]) : text));
    return `${prefix}.${tokens.join(".")}`;
  }

  /** The parameters in a subject below the prefix; `undefined` if the subject does not match. */
  tokens(tail: string): ReadonlyMap<string, string> | undefined {
    const found = new Map<string, string>();
    const tokens = tail.split(".");
    for (const [index, { text, isParam }] of this.parts.entries()) {
      const token = tokens[index];
      if (token === undefined || (!isParam && token !== text)) {
        return undefined;
      }
      if (isParam) {
        found.set(text, token);
      }
    }
    return tokens.length === this.parts.length ? found : undefined;
  }

  /**
   * Reads the parameters of a subject below the prefix.
   *
   * @throws {@link Violation} if a token breaks the schema of its parameter.
   */
  read(tail: string): Params {
    const tokens = this.tokens(tail);
    if (tokens === undefined) {
      throw new Violation("expected another subject");
    }
    const params: Record<string, unknown> = {};
    for (const [name, token] of tokens) {
      const codec = this.codecs.get(name);
      if (codec !== undefined) {
        params[name] = readToken(name, token, codec);
      }
    }
    return params as Params;
  }

  private token(name: string, value: unknown): string {
    if (value === undefined) {
      return "*";
    }
    const codec = this.codecs.get(name);
    const written = String(codec === undefined ? value : codec.write(value, new Context(false)));
    if (!isToken(written)) {
      throw new Violation(`expected a token of a subject as \`${name}\``);
    }
    return written;
  }
}

/** Reads a token: a string, or an integer in its shortest form. */
function readToken(name: string, token: string, codec: Codec<unknown>): unknown {
  const context = new Context(false);
  try {
    return codec.read(token, context);
  } catch (error) {
    const number = Number(token);
    const value = Number.isSafeInteger(number) ? number : toBigInt(token);
    if (String(value) === token) {
      return codec.read(value, context);
    }
    throw inside(error, name);
  }
}

function toBigInt(token: string): bigint | undefined {
  return /^-?\d+$/.test(token) ? BigInt(token) : undefined;
}

/** The part of a subject below the prefix. */
export function belowPrefix(prefix: string, subject: string): string {
  return subject.startsWith(`${prefix}.`) ? subject.slice(prefix.length + 1) : subject;
}
