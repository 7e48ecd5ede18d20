import { isEmail, isIdnEmail } from "./email.js";
import { isHostname, isIdnHostname, isIpv4, isIpv6 } from "./host.js";
import { isDate, isDateTime, isDuration, isTime } from "./time.js";
import { isIri, isIriReference, isUri, isUriReference, isUriTemplate } from "./uri.js";

/** A format that is checked. */
export type Format = keyof typeof nouns;

const nouns = {
  "date-time": "a date and time of RFC 3339",
  date: "a date of RFC 3339",
  time: "a time with its offset of RFC 3339",
  duration: "a duration of RFC 3339",
  email: "a mail address",
  "idn-email": "a mail address",
  hostname: "a host name",
  "idn-hostname": "a host name",
  ipv4: "an IPv4 address",
  ipv6: "an IPv6 address",
  uri: "a URI",
  "uri-reference": "a URI or a relative reference",
  iri: "an IRI",
  "iri-reference": "an IRI or a relative reference",
  uuid: "a UUID",
  "uri-template": "a URI template",
  "json-pointer": "a JSON pointer",
  "relative-json-pointer": "a relative JSON pointer",
  regex: "a regular expression",
} as const;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/su;
const RELATIVE_POINTER = /^(?:0|[1-9][0-9]*)(?:#|(?:\/(?:[^~/]|~[01])*)*)$/su;

/** The checks of the formats. */
export const formats: Readonly<Record<Format, (text: string) => boolean>> = {
  "date-time": isDateTime,
  date: isDate,
  time: isTime,
  duration: isDuration,
  email: isEmail,
  "idn-email": isIdnEmail,
  hostname: isHostname,
  "idn-hostname": isIdnHostname,
  ipv4: isIpv4,
  ipv6: isIpv6,
  uri: isUri,
  "uri-reference": isUriReference,
  iri: isIri,
  "iri-reference": isIriReference,
  uuid: (text) => UUID.test(text),
  "uri-template": isUriTemplate,
  "json-pointer": (text) => POINTER.test(text),
  "relative-json-pointer": (text) => RELATIVE_POINTER.test(text),
  regex: isRegex,
};

/** The format in a sentence. */
export function nounOf(format: Format): string {
  return nouns[format];
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text, "u");
    return true;
  } catch {
    return false;
  }
}
