import { Violation } from "./violation.js";

/** Minimal and maximal length. */
export interface Length {
  readonly min?: number;
  readonly max?: number;
}

/** Checks a number of characters, items or members. */
export function checkLength(count: number, { min, max }: Length, noun: string): void {
  if (min !== undefined && count < min) {
    throw new Violation(`expected at least ${String(min)} ${noun}`);
  }
  if (max !== undefined && count > max) {
    throw new Violation(`expected at most ${String(max)} ${noun}`);
  }
}

/** Checks the number of code points of a text. Counts only if the number of UTF-16 units leaves a doubt. */
export function checkTextLength(text: string, length: Length): void {
  const { min = 0, max = Infinity } = length;
  const units = text.length;
  if (units <= max && units >= 2 * min) {
    return;
  }
  checkLength(codePoints(text), length, "characters");
}

/** The number of code points. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length; index++) {
    // A high surrogate begins a pair.
    if ((text.charCodeAt(index) & 0xfc00) === 0xd800) {
      count -= 1;
    }
  }
  return count;
}
