//! Subjects, and the conversion of values to subject tokens.
//!
//! A [`Template`] names the tokens of a subject, and a [`Param`] fills a token. Parameters are validated newtypes, and
//! their `Display` output is a single token. If a parameter violates this rule, each transport refuses the resulting
//! [`Subject`] before it sends anything.

mod template;

use std::borrow::Cow;
use std::fmt;

pub use template::{Param, Template, Tokens};

/// The maximum length of a parameter token in bytes.
pub(crate) const MAX_TOKEN: usize = 255;

/// The maximum length of a subject or pattern in bytes. A server closes the connection if a protocol line exceeds
/// `max_control_line` (4,096 bytes). Such a line contains a subject and a reply subject.
pub(crate) const MAX_SUBJECT: usize = 1_024;

/// The subject of a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(String);

/// The pattern of a subscription: a subject with wildcards. `*` matches a single token, and a final `>` matches all
/// remaining tokens, at least 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(String);

/// The leading tokens of all subjects of a protocol, e.g. `acme.fleet`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(Cow<'static, str>);

/// The reason why a text is not a valid subject, pattern or prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectError {
    text: String,
    reason: &'static str,
}

impl Subject {
    /// Parses a subject.
    ///
    /// # Errors
    /// If the text has an empty token, a wildcard, white space, a control character, a non-ASCII character, or more
    /// than 1,024 bytes.
    pub fn parse(text: &str) -> Result<Self, SubjectError> {
        check(text, Wildcards::Refused)?;
        Ok(Self(text.to_owned()))
    }

    /// Returns the text, e.g. `acme.fleet.cmd.w1.deploy`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Checks that a message can be published to this subject.
    ///
    /// # Errors
    /// If a parameter is not a valid token. The error contains the parameter.
    pub fn check(&self) -> Result<(), SubjectError> {
        check(&self.0, Wildcards::Refused)
    }
}

impl Pattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// Like [`Subject::parse`], but a token may be `*`, and the last token may be `>`.
    pub fn parse(text: &str) -> Result<Self, SubjectError> {
        check(text, Wildcards::Allowed)?;
        Ok(Self(text.to_owned()))
    }

    /// Returns the text, e.g. `acme.fleet.heartbeat.*`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Checks that a subscription to this pattern is possible.
    ///
    /// # Errors
    /// If a parameter is not a valid token. The error contains the parameter.
    pub fn check(&self) -> Result<(), SubjectError> {
        check(&self.0, Wildcards::Allowed)
    }

    /// Returns true if the pattern matches `subject`.
    #[must_use]
    pub fn matches(&self, subject: &str) -> bool {
        let mut tokens = subject.split('.');
        for wanted in self.0.split('.') {
            match (wanted, tokens.next()) {
                (">", Some(_)) => return true,
                ("*", Some(_)) => {}
                (wanted, Some(token)) if wanted == token => {}
                _ => return false,
            }
        }
        tokens.next().is_none()
    }
}

impl Prefix {
    /// Creates a prefix from a constant.
    ///
    /// # Panics
    /// If the text is not a valid prefix. In a constant this is a compile error.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        assert!(
            flaw(text, Wildcards::Refused).is_none(),
            "a prefix is one or more tokens joined by dots"
        );
        Self(Cow::Borrowed(text))
    }

    /// Parses a prefix, e.g. from a configuration.
    ///
    /// # Errors
    /// If the text does not consist of valid tokens that are joined by dots.
    pub fn parse(text: &str) -> Result<Self, SubjectError> {
        check(text, Wildcards::Refused)?;
        Ok(Self(Cow::Owned(text.to_owned())))
    }

    /// Returns the text, without a final dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the rest of `subject` after the prefix and its dot, if it starts with them.
    #[must_use]
    pub fn strip<'a>(&self, subject: &'a str) -> Option<&'a str> {
        subject.strip_prefix(self.as_str())?.strip_prefix('.')
    }
}

/// Whether wildcards are allowed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    /// In a subject.
    Refused,
    /// In a pattern.
    Allowed,
}

/// Checks a subject or a pattern directly before it is sent.
pub(crate) fn check(text: &str, wildcards: Wildcards) -> Result<(), SubjectError> {
    if is_plain(text.as_bytes()) {
        return Ok(());
    }
    match flaw(text, wildcards) {
        None => Ok(()),
        Some(reason) => Err(SubjectError::new(text, reason)),
    }
}

/// The first token of the reply subjects that a server creates for requests between accounts.
#[cfg(feature = "rpc")]
const SERVICE_REPLY: &str = "_R_";

/// The first token of the reply subjects that a server creates for requests between clusters. The reply subject of the
/// requester follows after two further tokens.
#[cfg(feature = "rpc")]
const GATEWAY_REPLY: &str = "_GR_";

