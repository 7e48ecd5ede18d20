/** The maximum length of a token in bytes. */
const LONGEST_TOKEN = 255;

/** The maximum length of a subject in bytes. */
const LONGEST_SUBJECT = 1_024;

/** The prefix of inboxes if the options of a connection set none. */
export const DEFAULT_INBOXES = "_INBOX";

/** The first token of the inboxes of a role begins with this text; the name of the role follows. */
export const ROLE_INBOX = "_INBOX_";

const SUBJECT = /^[!-)+-\-/-=?-~]+(?:\.[!-)+-\-/-=?-~]+)*$/;
const PATTERN = /^(?:(?:\*|[!-)+-\-/-=?-~]+)(?:\.(?!$)|$))*(?:>$)?$/;

/** A text that cannot be used as a subject. */
export class SubjectError extends Error {
  override readonly name = "SubjectError";

  constructor(text: string) {
    super(`${JSON.stringify(text.slice(0, LONGEST_TOKEN))} cannot be used as a subject`);
  }
}

/** Whether a text is a subject: tokens of printable ASCII, joined by dots, without wildcards. */
export function isSubject(text: string): boolean {
  return text.length <= LONGEST_SUBJECT && SUBJECT.test(text);
}

/** Whether a text is a subject with or without wildcards. */
export function isPattern(text: string): boolean {
  return text !== "" && text.length <= LONGEST_SUBJECT && PATTERN.test(text);
}

/** Whether a text is a token of a subject. */
export function isToken(text: string): boolean {
  return text.length <= LONGEST_TOKEN && !text.includes(".") && isSubject(text);
}

/** Checks a subject. */
export function checkSubject(text: string): string {
  if (!isSubject(text)) {
    throw new SubjectError(text);
  }
  return text;
}

/** Whether a pattern matches a subject. */
export function matches(pattern: string, subject: string): boolean {
  const tokens = subject.split(".");
  const wanted = pattern.split(".");
  for (const [index, token] of wanted.entries()) {
    if (token === ">") {
      return tokens.length > index;
    }
    if (tokens[index] === undefined || (token !== "*" && token !== tokens[index])) {
      return false;
    }
  }
  return tokens.length === wanted.length;
}

/**
 * Whether a reply subject is an inbox. Other reply subjects are ignored, because a peer could use them to send replies
 * to any subscriber.
 */
export function isInbox(subject: string, ownPrefix: string): boolean {
  const isOwn = (text: string): boolean => text.startsWith("_INBOX") || text.startsWith(`${ownPrefix}.`);
  if (isOwn(subject) || subject.startsWith("_R_.")) {
    return true;
  }
  if (!subject.startsWith("_GR_.")) {
    return false;
  }
  const inbox = behindGateway(subject);
  return isOwn(inbox) || inbox.startsWith("_R_.");
}

/**
 * The text after `_INBOX_` in the first token of an inbox that {@link isInbox} accepts. For the inboxes of a role, it is
 * the name of the role.
 */
export function inboxLabel(subject: string): string | undefined {
  const inbox = subject.startsWith("_GR_.") ? behindGateway(subject) : subject;
  const end = inbox.indexOf(".");
  return inbox.startsWith(ROLE_INBOX) && end >= 0 ? inbox.slice(ROLE_INBOX.length, end) : undefined;
}

/** The inbox in a reply subject of a gateway, which adds three tokens. */
function behindGateway(subject: string): string {
  return subject.split(".").slice(3).join(".");
}
