/** JSON pointers with values as JSON texts. */
export type PointerValues = readonly (readonly [pointer: string, json: string])[];

/**
 * Where errors stand in the replies of a protocol that has a form of its own. Without `text` and `code`, they stand only
 * in the headers `Nats-Service-Error-Code` and `Nats-Service-Error`.
 */
export interface ErrorForm {
  /** The JSON pointer of the text. */
  readonly text?: string;
  /** The JSON pointer of the code, an integer or a string. */
  readonly code?: string;
  /** The JSON pointer of the status, which servers write. */
  readonly status?: string;
  /** Values that each error has. */
  readonly when?: PointerValues;
  /** A reply with all of these values is no error. */
  readonly unless?: PointerValues;
  /** Codes of the catalogue with codes on the wire. Other codes are the same on the wire. */
  readonly codes?: readonly (readonly [code: string, wire: number | string])[];
}

/** An error in a reply. */
export interface Found {
  readonly code: string | undefined;
  readonly text: string;
}

/** Finds the error in a payload. */
export function findError(form: ErrorForm, payload: Uint8Array): Found | undefined {
  const reply = parsed(payload);
  const { when = [], unless = [] } = form;
  if (reply === undefined || (unless.length > 0 && has(reply, unless)) || !has(reply, when)) {
    return undefined;
  }
  const text = form.text === undefined ? undefined : at(reply, form.text);
  const code = form.code === undefined ? undefined : codeOf(at(reply, form.code));
  const hasText = typeof text === "string";
  return hasText || code !== undefined || when.length > 0 ? { code, text: hasText ? text : "" } : undefined;
}

/** The code of the catalogue for a code on the wire; `undefined` if the catalogue gives no error this code. */
export function nameOf(form: ErrorForm, wire: string): string | undefined {
  return form.codes?.find(([, code]) => String(code) === wire)?.[0];
}

/** Writes an error. Returns the payload, and the code for the header. */
export function writeForm(
  form: ErrorForm,
  error: { readonly code: string; readonly status: number },
  text: string,
): { readonly payload: string; readonly header: string } {
  const { codes = [], when = [] } = form;
  const declared = codes.find(([code]) => code === error.code)?.[1];
  if (form.text === undefined) {
    return { payload: "", header: String(declared ?? error.status) };
  }
  const hasNumbers = codes.length > 0 && codes.every(([, code]) => typeof code === "number");
  const places: (readonly [string | undefined, unknown])[] = [
    ...when.map(([pointer, json]) => [pointer, JSON.parse(json)] as const),
    [form.text, text],
    [form.code, declared ?? (hasNumbers ? error.status : error.code)],
    [form.status, error.status],
  ];
  let reply: unknown;
  for (const [pointer, value] of places) {
    if (pointer !== undefined) {
      reply = put(reply, steps(pointer), value);
    }
  }
  return { payload: JSON.stringify(reply), header: String(error.status) };
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    return undefined;
  }
}

function has(reply: unknown, values: PointerValues): boolean {
  return values.every(([pointer, json]) => {
    const found = at(reply, pointer);
    return found !== undefined && JSON.stringify(found) === JSON.stringify(JSON.parse(json));
  });
}

/** A code as a text: a string, or an integer in decimal notation. */
function codeOf(value: unknown): string | undefined {
  return typeof value === "string" || Number.isInteger(value) ? String(value) : undefined;
}

function steps(pointer: string): string[] {
  const encoded = pointer.split("/").slice(1);
  return encoded.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The value at a JSON pointer. */
function at(reply: unknown, pointer: string): unknown {
  let value = reply;
  for (const step of steps(pointer)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

/** Puts a value at the end of these steps. The step `0` makes an array, any other step an object. */
function put(place: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) {
    return value;
  }
  const isContainer = typeof place === "object" && place !== null;
  const container = (isContainer ? place : step === "0" ? [] : {}) as Record<string, unknown>;
  container[step] = put(container[step], rest, value);
  return container;
}
