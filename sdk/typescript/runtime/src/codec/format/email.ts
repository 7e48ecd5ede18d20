import { isHostname, isIdnHostname, isIpv4, isIpv6 } from "./host.js";

// eslint-disable-next-line no-control-regex -- RFC 6531 allows each character beyond ASCII
const WORD = /^(?:[\w!#$%&'*+\-/=?^`{|}~]|[^\x00-\x7f])+$/u;
// eslint-disable-next-line no-control-regex -- RFC 6531 allows each character beyond ASCII
const QUOTED = /^"(?:\\[ -~]|[ !#-[\]-~]|[^\x00-\x7f])*"$/u;
// eslint-disable-next-line no-control-regex -- the range of ASCII
const ASCII = /^[\x00-\x7f]*$/;

/** Whether a text is a mailbox of RFC 5321. */
export function isEmail(text: string): boolean {
  return ASCII.test(text) && isMailbox(text, isHostname);
}

/** Whether a text is a mailbox of RFC 6531. */
export function isIdnEmail(text: string): boolean {
  return isMailbox(text, isIdnHostname);
}

function isMailbox(text: string, isDomain: (text: string) => boolean): boolean {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, Math.max(at, 0));
  const domain = text.slice(at + 1);
  const isHost = domain.startsWith("[") && domain.endsWith("]") ? isLiteral(domain.slice(1, -1)) : isDomain(domain);
  const size = new TextEncoder().encode(local).length;
  const isLocal = local.split(".").every((word) => WORD.test(word)) || QUOTED.test(local);
  return at > 0 && size <= 64 && isHost && isLocal;
}

function isLiteral(text: string): boolean {
  return /^IPv6:/i.test(text) ? isIpv6(text.slice(5)) : isIpv4(text);
}
