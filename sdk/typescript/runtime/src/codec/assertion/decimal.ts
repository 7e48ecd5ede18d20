/** A decimal number: `digits` times a power of ten. */
interface Decimal {
  readonly digits: bigint;
  readonly power: number;
}

const parsed = new Map<string, Decimal>();

/** The largest difference of two powers that is computed. The doubles need 325 + 309. */
const WIDEST = 5_000;

/** Compares a number with a number of a schema: negative if `value` is less. */
export function compare(value: number | bigint, bound: string): number {
  const [left, right] = align(decimalOf(String(value)), boundOf(bound));
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whether a number is a multiple of a number of a schema. */
export function isMultiple(value: number | bigint, divisor: string): boolean {
  const [left, right] = align(decimalOf(String(value)), boundOf(divisor));
  return right === 0n ? left === 0n : left % right === 0n;
}

function boundOf(text: string): Decimal {
  let decimal = parsed.get(text);
  if (decimal === undefined) {
    decimal = decimalOf(text);
    parsed.set(text, decimal);
  }
  return decimal;
}

function decimalOf(text: string): Decimal {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return { digits: BigInt(whole + fraction), power: Number(exponent) - fraction.length };
}

function align(left: Decimal, right: Decimal): [bigint, bigint] {
  const power = Math.min(left.power, right.power);
  const scaled = (decimal: Decimal): bigint => decimal.digits * 10n ** BigInt(Math.min(decimal.power - power, WIDEST));
  return [scaled(left), scaled(right)];
}
