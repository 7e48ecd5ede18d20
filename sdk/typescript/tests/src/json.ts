/** JSON texts with exact numbers. */

/** The context that `JSON.parse` gives to its function. */
interface Source {
  readonly source?: string;
}

/** `JSON` with the additions that the type library does not have yet. */
const exact = JSON as unknown as {
  parse(text: string, revive: (key: string, value: unknown, context: Source) => unknown): unknown;
  rawJSON(text: string): unknown;
};

/** Parses a text. Numbers keep their text when the value is written again. */
export function parseExact(text: string): unknown {
  return exact.parse(text, (_, value, { source }) =>
    typeof value === "number" && source !== undefined ? exact.rawJSON(source) : value,
  );
}

/** A text that two JSON texts share if they have the same value. */
export function canonical(text: string): string {
  const value = exact.parse(text, (_, value, { source }) => {
    if (typeof value === "number" && source !== undefined) {
      return exact.rawJSON(number(source));
    }
    return isObject(value) ? sorted(value) : value;
  });
  return JSON.stringify(value);
}

function number(source: string): string {
  if (/^-?\d+$/.test(source)) {
    return BigInt(source).toString();
  }
  const value = Number(source);
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  const isRaw = (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON(value);
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isRaw;
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries);
}
