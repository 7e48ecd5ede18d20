import { formats, nounOf } from "../format/index.js";
import { fromWire, isObject } from "../json.js";
import { checkLength, codePoints } from "../length.js";
import { inside, oneOf, quoted, Violation } from "../violation.js";
import { compare, isMultiple } from "./decimal.js";
import { areUnique, isEqual } from "./equal.js";
import type { Assertion, Constant, JsonType, Keyword, Keywords, Named } from "./keyword.js";

/** The maximum number of assertions inside each other. */
const DEEPEST = 512;

/** The maximum number of steps, and the further steps for each value of the document. */
const STEPS = 100_000;
const STEPS_FOR_EACH = 100;

/** The keys and indexes that a keyword has evaluated. */
type Evaluated = Set<string | number>;

const patterns = new Map<string, RegExp>();

/**
 * Validates a JSON value.
 *
 * @throws {@link Violation} if the value breaks the assertion.
 */
export function validate(assertion: Assertion, value: unknown): void {
  const validator = new Validator(value);
  try {
    validator.named(assertion, value, undefined);
  } catch (error) {
    throw error instanceof Exhausted ? new Violation(error.message) : error;
  }
}

/** The validation took too many steps. Unlike a violation, it is not caught by `not` or `anyOf`. */
class Exhausted extends Error {}

class Validator {
  private readonly root: unknown;
  private readonly scope: Assertion[] = [];
  private depth = 0;
  private steps = 0;
  private limit = STEPS;

  constructor(root: unknown) {
    this.root = root;
  }

  named(assertion: Assertion, value: unknown, evaluated: Evaluated | undefined): void {
    if (!assertion.hasAnchors) {
      this.apply(assertion.keywords, value, evaluated);
      return;
    }
    this.scope.push(assertion);
    try {
      this.apply(assertion.keywords, value, evaluated);
    } finally {
      this.scope.pop();
    }
  }

  private apply(keywords: Keywords, value: unknown, evaluated: Evaluated | undefined): void {
    this.spend(sizeOf(value));
    this.depth += 1;
    if (this.depth > DEEPEST) {
      throw new Exhausted(`expected at most ${String(DEEPEST)} assertions inside each other`);
    }
    try {
      this.all(keywords, fromWire(value), evaluated);
    } finally {
      this.depth -= 1;
    }
  }

  private all(keywords: Keywords, value: unknown, evaluated: Evaluated | undefined): void {
    if (!keywords.some(usesEvaluated)) {
      keywords.forEach((keyword) => {
        this.keyword(keyword, value, evaluated);
      });
      return;
    }
    // `unevaluated*` depends on the keywords of this schema, not on the outer schemas.
    const own: Evaluated = new Set();
    keywords.forEach((keyword) => {
      this.keyword(keyword, value, own);
    });
    own.forEach((key) => evaluated?.add(key));
  }

  private keyword(keyword: Keyword, value: unknown, evaluated: Evaluated | undefined): void {
    this.combination(keyword, value, evaluated);
    anyType(keyword, value);
    if (typeof value === "number" || typeof value === "bigint") {
      checkNumber(keyword, value);
    } else if (typeof value === "string") {
      checkText(keyword, value);
    } else if (Array.isArray(value)) {
      this.list(keyword, value, evaluated);
    } else if (isObject(value)) {
      this.object(keyword, value, evaluated);
    }
  }

