import { any } from "./any.js";
import { asserted, type Codec, type Context, resolved, split, type TypeOptions, type WithOptions } from "./codec.js";
import { map } from "./container.js";
import { getMember, isObject, setMember } from "./json.js";
import { inside, quoted, Violation } from "./violation.js";

/** A member of an object. */
export interface Field<T> {
  readonly codec: Codec<T>;
  readonly isRequired: boolean;
  /** Creates the default, as a parsed JSON value. */
  readonly fallback?: () => unknown;
}

/** The members of an object, by their key. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> };

/** The members that are not fields, kept in a map under `name`. */
export interface Flatten<T, Name extends string = string> {
  readonly name: Name;
  readonly members: Codec<Record<string, T>>;
}

/** The codecs of the members of an object. The codec of a member with a default reads `undefined` as the default. */
export type Codecs<T> = { readonly [K in keyof T]-?: Codec<Exclude<T[K], undefined>> };

/**
 * Reads the members of an object in the quick pass, and returns their number. natsgen writes the function, because
 * engines read members with fixed names several times faster than members of a table.
 */
export type Reader<T> = (value: T, field: Codecs<T>, context: Context) => number;

/** The options of an object type. */
export interface ObjectOptions<T = never> extends TypeOptions {
  /** Reads the members in the quick pass. */
  readonly read?: Reader<T>;
  /** Whether members that are not fields are refused. */
  readonly deny?: boolean;
  /** The map for members that are not fields. */
  readonly additional?: () => Flatten<unknown>;
}

/** A required member. */
export function required<T>(codec: Codec<T>): Field<T> {
  return { codec, isRequired: true };
}

/** An optional member. */
export function optional<T>(codec: Codec<T>): Field<T> {
  return { codec, isRequired: false };
}

/** A member with a default, which is always written. */
export function defaulted<T>(codec: Codec<T>, fallback: unknown): Field<T> {
  return { codec, isRequired: false, fallback: creator(fallback) };
}

function withDefault<T>(codec: Codec<T>, fallback: () => unknown): Codec<T> {
  return {
    read: (value, context) => codec.read(value === undefined ? fallback() : value, context),
    write: (value, context) => codec.write(value, context),
  };
}

/** Creates a new copy of a default for each object. */
function creator(value: unknown): () => unknown {
  if (typeof value !== "object" || value === null) {
    return () => value;
  }
  if (Object.keys(value).length === 0) {
    return Array.isArray(value) ? () => [] : () => ({});
  }
  return () => structuredClone(value);
}

/** Keeps the members that are not fields. */
export function flatten<T, Name extends string>(name: Name, codec: Codec<T>): Flatten<T, Name> {
  return { name, members: map(codec) };
}

/** The members under `Name` are checked by {@link Flatten}, so the table does not contain them. */
type Table<T, Name extends string> = Fields<Omit<T, Name>>;

type FlattenOptions<T, Name extends string> = ObjectOptions<T> & { readonly additional: () => Flatten<unknown, Name> };

/** An object with named members. */
export function object<T extends object>(name: string, fields: () => Fields<T>): Codec<T>;
export function object<T extends object, Name extends string>(
  name: string,
  options: FlattenOptions<T, Name>,
  fields: () => Table<T, Name>,
): Codec<T>;
export function object<T extends object>(name: string, options: ObjectOptions<T>, fields: () => Fields<T>): Codec<T>;
export function object(_name: string, ...rest: WithOptions<ObjectOptions, () => object>): Codec<unknown> {
  const [options, fields] = split(rest);
  let table: Members | undefined;
  const create = (): Members => new Members(fields() as Record<string, Field<unknown>>, options);
  const { read } = options as ObjectOptions<unknown>;
  return asserted(
    {
      read(value, context) {
        table ??= create();
        if (!context.isQuick || read === undefined) {
          return table.read(value, context);
        }
        if (!isObject(value)) {
          throw new Violation("expected an object");
        }
        context.enter();
        const known = read(value, table.codecs, context);
        let count = 0;
        for (const _ in value) {
          count += 1;
        }
        const result = count === known ? value : table.readOthers(value, known, context);
        context.leave();
        return result;
      },
      write: (value, context) => (table ??= create()).write(value, context),
    },
    options.assertion,
  );
}

