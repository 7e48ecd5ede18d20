import type { Codec, Context } from "./codec.js";
import { isObject, setMember } from "./json.js";
import { checkLength, type Length } from "./length.js";
import { inside, Violation } from "./violation.js";

/** A value or `null`. */
export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    read: (value, context) => (value === null ? null : codec.read(value, context)),
    write: (value, context) => (value === null ? null : codec.write(value, context)),
  };
}

/** An array. */
export function array<T>(item: Codec<T>, length: Length = {}): Codec<readonly T[]> {
  return {
    read(value, context) {
      const items = checkItems(value, length);
      if (context.isQuick) {
        return readItemsQuickly(items, item, context);
      }
      eachItem(items, context, (before, index) => {
        const after = item.read(before, context);
        if (after !== before) {
          items[index] = after;
        }
      });
      return items as T[];
    },
    write(value, context) {
      const items = checkItems(value, length);
      let written = items;
      eachItem(items, context, (before, index) => {
        const after = item.write(before as T, context);
        if (after !== before) {
          if (written === items) {
            written = items.slice();
          }
          written[index] = after;
        }
      });
      return written;
    },
  };
}

/** Reads items in the quick pass. */
function readItemsQuickly<T>(items: unknown[], item: Codec<T>, context: Context): readonly T[] {
  context.enter();
  for (let index = 0; index < items.length; index++) {
    const before = items[index];
    const after = item.read(before, context);
    if (after !== before) {
      items[index] = after;
    }
  }
  context.leave();
  return items as T[];
}

function checkItems(value: unknown, length: Length): unknown[] {
  if (!Array.isArray(value)) {
    throw new Violation("expected an array");
  }
  checkLength(value.length, length, "items");
  return value;
}

function eachItem(items: readonly unknown[], context: Context, convert: (item: unknown, index: number) => void): void {
  context.enter();
  let index = 0;
  try {
    for (; index < items.length; index++) {
      convert(items[index], index);
    }
  } catch (error) {
    throw inside(error, index);
  }
  context.leave();
}

/** The options of a map. */
export interface MapOptions extends Length {
  /** The type of the keys. */
  readonly key?: Codec<string>;
}

/** An object with data as its keys. */
export function map<T>(value: Codec<T>, options: MapOptions = {}): Codec<Record<string, T>> {
  return {
    read(source, context) {
      if (context.isQuick) {
        return readMembersQuickly(source, value, options, context);
      }
      const members = checkMembers(source, options, context);
      eachMember(members, context, (before, key) => {
        const after = value.read(before, context);
        if (after !== before) {
          setMember(members, key, after);
        }
      });
      return members as Record<string, T>;
    },
    write(source, context) {
      const members = checkMembers(source, options, context);
      const written: Record<string, unknown> = {};
      eachMember(members, context, (before, key) => {
        setMember(written, key, value.write(before as T, context));
      });
      return written;
    },
  };
}

/** Reads a map in the quick pass. All its keys are Unicode text. */
function readMembersQuickly<T>(
  source: unknown,
  value: Codec<T>,
  { key: codec, min = 0, max = Infinity }: MapOptions,
  context: Context,
): Record<string, T> {
  if (!isObject(source)) {
    throw new Violation("expected an object");
  }
  context.enter();
  let count = 0;
  for (const key in source) {
    count += 1;
    codec?.write(key, context);
    const before = source[key];
    const after = value.read(before, context);
    if (after !== before) {
      setMember(source, key, after);
    }
  }
  context.leave();
  checkLength(count, { min, max }, "members");
  return source as Record<string, T>;
}

function checkMembers(
  value: unknown,
  { key: codec, ...length }: MapOptions,
  context: Context,
): Record<string, unknown> {
  if (!isObject(value)) {
    throw new Violation("expected an object");
  }
  const keys = Object.keys(value);
  checkLength(keys.length, length, "members");
  for (const key of keys) {
    checkKey(key, codec, context);
  }
  return value;
}

function checkKey(key: string, codec: Codec<string> | undefined, context: Context): void {
  if (!key.isWellFormed()) {
    throw new Violation("expected Unicode text as the name of each member");
  }
  try {
    codec?.write(key, context);
  } catch (error) {
    // The violation belongs to the object, not to a member.
    throw error instanceof Violation ? new Violation(`${error.reason} as the name of each member`) : error;
  }
}

function eachMember(
  members: Record<string, unknown>,
  context: Context,
  convert: (member: unknown, key: string) => void,
): void {
  context.enter();
  let current = "";
  try {
    for (current of Object.keys(members)) {
      convert(members[current], current);
    }
  } catch (error) {
    throw inside(error, current);
  }
  context.leave();
}