  private combination(keyword: Keyword, value: unknown, evaluated: Evaluated | undefined): void {
    if (typeof keyword === "string") {
      expect(keyword !== "never", () => "expected no value");
    } else if ("allOf" in keyword) {
      keyword.allOf.forEach((keywords) => {
        this.apply(keywords, value, evaluated);
      });
    } else if ("anyOf" in keyword) {
      const matches = this.matches(keyword.anyOf, value, evaluated, evaluated ? Infinity : 1);
      expect(matches > 0, () => "expected a value that at least one schema of `anyOf` allows");
    } else if ("oneOf" in keyword) {
      const matches = this.matches(keyword.oneOf, value, evaluated, 2);
      expect(matches === 1, () => "expected a value that exactly one schema of `oneOf` allows");
    } else if ("not" in keyword) {
      expect(!this.isValid(keyword.not, value), () => "expected a value that `not` allows");
    } else if ("if" in keyword) {
      const { condition, then, otherwise } = keyword.if;
      const branch = this.branch(condition, value, evaluated) ? then : otherwise;
      this.apply(branch ?? [], value, evaluated);
    } else if ("ref" in keyword) {
      this.named(keyword.ref, value, evaluated);
    } else if ("dynamicRef" in keyword) {
      const { anchor, assertion } = keyword.dynamicRef;
      const outer = this.scope.map((resource) => resource.anchor(anchor));
      this.named(outer.find((found) => found !== undefined) ?? assertion, value, evaluated);
    }
  }

  /** The number of valid branches, counted up to `limit`. */
  private matches(
    branches: readonly Keywords[],
    value: unknown,
    evaluated: Evaluated | undefined,
    limit: number,
  ): number {
    let count = 0;
    for (const branch of branches) {
      count += Number(this.branch(branch, value, evaluated));
      if (count >= limit) {
        break;
      }
    }
    return count;
  }

  private branch(keywords: Keywords, value: unknown, evaluated: Evaluated | undefined): boolean {
    const own: Evaluated | undefined = evaluated && new Set();
    const isValid = this.isValid(keywords, value, own);
    if (isValid) {
      own?.forEach((key) => evaluated?.add(key));
    }
    return isValid;
  }

  private isValid(keywords: Keywords, value: unknown, evaluated?: Evaluated): boolean {
    try {
      this.apply(keywords, value, evaluated);
      return true;
    } catch (error) {
      if (error instanceof Violation) {
        return false;
      }
      throw error;
    }
  }

  private list(keyword: Keyword, items: unknown[], evaluated: Evaluated | undefined): void {
    if (keyword === "uniqueItems") {
      this.spend(weightOf(items));
      expect(areUnique(items), () => "expected items that differ from each other");
    } else if (typeof keyword === "string") {
      return;
    } else if ("minItems" in keyword) {
      checkLength(items.length, { min: keyword.minItems }, "items");
    } else if ("maxItems" in keyword) {
      checkLength(items.length, { max: keyword.maxItems }, "items");
    } else if ("prefixItems" in keyword) {
      keyword.prefixItems.slice(0, items.length).forEach((keywords, index) => {
        this.inside(keywords, items[index], index, evaluated);
      });
    } else if ("items" in keyword) {
      const { after, assertion } = keyword.items;
      items.slice(after).forEach((item, index) => {
        this.inside(assertion, item, after + index, evaluated);
      });
    } else if ("contains" in keyword) {
      this.contains(keyword.contains, items, evaluated);
    } else if ("unevaluatedItems" in keyword) {
      const isEvaluated = new Set(evaluated);
      items.forEach((item, index) => {
        if (!isEvaluated.has(index)) {
          this.unseen(keyword.unevaluatedItems, item, `no item at ${String(index)}`);
          evaluated?.add(index);
        }
      });
    }
  }

  private contains(
    { assertion, min, max }: { assertion: Keywords; min: number; max?: number | null },
    items: unknown[],
    evaluated: Evaluated | undefined,
  ): void {
    let count = 0;
    items.forEach((item, index) => {
      if (this.isValid(assertion, item)) {
        count += 1;
        evaluated?.add(index);
      }
    });
    checkLength(count, { min, max: max ?? Infinity }, "items that `contains` asks for");
  }