/// The prefix of inboxes if the options of a connection set none.
#[cfg(feature = "rpc")]
pub(crate) const DEFAULT_INBOXES: &str = "_INBOX";

/// The first token of the inboxes of a role begins with this text; the name of the role follows.
#[cfg(feature = "rpc")]
pub(crate) const ROLE_INBOX: &str = "_INBOX_";

/// Returns true if `subject` is an inbox: it begins with `_INBOX` or with the tokens `own`, or a server created it for
/// such a subject. nats-server refuses requests of clients with a reply subject below `_R_` or `_GR_`.
#[cfg(feature = "rpc")]
pub(crate) fn is_inbox(subject: &str, own: &str) -> bool {
    let is_own = |subject: &str| {
        let rest = subject.strip_prefix(own);
        subject.starts_with("_INBOX") || rest.is_some_and(|rest| rest.starts_with('.'))
    };
    if is_own(subject) {
        return true;
    }
    match subject.split_once('.') {
        Some((SERVICE_REPLY, _)) => true,
        // The server delivers the reply to the rest, which must not be the subject of a request.
        Some((GATEWAY_REPLY, rest)) => rest
            .splitn(3, '.')
            .nth(2)
            .is_some_and(|rest| is_own(rest) || rest.starts_with("_R_.")),
        _ => false,
    }
}

/// Returns the text after `_INBOX_` in the first token of an inbox that [`is_inbox`] accepts. For the inboxes of a role,
/// it is the name of the role.
#[cfg(feature = "rpc")]
pub(crate) fn inbox_label(subject: &str) -> Option<&str> {
    let subject = match subject.split_once('.') {
        Some((GATEWAY_REPLY, rest)) => rest.splitn(3, '.').nth(2)?,
        _ => subject,
    };
    let (label, _) = subject.strip_prefix(ROLE_INBOX)?.split_once('.')?;
    Some(label)
}

/// A fast check that accepts most valid subjects; it runs for each message. It collects flags of a byte instead of stopping
/// at the first match, so that the compiler handles 16 bytes at a time.
fn is_plain(bytes: &[u8]) -> bool {
    let [first, .., last] = bytes else {
        return false;
    };
    let is_odd = |byte: u8| !matches!(byte, 0x21..=0x7e) || matches!(byte, b'*' | b'>');
    let odd = bytes
        .iter()
        .fold(0, |odd, byte| odd | u8::from(is_odd(*byte)));
    let is_gap = |(byte, next): (&u8, &u8)| *byte == b'.' && *next == b'.';
    let pairs = bytes.iter().zip(&bytes[1..]);
    let gaps = pairs.fold(0, |gaps, pair| gaps | u8::from(is_gap(pair)));
    bytes.len() <= MAX_SUBJECT && *first != b'.' && *last != b'.' && odd | gaps == 0
}

const fn flaw(text: &str, wildcards: Wildcards) -> Option<&'static str> {
    let bytes = text.as_bytes();
    if bytes.len() > MAX_SUBJECT {
        return Some("it is longer than 1,024 bytes");
    }
    let mut start = 0;
    let mut at = 0;
    while at <= bytes.len() {
        if at == bytes.len() || bytes[at] == b'.' {
            if at == start {
                return Some("it has an empty token");
            }
            start = at + 1;
        } else if bytes[at] == b'*' || bytes[at] == b'>' {
            let first = at == start;
            let last = at + 1 == bytes.len();
            let whole = first && (last || (bytes[at] == b'*' && bytes[at + 1] == b'.'));
            if !whole || matches!(wildcards, Wildcards::Refused) {
                return Some("it has a wildcard where none may stand");
            }
        } else if !bytes[at].is_ascii_graphic() {
            return Some("it has a character outside of printable ASCII");
        }
        at += 1;
    }
    None
}

/// Returns the reason why `token` is not a valid subject token.
const fn token_flaw(token: &str) -> Option<&'static str> {
    let bytes = token.as_bytes();
    if bytes.len() > MAX_TOKEN {
        return Some("is longer than 255 bytes");
    }
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'.' {
            return Some("has a dot");
        }
        at += 1;
    }
    match flaw(token, Wildcards::Refused) {
        None => None,
        Some(_) if bytes.is_empty() => Some("is empty"),
        Some(_) => Some("has a wildcard or a character outside of printable ASCII"),
    }
}

impl SubjectError {
    pub(crate) fn new(text: &str, reason: &'static str) -> Self {
        Self {
            text: text.chars().take(MAX_TOKEN).collect(),
            reason,
        }
    }
}

impl fmt::Display for SubjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} cannot be used as a subject: {}",
            self.text, self.reason
        )
    }
}

