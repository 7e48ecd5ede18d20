/** A value that breaks its schema. The reason never contains the value, because the value can be a secret. */
export class Violation extends Error {
  override readonly name = "Violation";
  /** The tokens of the JSON pointer, the innermost first. */
  private readonly trail: string[] = [];
  private isOfParent = false;
  private isOfText = false;

  /** The expected value. */
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }

  /** A violation of the container of the current value. */
  static ofParent(reason: string): Violation {
    const violation = new Violation(reason);
    violation.isOfParent = true;
    return violation;
  }

  /** A violation of the complete text: its pointer stays empty. */
  static ofText(reason: string): Violation {
    const violation = new Violation(reason);
    violation.isOfText = true;
    return violation;
  }

  /** Adds an outer token to the pointer. */
  inside(token: string | number): this {
    if (this.isOfParent) {
      this.isOfParent = false;
    } else if (!this.isOfText) {
      this.trail.push(String(token));
    }
    return this;
  }

  /** The number of tokens of the pointer. */
  get depth(): number {
    return this.trail.length;
  }

  /** The JSON pointer of the invalid value; empty for the whole value. */
  get pointer(): string {
    return pointerOf(this.trail.toReversed());
  }
}

/** The JSON pointer of these tokens. */
export function pointerOf(tokens: readonly string[]): string {
  return tokens.map((token) => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Adds a token to a violation; any other error is returned unchanged. */
export function inside(error: unknown, token: string | number): unknown {
  return error instanceof Violation ? error.inside(token) : error;
}

/** Names in backticks. */
export function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

/** The reason for a value that is not in a list. */
export function oneOf(names: readonly string[]): string {
  return `expected one of ${quoted(names)}`;
}