  private object(keyword: Keyword, members: Record<string, unknown>, evaluated: Evaluated | undefined): void {
    if (typeof keyword === "string") {
      return;
    }
    const has = (key: string): boolean => Object.hasOwn(members, key);
    const keys = Object.keys(members);
    if ("minProperties" in keyword) {
      checkLength(keys.length, { min: keyword.minProperties }, "members");
    } else if ("maxProperties" in keyword) {
      checkLength(keys.length, { max: keyword.maxProperties }, "members");
    } else if ("required" in keyword) {
      keyword.required.forEach((key) => {
        expect(has(key), () => `expected a member \`${key}\``);
      });
    } else if ("dependentRequired" in keyword) {
      keyword.dependentRequired.forEach(([key, others]) => {
        others.forEach((other) => {
          expect(!has(key) || has(other), () => `expected a member \`${other}\` beside \`${key}\``);
        });
      });
    } else if ("dependentSchemas" in keyword) {
      keyword.dependentSchemas.forEach(([key, keywords]) => {
        if (has(key)) {
          this.apply(keywords, members, evaluated);
        }
      });
    } else if ("propertyNames" in keyword) {
      keys.forEach((key) => {
        this.name(keyword.propertyNames, key);
      });
    } else {
      this.members(keyword, members, keys, evaluated);
    }
  }

  private members(
    keyword: Exclude<Keyword, string>,
    members: Record<string, unknown>,
    keys: readonly string[],
    evaluated: Evaluated | undefined,
  ): void {
    if ("properties" in keyword) {
      keyword.properties.forEach(([key, keywords]) => {
        if (Object.hasOwn(members, key)) {
          this.inside(keywords, members[key], key, evaluated);
        }
      });
    } else if ("patternProperties" in keyword) {
      this.matching(keyword.patternProperties, members, keys, evaluated);
    } else if ("additionalProperties" in keyword) {
      const { names, patterns: known, assertion } = keyword.additionalProperties;
      for (const key of keys) {
        if (!names.includes(key) && !known.some((pattern) => regexOf(pattern).test(key))) {
          expect(!assertion.includes("never"), () => `expected no member but ${quoted(names)}`);
          this.inside(assertion, members[key], key, evaluated);
        }
      }
    } else if ("unevaluatedProperties" in keyword) {
      const isEvaluated = new Set(evaluated);
      for (const key of keys) {
        if (!isEvaluated.has(key)) {
          this.unseen(keyword.unevaluatedProperties, members[key], `no member \`${key}\``);
          evaluated?.add(key);
        }
      }
    }
  }

  private matching(
    assertions: readonly Named<Keywords>[],
    members: Record<string, unknown>,
    keys: readonly string[],
    evaluated: Evaluated | undefined,
  ): void {
    for (const [pattern, keywords] of assertions) {
      for (const key of keys) {
        if (regexOf(pattern).test(key)) {
          this.inside(keywords, members[key], key, evaluated);
        }
      }
    }
  }

  private inside(keywords: Keywords, value: unknown, token: string | number, evaluated: Evaluated | undefined): void {
    try {
      this.apply(keywords, value, undefined);
    } catch (error) {
      throw inside(error, token);
    }
    evaluated?.add(token);
  }

  private name(keywords: Keywords, key: string): void {
    try {
      this.apply(keywords, key, undefined);
    } catch (error) {
      throw error instanceof Violation ? new Violation(`${error.reason} as the name of each member`) : error;
    }
  }

  private unseen(keywords: Keywords, value: unknown, expected: string): void {
    expect(this.isValid(keywords, value), () => `expected ${expected}`);
  }

  private spend(steps: number): void {
    this.steps += steps;
    if (this.steps > this.limit && this.limit === STEPS) {
      // Few values need so many steps, so the weight is computed only now.
      this.limit += weightOf(this.root) * STEPS_FOR_EACH;
    }
    if (this.steps > this.limit) {
      throw new Exhausted(`expected a value validated in at most ${String(this.limit)} steps`);
    }
  }
}

function usesEvaluated(keyword: Keyword): boolean {
  return typeof keyword === "object" && ("unevaluatedItems" in keyword || "unevaluatedProperties" in keyword);
}

