//! Subjects, and the only way in which text gets into one.
//!
//! A [`Template`] names the tokens of a subject; a [`Param`] fills one. Parameters are checked newtypes, so that what
//! they display is one token; a parameter that breaks that promise yields a [`Subject`] that every transport refuses
//! before anything is sent.

mod template;

use std::borrow::Cow;
use std::fmt;

pub use template::{Param, Template, Tokens};

/// The longest token in bytes that a parameter may fill.
pub(crate) const MAX_TOKEN: usize = 128;

/// The longest subject or pattern in bytes. A server closes the connection of whoever sends a line above its
/// `max_control_line` (4,096), which holds a subject and a reply subject.
pub(crate) const MAX_SUBJECT: usize = 1_024;

/// What a message is published to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(String);

/// What a subscription takes: a subject in which `*` is any one token and `>` at the end any further ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(String);

/// The leading tokens that all subjects of one protocol share, e.g. `acme.fleet`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(Cow<'static, str>);

/// Why a text is no subject, pattern or prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectError {
    text: String,
    reason: &'static str,
}

impl Subject {
    /// Takes `text` as a subject.
    ///
    /// # Errors
    /// When it has an empty token, a wildcard, white space, a control or non-ASCII character, or more than
    /// [`MAX_SUBJECT`] bytes.
    pub fn parse(text: &str) -> Result<Self, SubjectError> {
        check(text, Wildcards::Refused)?;
        Ok(Self(text.to_owned()))
    }

    /// Its text, e.g. `acme.fleet.cmd.w1.deploy`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it can be published to: false only where a parameter was no token.
    ///
    /// # Errors
    /// When it cannot, with the parameter in the text.
    pub fn check(&self) -> Result<(), SubjectError> {
        check(&self.0, Wildcards::Refused)
    }
}

impl Pattern {
    /// Takes `text` as a pattern.
    ///
    /// # Errors
    /// Like [`Subject::parse`], but whole tokens `*`, and `>` as the last one, are allowed.
    pub fn parse(text: &str) -> Result<Self, SubjectError> {
        check(text, Wildcards::Allowed)?;
        Ok(Self(text.to_owned()))
    }

    /// Its text, e.g. `acme.fleet.heartbeat.*`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it can be subscribed to: false only where a parameter was no token.
    ///
    /// # Errors
    /// When it cannot, with the parameter in the text.
    pub fn check(&self) -> Result<(), SubjectError> {
        check(&self.0, Wildcards::Allowed)
    }

    /// Whether a message to `subject` is one of those that it takes.
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
    /// Takes a prefix known when compiling.
    ///
    /// # Panics
    /// When it is not one: in a constant that is an error of the compiler.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        assert!(
            flaw(text, Wildcards::Refused).is_none(),
            "a prefix is one or more tokens joined by dots"
        );
        Self(Cow::Borrowed(text))
    }

    /// Takes a prefix, e.g. from a configuration.
    ///
    /// # Errors
    /// When it is not one or more tokens joined by dots.
    pub fn parse(text: &str) -> Result<Self, SubjectError> {
        check(text, Wildcards::Refused)?;
        Ok(Self(Cow::Owned(text.to_owned())))
    }

    /// Its text, without a dot at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the prefix and its dot in `subject`, if that begins with them.
    #[must_use]
    pub fn strip<'a>(&self, subject: &'a str) -> Option<&'a str> {
        subject.strip_prefix(self.as_str())?.strip_prefix('.')
    }
}

/// Whether wildcards may stand in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    /// In a subject.
    Refused,
    /// In a pattern.
    Allowed,
}

/// Checks a subject or a pattern, the last thing before it leaves.
pub(crate) fn check(text: &str, wildcards: Wildcards) -> Result<(), SubjectError> {
    if is_plain(text.as_bytes()) {
        return Ok(());
    }
    match flaw(text, wildcards) {
        None => Ok(()),
        Some(reason) => Err(SubjectError::new(text, reason)),
    }
}

/// Whether a text is a subject at first sight, which most are: this runs with each message. It counts, and does not
/// stop at the first find, so that many bytes are looked at in one step.
fn is_plain(bytes: &[u8]) -> bool {
    let [first, .., last] = bytes else {
        return false;
    };
    let is_odd = |byte: &&u8| !matches!(byte, 0x21..=0x7e) || matches!(byte, b'*' | b'>');
    let is_gap = |pair: &(&u8, &u8)| *pair.0 == b'.' && *pair.1 == b'.';
    bytes.len() <= MAX_SUBJECT
        && *first != b'.'
        && *last != b'.'
        && bytes.iter().filter(is_odd).count() == 0
        && bytes.iter().zip(&bytes[1..]).filter(is_gap).count() == 0
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

/// Why `token` cannot be one token of a subject.
const fn token_flaw(token: &str) -> Option<&'static str> {
    let bytes = token.as_bytes();
    if bytes.len() > MAX_TOKEN {
        return Some("is longer than 128 bytes");
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
    fn a_subject_is_printable_tokens_joined_by_dots() {
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
    fn wildcards_are_whole_tokens_of_a_pattern() {
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
    fn a_pattern_takes_what_a_server_would_deliver() {
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

    #[test]
    fn a_prefix_is_stripped_only_as_whole_tokens() {
        let prefix = Prefix::from_static("acme.fleet");
        assert_eq!(prefix.strip("acme.fleet.cmd.w1"), Some("cmd.w1"));
        assert_eq!(prefix.strip("acme.fleets.cmd"), None);
        assert_eq!(prefix.strip("acme.fleet"), None);
    }
}
