import type { Format } from "../format/index.js";
import { parseText } from "../json.js";

/** A JSON type, as `type` names it. */
export type JsonType = "null" | "boolean" | "integer" | "number" | "string" | "array" | "object";

/** The conjunction of its keywords; without keywords, all values are valid. */
export type Keywords = readonly Keyword[];

/** A keyword with its value. It applies only to values of its own type. */
export type Keyword =
  | "never"
  | "uniqueItems"
  | { readonly type: readonly JsonType[] }
  | { readonly const: Constant }
  | { readonly enum: readonly Constant[] }
  | { readonly minimum: string }
  | { readonly maximum: string }
  | { readonly exclusiveMinimum: string }
  | { readonly exclusiveMaximum: string }
  | { readonly multipleOf: string }
  | { readonly minLength: number }
  | { readonly maxLength: number }
  | { readonly pattern: string }
  | { readonly format: Format }
  | { readonly prefixItems: readonly Keywords[] }
  | { readonly items: { readonly after: number; readonly assertion: Keywords } }
  | {
      readonly contains: {
        readonly assertion: Keywords;
        readonly min: number;
        readonly max?: number | null;
      };
    }
  | { readonly minItems: number }
  | { readonly maxItems: number }
  | { readonly unevaluatedItems: Keywords }
  | { readonly properties: readonly Named<Keywords>[] }
  | { readonly patternProperties: readonly Named<Keywords>[] }
  | {
      readonly additionalProperties: {
        readonly names: readonly string[];
        readonly patterns: readonly string[];
        readonly assertion: Keywords;
      };
    }
  | { readonly required: readonly string[] }
  | { readonly propertyNames: Keywords }
  | { readonly minProperties: number }
  | { readonly maxProperties: number }
  | { readonly dependentRequired: readonly Named<readonly string[]>[] }
  | { readonly dependentSchemas: readonly Named<Keywords>[] }
  | { readonly unevaluatedProperties: Keywords }
  | { readonly allOf: readonly Keywords[] }
  | { readonly anyOf: readonly Keywords[] }
  | { readonly oneOf: readonly Keywords[] }
  | { readonly not: Keywords }
  | {
      readonly if: {
        readonly condition: Keywords;
        readonly then?: Keywords | null;
        readonly otherwise?: Keywords | null;
      };
    }
  | { readonly ref: Assertion }
  | { readonly dynamicRef: { readonly anchor: string; readonly assertion: Assertion } };

/** A key, or a pattern of keys, with its value. */
export type Named<T> = readonly [name: string, value: T];

/** A value of a schema. */
export interface Constant {
  readonly text: string;
  readonly value: unknown;
}

/** Dynamic anchors of a schema resource. */
export type Anchors = Readonly<Record<string, Assertion>>;

/** A named assertion: a whole schema. */
export class Assertion {
  /** The place of the schema. */
  readonly source: string;
  private readonly create: () => Keywords;
  private readonly createAnchors: (() => Anchors) | undefined;
  private created: Keywords | undefined;

  constructor(source: string, create: () => Keywords, createAnchors?: () => Anchors) {
    this.source = source;
    this.create = create;
    this.createAnchors = createAnchors;
  }

  /** The keywords. */
  get keywords(): Keywords {
    return (this.created ??= this.create());
  }

  /** The assertion of a dynamic anchor of the schema's resource. */
  anchor(name: string): Assertion | undefined {
    const anchors = this.createAnchors?.();
    return anchors !== undefined && Object.hasOwn(anchors, name) ? anchors[name] : undefined;
  }

  /** Whether the schema belongs to a resource with dynamic anchors. */
  get hasAnchors(): boolean {
    return this.createAnchors !== undefined;
  }
}

/** Creates a named assertion. `anchors` are the dynamic anchors of its resource. */
export function assertion(source: string, keywords: () => Keywords, anchors?: () => Anchors): Assertion {
  return new Assertion(source, keywords, anchors);
}

/** A value of a schema, as JSON text. */
export function json(text: string): Constant {
  return { text, value: parseText(text) };
}