function anyType(keyword: Keyword, value: unknown): void {
  if (typeof keyword === "string") {
    return;
  }
  if ("type" in keyword) {
    const { type } = keyword;
    expect(
      type.some((name) => hasType(name, value)),
      () => `expected ${type.map((name) => nouns[name]).join(" or ")}`,
    );
  } else if ("const" in keyword) {
    expect(isEqual(keyword.const.value, value), () => constants([keyword.const]));
  } else if ("enum" in keyword) {
    expect(
      keyword.enum.some((constant) => isEqual(constant.value, value)),
      () => constants(keyword.enum),
    );
  }
}

function checkNumber(keyword: Keyword, value: number | bigint): void {
  if (typeof keyword === "string") {
    return;
  }
  if ("minimum" in keyword) {
    const { minimum } = keyword;
    expect(compare(value, minimum) >= 0, () => `expected a number from ${minimum}`);
  } else if ("maximum" in keyword) {
    const { maximum } = keyword;
    expect(compare(value, maximum) <= 0, () => `expected a number up to ${maximum}`);
  } else if ("exclusiveMinimum" in keyword) {
    const { exclusiveMinimum } = keyword;
    expect(compare(value, exclusiveMinimum) > 0, () => `expected more than ${exclusiveMinimum}`);
  } else if ("exclusiveMaximum" in keyword) {
    const { exclusiveMaximum } = keyword;
    expect(compare(value, exclusiveMaximum) < 0, () => `expected less than ${exclusiveMaximum}`);
  } else if ("multipleOf" in keyword) {
    const { multipleOf } = keyword;
    expect(isMultiple(value, multipleOf), () => `expected a multiple of ${multipleOf}`);
  }
}

function checkText(keyword: Keyword, text: string): void {
  if (typeof keyword === "string") {
    return;
  }
  if ("minLength" in keyword) {
    checkLength(codePoints(text), { min: keyword.minLength }, "characters");
  } else if ("maxLength" in keyword) {
    checkLength(codePoints(text), { max: keyword.maxLength }, "characters");
  } else if ("pattern" in keyword) {
    const { pattern } = keyword;
    expect(regexOf(pattern).test(text), () => `expected a string that matches ${pattern}`);
  } else if ("format" in keyword) {
    const { format } = keyword;
    expect(formats[format](text), () => `expected ${nounOf(format)}`);
  }
}

const nouns: Readonly<Record<JsonType, string>> = {
  null: "null",
  boolean: "true or false",
  integer: "an integer",
  number: "a number",
  string: "a string",
  array: "an array",
  object: "an object",
};

function hasType(name: JsonType, value: unknown): boolean {
  switch (name) {
    case "null":
      return value === null;
    case "integer":
      return typeof value === "bigint" || Number.isInteger(value);
    case "number":
      return typeof value === "bigint" || typeof value === "number";
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    default:
      return typeof value === name;
  }
}

function constants(all: readonly Constant[]): string {
  return oneOf(all.map(({ text, value }) => (typeof value === "string" ? value : text)));
}

function regexOf(pattern: string): RegExp {
  let regex = patterns.get(pattern);
  if (regex === undefined) {
    regex = new RegExp(pattern, "u");
    patterns.set(pattern, regex);
  }
  return regex;
}

function expect(isRight: boolean, reason: () => string): void {
  if (!isRight) {
    throw new Violation(reason());
  }
}

/** One step for a value and for each of its members or items. */
function sizeOf(value: unknown): number {
  if (typeof value !== "object" || value === null) {
    return 1;
  }
  return 1 + (Array.isArray(value) ? value.length : Object.keys(value).length);
}

/** The number of values inside a value. */
function weightOf(value: unknown): number {
  if (typeof value !== "object" || value === null) {
    return 1;
  }
  return Object.values(value).reduce<number>((sum, member) => sum + weightOf(member), 1);
}