impl std::error::Error for SubjectError {}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.0
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_check_accepts_only_valid_subjects() {
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = texts.iter().flat_map(|text| {
                let characters = "aB.*> \u{1}\u{7f}\u{e4}".chars();
                characters.map(move |character| format!("{text}{character}"))
            });
            texts = longer.collect();
            for text in &texts {
                // A block of 16 bytes and its rest.
                for text in [text.clone(), format!("{text}{}", "a.b".repeat(6))] {
                    let is_valid = flaw(&text, Wildcards::Refused).is_none();
                    let is_short = text.len() < 2;
                    assert_eq!(is_plain(text.as_bytes()), is_valid && !is_short, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn subject_tokens_are_printable_and_joined_by_dots() {
        let long = "a".repeat(MAX_SUBJECT);
        for good in [
            "a",
            "a.b",
            "$SRV.PING",
            "_INBOX.x.1",
            "a-b_c.d:e",
            long.as_str(),
        ] {
            assert!(Subject::parse(good).is_ok(), "{good}");
        }
        let too_long = "a".repeat(MAX_SUBJECT + 1);
        let bad = [
            "",
            ".",
            ".a",
            "a.",
            "a..b",
            "a b",
            "a\tb",
            "a\r\nb",
            "a\0b",
            "a\u{a0}b",
            "é",
            "*",
            "a.*",
            "a.>",
            "a*",
            "a>b",
            too_long.as_str(),
        ];
        for bad in bad {
            assert!(Subject::parse(bad).is_err(), "{bad:?}");
            assert!(Prefix::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn pattern_wildcards_are_complete_tokens() {
        for good in ["*", ">", "a.*", "*.b", "a.*.c", "a.>", "*.>"] {
            assert!(Pattern::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "", "a*", "*a", "a.*b", "**", ">>", ">.a", "a.>.b", "a>", "*.", "a..>",
        ] {
            assert!(Pattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn pattern_matches_the_subjects_that_a_server_delivers() {
        let check = |pattern: &str, subject: &str, expected: bool| {
            assert_eq!(
                Pattern::parse(pattern).unwrap().matches(subject),
                expected,
                "{pattern} {subject}"
            );
        };
        check("a.b", "a.b", true);
        check("a.b", "a.b.c", false);
        check("a.b.c", "a.b", false);
        check("a.*", "a.b", true);
        check("a.*", "a", false);
        check("a.*", "a.b.c", false);
        check("*.b", "a.b", true);
        check("a.>", "a", false);
        check("a.>", "a.b", true);
        check("a.>", "a.b.c", true);
        check(">", "a", true);
    }

    #[cfg(feature = "rpc")]
    #[test]
    fn inbox_is_no_subject_of_requests() {
        for inbox in [
            "_INBOX.a.1",
            "_INBOX_w1.a.1",
            "_W1.a.1",
            "_R_.abc.def",
            "_GR_.cluster.server._INBOX.a.1",
            "_GR_.cluster.server._W1.a.1",
            "_GR_.cluster.server._R_.abc",
        ] {
            assert!(is_inbox(inbox, "_W1"), "{inbox}");
        }
        for other in [
            "acme.cmd.w1.drain",
            "_W1",
            "_W10.a",
            "_W2.a",
            "_R_",
            "_R_x.a",
            "_GR_",
            "_GR_.cluster.server",
            "_GR_.cluster.server.acme.cmd.w1.drain",
            "_GR_._INBOX.a",
            "_GR_.cluster.server._GR_.cluster.server.acme.cmd",
            "$SYS.REQ.SERVER.PING",
            "$JS.API.STREAM.DELETE.S",
        ] {
            assert!(!is_inbox(other, "_W1"), "{other}");
        }
    }

    #[cfg(feature = "rpc")]
    #[test]
    fn inbox_label_is_the_rest_of_the_first_token() {
        for (inbox, label) in [
            ("_INBOX_worker.w0.a.1", Some("worker")),
            ("_GR_.cluster.server._INBOX_worker.w0.a.1", Some("worker")),
            ("_INBOX_w1", None),
            ("_INBOX.worker.w0.a.1", None),
            ("_R_.abc.def", None),
            ("_GR_.cluster", None),
            ("acme._INBOX_worker.w0", None),
        ] {
            assert_eq!(inbox_label(inbox), label, "{inbox}");
        }
    }

    #[test]
    fn prefix_is_stripped_only_as_complete_tokens() {
        let prefix = Prefix::from_static("acme.fleet");
        assert_eq!(prefix.strip("acme.fleet.cmd.w1"), Some("cmd.w1"));
        assert_eq!(prefix.strip("acme.fleets.cmd"), None);
        assert_eq!(prefix.strip("acme.fleet"), None);
    }
}
