import { asserted, type Codec, type Context, split, type TypeOptions, type WithOptions } from "./codec.js";
import { fromWire, isObject, setMember } from "./json.js";
import { oneOf, Violation } from "./violation.js";

/** The variants: the JSON types of the values, separated by spaces, and their codec; or a string and `null`. */
export type Alternatives = readonly (readonly [tag: string, codec: AnyCodec | null])[];

/** The codec of any type. */
interface AnyCodec {
  read(value: unknown, context: Context): unknown;
  write(value: never, context: Context): unknown;
}

/** A union without a tag: a value belongs to the first variant that accepts it. */
export function untagged<T>(name: string, variants: () => Alternatives): Codec<T>;
export function untagged<T>(name: string, options: TypeOptions, variants: () => Alternatives): Codec<T>;
export function untagged<T>(_name: string, ...rest: WithOptions<TypeOptions, () => Alternatives>): Codec<T> {
  const [options, variants] = split(rest);
  let union: Untagged | undefined;
  const made = (): Untagged => (union ??= new Untagged(variants()));
  return asserted(
    {
      read: (value, context) => made().read(value, context) as T,
      write: (value, context) => made().write(value, context),
    },
    options.assertion,
  );
}

class Untagged {
  private readonly units = new Set<unknown>();
  private readonly contents: { readonly types: readonly string[]; readonly codec: Codec<unknown> }[] = [];
  private readonly words: readonly string[];

  constructor(variants: Alternatives) {
    this.words = variants.map(([tag]) => tag);
    for (const [tag, codec] of variants) {
      if (codec === null) {
        this.units.add(tag);
      } else {
        this.contents.push({ types: tag.split(" "), codec });
      }
    }
  }

  read(value: unknown, context: Context): unknown {
    if (this.units.has(value)) {
      return value;
    }
    const type = jsonType(value);
    const candidates = this.contents.filter(({ types }) => types.includes(type));
    const [first, ...others] = candidates;
    if (first !== undefined && others.length === 0) {
      return first.codec.read(value, context);
    }
    let deepest: Violation | undefined;
    for (const { codec } of candidates) {
      try {
        // A codec changes the value that it reads, even if it fails later.
        return codec.read(copy(value, context), context.strict());
      } catch (error) {
        requireViolation(error);
        deepest = error.depth > (deepest?.depth ?? 0) ? error : deepest;
      }
    }
    throw deepest ?? this.noVariant();
  }

  write(value: unknown, context: Context): unknown {
    if (this.units.has(value)) {
      return value;
    }
    const type = jsonType(value);
    const isShared = this.contents.filter(({ types }) => types.includes(type)).length > 1;
    let deepest: Violation | undefined;
    for (const { types, codec } of this.contents) {
      try {
        const written = codec.write(value, context.strict());
        if (types.includes(jsonType(written))) {
          return written;
        }
      } catch (error) {
        requireViolation(error);
        const least = isShared ? 0 : -1;
        if (types.includes(type) && error.depth > (deepest?.depth ?? least)) {
          deepest = error;
        }
      }
    }
    throw deepest ?? this.noVariant();
  }

  private noVariant(): Violation {
    return new Violation(oneOf(this.words));
  }
}

function requireViolation(error: unknown): asserts error is Violation {
  if (!(error instanceof Violation)) {
    throw error;
  }
}

/** The JSON type of a parsed value or of a value for `JSON.stringify`. */
function jsonType(value: unknown): string {
  switch (typeof fromWire(value)) {
    case "boolean":
      return "boolean";
    case "number":
    case "bigint":
      return "number";
    case "string":
      return "string";
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "array" : "object";
    default:
      return "";
  }
}

function copy(value: unknown, context: Context): unknown {
  context.countCopy();
  if (Array.isArray(value)) {
    return value.map((item) => copy(item, context));
  }
  if (!isObject(value)) {
    return value;
  }
  const result: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    setMember(result, key, copy(member, context));
  }
  return result;
}
