const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The number of random bytes that are fetched at once. */
const BLOCK = 4_096;

let block = new Uint8Array(0);
let used = 0;

/** An unpredictable token of `length` letters and digits, with about 5.9 bits each. */
export function randomToken(length: number): string {
  let token = "";
  while (token.length < length) {
    const byte = randomByte() & 63;
    // The values 62 and 63 are skipped, so that all digits are equally likely.
    token += DIGITS.charAt(byte);
  }
  return token;
}

function randomByte(): number {
  if (used === block.length) {
    block = crypto.getRandomValues(new Uint8Array(BLOCK));
    used = 0;
  }
  used += 1;
  return block[used - 1] ?? 0;
}
