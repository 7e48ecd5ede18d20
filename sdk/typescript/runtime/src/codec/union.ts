import { any } from "./any.js";
import { asserted, type Codec, type Context, split, type TypeOptions, type WithOptions } from "./codec.js";
import { getMember, isObject, type Json, setMember } from "./json.js";
import { inside, oneOf, Violation } from "./violation.js";

/** A variant of a newer peer, in a reply or an event. It cannot be sent. */
class UnknownVariant {
  /** The name of the variant. */
  readonly tag: string;
  /** The whole value. */
  readonly value: Json;

  constructor(tag: string, value: Json) {
    this.tag = tag;
    this.value = value;
  }
}

/** A variant of a newer peer, in a reply or an event. It cannot be sent. `Tag` is the member that names the variant. */
export type Unknown<Tag extends string = never> = UnknownVariant & { readonly [M in Tag]?: never };
export const Unknown: typeof UnknownVariant = UnknownVariant;

/** A string of an enumeration, or a string of a newer peer. An unknown string cannot be sent. */
export type Open<T extends string> = T | (string & {});

/** A fixed list of strings. */
export function enumeration<T extends string>(
  _name: string,
  known: readonly string[],
  options: TypeOptions = {},
): Codec<T> {
  const { open = false } = options;
  const check = (value: unknown, keepsUnknown: boolean): T => {
    if (typeof value !== "string" || !(known.includes(value) || keepsUnknown)) {
      throw new Violation(oneOf(known));
    }
    return value as T;
  };
  const codec: Codec<T> = {
    read: (value, context) => check(value, open && context.keepsUnknown),
    write: (value) => check(value, false),
  };
  return asserted(codec, options.assertion);
}

/** The codecs of the variants by their tag; `null` for a variant without content. */
export type Variants = Readonly<Record<string, AnyCodec | null>>;

/** The codec of any type. */
interface AnyCodec {
  read(value: unknown, context: Context): unknown;
  write(value: never, context: Context): unknown;
}

/** A union whose tag is the string itself, or the only key of an object. */
export function union<T>(name: string, variants: () => Variants): Codec<T>;
export function union<T>(name: string, options: TypeOptions, variants: () => Variants): Codec<T>;
export function union<T>(_name: string, ...rest: WithOptions<TypeOptions, () => Variants>): Codec<T> {
  const [options, variants] = split(rest);
  return create(options, () => new External(variants(), options.open ?? false));
}

/** A union whose tag is a string member, which each variant has. */
export function tagged<T>(name: string, tag: string, variants: () => Variants): Codec<T>;
export function tagged<T>(name: string, tag: string, options: TypeOptions, variants: () => Variants): Codec<T>;
export function tagged<T>(_name: string, tag: string, ...rest: WithOptions<TypeOptions, () => Variants>): Codec<T> {
  const [options, variants] = split(rest);
  return create(options, () => new Tagged(tag, variants(), options.open ?? false));
}

function create<T>(options: TypeOptions, make: () => Union): Codec<T> {
  let union: Union | undefined;
  const made = (): Union => (union ??= make());
  return asserted(
    {
      read: (value, context) => made().read(value, context) as T,
      write: (value, context) => made().write(value, context),
    },
    options.assertion,
  );
}

type Direction = "read" | "write";

abstract class Union {
  protected readonly variants: ReadonlyMap<string, Codec<unknown> | null>;
  private readonly isOpen: boolean;

  constructor(variants: Variants, isOpen: boolean) {
    this.variants = new Map(Object.entries(variants));
    this.isOpen = isOpen;
  }

  read(value: unknown, context: Context): unknown {
    return this.convert(value, context, "read");
  }

  write(value: unknown, context: Context): unknown {
    return this.convert(value, context, "write");
  }

  protected abstract convert(value: unknown, context: Context, direction: Direction): unknown;

  protected noVariant(): Violation {
    return new Violation(oneOf([...this.variants.keys()]));
  }

  /** Keeps a value of a newer peer. */
  protected keep(tag: string, value: unknown, context: Context, direction: Direction): Unknown {
    if (!this.isOpen || !context.keepsUnknown || direction === "write") {
      throw this.noVariant();
    }
    return new Unknown(tag, any.read(value, context));
  }
}

class External extends Union {
  protected override convert(value: unknown, context: Context, direction: Direction): unknown {
    if (typeof value === "string") {
      return this.unit(value, context, direction);
    }
    if (!isObject(value) || value instanceof Unknown) {
      throw this.noVariant();
    }
    const [tag, ...others] = Object.keys(value);
    if (tag === undefined) {
      throw this.noVariant();
    }
    if (others.length > 0) {
      throw new Violation("expected one member");
    }
    return this.content(tag, value, context, direction);
  }

  private unit(tag: string, context: Context, direction: Direction): unknown {
    const codec = this.variants.get(tag);
    if (codec === null) {
      return tag;
    }
    if (codec !== undefined) {
      throw new Violation("expected the content that belongs to its tag");
    }
    return this.keep(tag, this.notAnError(tag), context, direction);
  }

  private content(tag: string, value: Record<string, unknown>, context: Context, direction: Direction): unknown {
    const codec = this.variants.get(tag);
    if (codec === undefined) {
      this.notAnError(tag);
      return this.keep(tag, value, context, direction);
    }
    if (codec === null) {
      throw new Violation("expected a tag without content");
    }
    context.enter();
    try {
      const before = value[tag];
      const after = codec[direction](before, context);
      context.leave();
      return after === before ? value : withMember(tag, after);
    } catch (error) {
      throw inside(error, tag);
    }
  }

  /** Refuses `error`: it is the member of an error reply, never a variant of a newer peer. */
  private notAnError(tag: string): string {
    if (tag === "error") {
      throw this.noVariant();
    }
    return tag;
  }
}

class Tagged extends Union {
  private readonly tag: string;

  constructor(tag: string, variants: Variants, isOpen: boolean) {
    super(variants, isOpen);
    this.tag = tag;
  }

  protected override convert(value: unknown, context: Context, direction: Direction): unknown {
    if (!isObject(value) || value instanceof Unknown) {
      throw value instanceof Unknown ? this.noVariant() : new Violation("expected an object");
    }
    const tag = getMember(value, this.tag);
    if (tag === undefined) {
      throw new Violation(`expected a member \`${this.tag}\``);
    }
    if (typeof tag !== "string") {
      throw new Violation("expected a string").inside(this.tag);
    }
    const codec = this.variants.get(tag);
    if (codec === undefined) {
      try {
        return this.keep(tag, value, context, direction);
      } catch (error) {
        throw inside(error, this.tag);
      }
    }
    if (codec === null) {
      if (context.isQuick) {
        // The exact pass refuses infinite numbers in ignored members, too.
        any.read(value, context);
      }
      return withMember(this.tag, tag);
    }
    return codec[direction](value, context);
  }
}

function withMember(key: string, value: unknown): Record<string, unknown> {
  const result = {};
  setMember(result, key, value);
  return result;
}
