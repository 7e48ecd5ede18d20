import { isIpv6 } from "./host.js";

const UNRESERVED = "\\w\\-.~";
const BEYOND_ASCII =
  "\\u{a0}-\\u{d7ff}\\u{f900}-\\u{fdcf}\\u{fdf0}-\\u{ffef}\\u{10000}-\\u{1fffd}\\u{20000}-\\u{2fffd}\\u{30000}-\\u{3fffd}\\u{40000}-\\u{4fffd}\\u{50000}-\\u{5fffd}\\u{60000}-\\u{6fffd}\\u{70000}-\\u{7fffd}\\u{80000}-\\u{8fffd}\\u{90000}-\\u{9fffd}\\u{a0000}-\\u{afffd}\\u{b0000}-\\u{bfffd}\\u{c0000}-\\u{cfffd}\\u{d0000}-\\u{dfffd}\\u{e1000}-\\u{efffd}";
const PRIVATE = "\\u{e000}-\\u{f8ff}\\u{f0000}-\\u{ffffd}\\u{100000}-\\u{10fffd}";

/** The parts of a reference: scheme, authority, path, query, fragment (RFC 3986, appendix B). */
const PARTS = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/su;
const SCHEME = /^[a-z][a-z0-9+.-]*$/i;
const LITERAL = /^(.*@)?\[(.*)\](?::\d*)?$/su;
const IP_FUTURE = /^v[0-9a-f]+\.[\w\-.~!$&'()*+,;=:]+$/i;
const PORT = /:\d*$/;

interface Characters {
  readonly user: RegExp;
  readonly host: RegExp;
  readonly path: RegExp;
  readonly query: RegExp;
  readonly fragment: RegExp;
}

const uri = characters("", "");
const iri = characters(BEYOND_ASCII, PRIVATE);

const TEMPLATE_NAME = "(?:\\w|%[0-9A-Fa-f]{2})(?:\\.?(?:\\w|%[0-9A-Fa-f]{2}))*(?::[1-9][0-9]{0,3}|\\*)?";
const TEMPLATE = new RegExp(
  `^(?:[^\\u{0}-\\u{20}"%'<>\\\\^\`{|}\\u{7f}-\\u{9f}]|'|%[0-9A-Fa-f]{2}|\\{[+#./;?&=,!@|]?${TEMPLATE_NAME}(?:,${TEMPLATE_NAME})*\\})*$`,
  "u",
);

/** Whether a text is a URI of RFC 3986. */
export function isUri(text: string): boolean {
  return isReference(text, uri, true);
}

/** Whether a text is a URI or a relative reference of RFC 3986. */
export function isUriReference(text: string): boolean {
  return isReference(text, uri, false);
}

/** Whether a text is an IRI of RFC 3987. */
export function isIri(text: string): boolean {
  return isReference(text, iri, true);
}

/** Whether a text is an IRI or a relative reference of RFC 3987. */
export function isIriReference(text: string): boolean {
  return isReference(text, iri, false);
}

/** Whether a text is a URI template of RFC 6570. */
export function isUriTemplate(text: string): boolean {
  return TEMPLATE.test(text);
}

function characters(more: string, ofQuery: string): Characters {
  const list = (others: string, also = ""): RegExp =>
    new RegExp(`^(?:[${UNRESERVED}!$&'()*+,;=${others}${more}${also}]|%[0-9A-Fa-f]{2})*$`, "u");
  return {
    user: list(":"),
    host: list(""),
    path: list(":@/"),
    query: list(":@/?", ofQuery),
    fragment: list(":@/?"),
  };
}

function isReference(text: string, allowed: Characters, isAbsolute: boolean): boolean {
  const parts = PARTS.exec(text)?.slice(1) as (string | undefined)[] | undefined;
  const [scheme, authority, path = "", query = "", fragment = ""] = parts ?? ["?"];
  return (
    (scheme === undefined ? !isAbsolute : SCHEME.test(scheme)) &&
    isPath(path, scheme !== undefined, authority !== undefined, allowed) &&
    isAuthority(authority ?? "", allowed) &&
    allowed.query.test(query) &&
    allowed.fragment.test(fragment)
  );
}

function isPath(path: string, hasScheme: boolean, hasAuthority: boolean, allowed: Characters): boolean {
  if (!allowed.path.test(path)) {
    return false;
  }
  if (hasAuthority) {
    return path === "" || path.startsWith("/");
  }
  // Without a scheme, the first segment of a relative path contains no colon.
  return !path.startsWith("//") && (hasScheme || !/^[^/]*:/.test(path));
}

function isAuthority(authority: string, allowed: Characters): boolean {
  const literal = LITERAL.exec(authority);
  if (literal !== null) {
    const [user = "", address = ""] = literal.slice(1) as (string | undefined)[];
    return allowed.user.test(user.slice(0, -1)) && (isIpv6(address) || IP_FUTURE.test(address));
  }
  const at = authority.indexOf("@");
  const host = authority.slice(at + 1).replace(PORT, "");
  return allowed.user.test(authority.slice(0, Math.max(at, 0))) && allowed.host.test(host);
}