interface NamedField extends Field<unknown> {
  readonly key: string;
}

/** The members of an object type. */
class Members {
  private readonly fields: readonly NamedField[];
  private readonly keys: readonly string[];
  readonly codecs: Record<string, Codec<unknown>> = {};
  private readonly isDenying: boolean;
  private readonly additional: Flatten<unknown> | undefined;

  constructor(fields: Record<string, Field<unknown>>, options: ObjectOptions) {
    this.fields = Object.entries(fields).map(([key, field]) => ({ ...field, key, codec: resolved(field.codec) }));
    this.keys = this.fields.map((field) => field.key);
    for (const { key, codec, fallback } of this.fields) {
      this.codecs[key] = fallback === undefined ? codec : withDefault(codec, fallback);
    }
    this.isDenying = options.deny ?? false;
    this.additional = options.additional?.();
  }

  read(value: unknown, context: Context): unknown {
    const members = checkObject(value);
    context.enter();
    let known = 0;
    let current = "";
    try {
      for (const field of this.fields) {
        current = field.key;
        const before = getMember(members, current);
        if (before !== undefined) {
          const after = field.codec.read(before, context);
          if (after !== before) {
            members[current] = after;
          }
        } else if (field.fallback !== undefined) {
          members[current] = field.codec.read(field.fallback(), context);
        } else {
          requireOptional(field);
          continue;
        }
        known += 1;
      }
    } catch (error) {
      throw inside(error, current);
    }
    const result = this.readOthers(members, known, context);
    context.leave();
    return result;
  }

  write(value: unknown, context: Context): unknown {
    const members = checkObject(value);
    context.enter();
    const written: Record<string, unknown> = {};
    let current = "";
    try {
      for (const field of this.fields) {
        current = field.key;
        const member = getMember(members, current);
        if (member !== undefined) {
          written[current] = field.codec.write(member, context);
        } else if (field.fallback !== undefined) {
          written[current] = field.codec.write(field.codec.read(field.fallback(), context), context);
        } else {
          requireOptional(field);
        }
      }
    } catch (error) {
      throw inside(error, current);
    }
    this.writeOthers(members, written, context);
    context.leave();
    return written;
  }

  readOthers(members: Record<string, unknown>, known: number, context: Context): unknown {
    const keys = Object.keys(members);
    const { additional } = this;
    if (keys.length === known && additional === undefined) {
      return members;
    }
    if (this.isDenying) {
      throw this.denied();
    }
    if (additional === undefined) {
      return this.withoutOthers(members, context);
    }
    const result: Record<string, unknown> = {};
    const others: Record<string, unknown> = {};
    for (const key of keys) {
      setMember(this.keys.includes(key) ? result : others, key, members[key]);
    }
    result[additional.name] = additional.members.read(others, context);
    return result;
  }

  private withoutOthers(members: Record<string, unknown>, context: Context): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(members)) {
      if (this.keys.includes(key)) {
        setMember(result, key, member);
      } else {
        // An ignored member may not be nested too deeply either.
        any.read(member, context);
      }
    }
    return result;
  }

  private writeOthers(members: Record<string, unknown>, written: Record<string, unknown>, context: Context): void {
    const { additional } = this;
    if (this.isDenying && !Object.keys(members).every((key) => this.keys.includes(key))) {
      throw this.denied();
    }
    if (additional === undefined) {
      return;
    }
    const others = getMember(members, additional.name) ?? {};
    const more = additional.members.write(others as Record<string, unknown>, context);
    for (const [key, member] of Object.entries(more as Record<string, unknown>)) {
      if (this.keys.includes(key)) {
        throw new Violation(`expected no member \`${key}\` in \`${additional.name}\``);
      }
      setMember(written, key, member);
    }
  }

  private denied(): Violation {
    const known = quoted(this.keys);
    return new Violation(known === "" ? "expected no member" : `expected no member but ${known}`);
  }
}

function checkObject(value: unknown): Record<string, unknown> {
  if (!isObject(value)) {
    throw new Violation("expected an object");
  }
  return value;
}

function requireOptional(field: NamedField): void {
  if (field.isRequired) {
    throw Violation.ofParent(`expected a member \`${field.key}\``);
  }
}
