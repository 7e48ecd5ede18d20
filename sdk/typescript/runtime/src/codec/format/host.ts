/* eslint-disable no-misleading-character-class -- the joiners and marks stand for themselves */

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const HEXTET = /^[0-9a-f]{1,4}$/i;
/** Characters that no label of IDNA 2008 begins with, or contains. */

const NO_LABEL =
  /^\p{M}|^-|-$|^..--|[^-a-z0-9\p{L}\p{Mn}\p{Mc}\p{Nd}\u00b7\u0375\u05f3\u05f4\u06fd\u06fe\u0f0b\u200c\u200d\u3007\u30fb]|[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]/u;
const NO_CONTEXT =
  /(?:^|[^l])\u00b7|\u00b7(?:[^l]|$)|\u0375(?:\P{Script=Greek}|$)|(?:^|\P{Script=Hebrew})[\u05f3\u05f4]|^[^\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]*\u30fb[^\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]*$|[\u0660-\u0669].*[\u06f0-\u06f9]|[\u06f0-\u06f9].*[\u0660-\u0669]/u;
const DOT = /[.\u3002\uff0e\uff61]/u;

/** Whether a text is a host name of RFC 1123. */
export function isHostname(text: string): boolean {
  const labels = text.split(".");
  return (
    text.length <= 253 && labels.every((label) => LABEL.test(label) && (!label.startsWith("--", 2) || isEncoded(label)))
  );
}

/** Whether a text is a host name of RFC 5890. */
export function isIdnHostname(text: string): boolean {
  const labels = text.split(DOT);
  const ascii = labels.map(toAscii);
  const size = ascii.reduce((sum, label) => sum + label.length + 1, -1);
  return size <= 253 && ascii.every((label) => LABEL.test(label)) && labels.every(isUnicodeLabel);
}

/** Whether a text is a dotted quad. */
export function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

/** Whether a text is an address of RFC 4291. */
export function isIpv6(text: string): boolean {
  const [head, tail, ...others] = text.split("::");
  if (head === undefined || others.length > 0) {
    return false;
  }
  const first = hextets(head, tail === undefined);
  const last = tail === undefined ? 0 : hextets(tail, true);
  return tail === undefined ? first === 8 : first + last <= 7;
}

/** The number of groups of 16 bits; `NaN` if a group is wrong. */
function hextets(text: string, isEnd: boolean): number {
  if (text === "") {
    return 0;
  }
  const groups = text.split(":");
  return groups.reduce((count, group, index) => {
    if (HEXTET.test(group)) {
      return count + 1;
    }
    return isEnd && index === groups.length - 1 && isIpv4(group) ? count + 2 : NaN;
  }, 0);
}

function isEncoded(label: string): boolean {
  return label.toLowerCase().startsWith("xn--") && hostOf(label) !== undefined;
}

function isUnicodeLabel(label: string): boolean {
  const lower = label.normalize("NFC").toLowerCase();
  if (lower.startsWith("xn--")) {
    return isEncoded(lower);
  }
  return !NO_LABEL.test(lower) && !NO_CONTEXT.test(lower);
}

function toAscii(label: string): string {
  return LABEL.test(label) ? label : (hostOf(label) ?? "");
}

/** The host of a URL, encoded as in RFC 3492. */
function hostOf(label: string): string | undefined {
  try {
    return new URL(`https://${label}.x`).hostname.slice(0, -2);
  } catch {
    return undefined;
  }
}
