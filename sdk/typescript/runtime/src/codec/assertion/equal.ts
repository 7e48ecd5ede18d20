/** Whether two JSON values are equal. Numbers are compared by value, members without their order. */
export function isEqual(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}

/** Whether no two items are equal. */
export function areUnique(items: readonly unknown[]): boolean {
  return new Set(items.map(canonical)).size === items.length;
}

function canonical(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Number.isInteger(value) ? String(BigInt(value)) : String(value);
    case "object":
      return value === null ? "null" : container(value);
    default:
      return String(value);
  }
}

function container(value: object): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(",")}]`;
  }
  const keys = Object.keys(value).sort();
  const members = value as Record<string, unknown>;
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(members[key])}`).join(",")}}`;
}
