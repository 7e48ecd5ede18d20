//! A violation: a reason and its location.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use crate::codec::error::write_reason;
use crate::codec::reason;

/// The initial capacity of the trail in bytes, sufficient for most pointers.
const TRAIL: usize = 64;

/// A violation of a schema. The reason never contains the value, which can be a secret.
#[derive(Clone)]
pub struct Violation(Box<Parts>);

// Boxed, so that results without a violation stay small.
#[derive(Clone)]
struct Parts {
    kind: ViolationKind,
    scope: Scope,
    /// The escaped tokens of the pointer in reverse order, each followed by `/`. So adding an outer token costs only
    /// its own length, even for hostile input.
    trail: String,
    /// The pointer, computed at its first use.
    pointer: OnceLock<String>,
    reason: Cow<'static, str>,
}

/// The kind of a violation, for callers that handle some kinds in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ViolationKind {
    /// The text is not JSON, or exceeds the limit of its length.
    Syntax,
    /// An object has two members with the same name.
    DuplicateMember,
    /// A value is nested too deeply.
    Depth,
    /// A value breaks another rule.
    Value,
}

/// The value that a violation refers to.
#[derive(Clone, Copy)]
enum Scope {
    /// The current value.
    Value,
    /// The object or array that contains the current value.
    Parent,
    /// The complete text, so that the pointer stays empty.
    Text,
}

impl Violation {
    /// Creates a violation from the expected value, e.g. `expected at most 64 characters`.
    #[cold]
    #[must_use]
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::about(Scope::Value, reason)
    }

    /// Creates a violation of the object or array that contains the current value. The first outer token is not added
    /// to the pointer.
    #[cold]
    pub(crate) fn of_parent(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::about(Scope::Parent, reason)
    }

    /// Creates a violation of the complete text. No token is added to the pointer.
    #[cold]
    pub(crate) fn of_text(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::about(Scope::Text, reason).of_kind(ViolationKind::Syntax)
    }

    /// Creates a violation of an object with two members `name`.
    #[cold]
    pub(crate) fn duplicate(name: &str) -> Self {
        Self::new(reason::one_member(name)).of_kind(ViolationKind::DuplicateMember)
    }

    /// Creates a violation of the object that contains the current value, the second member `name`.
    #[cold]
    pub(crate) fn duplicate_in_parent(name: &str) -> Self {
        Self::of_parent(reason::one_member(name)).of_kind(ViolationKind::DuplicateMember)
    }

    fn about(scope: Scope, reason: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Parts {
            kind: ViolationKind::Value,
            scope,
            trail: String::new(),
            pointer: OnceLock::new(),
            reason: reason.into(),
        }))
    }

    /// Sets the kind.
    #[cold]
    #[must_use]
    pub(crate) fn of_kind(mut self, kind: ViolationKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> ViolationKind {
        self.0.kind
    }

    /// Adds the member or item `token` of the container to the pointer.
    #[cold]
    #[must_use]
    pub fn inside(mut self, token: &str) -> Self {
        match self.0.scope {
            Scope::Value => {
                self.0.pointer = OnceLock::new();
                // A single allocation for most pointers.
                if self.0.trail.capacity() == 0 {
                    self.0.trail.reserve(TRAIL.max(token.len() + 1));
                }
                push_escaped(&mut self.0.trail, token);
                self.0.trail.push('/');
            }
            Scope::Parent => self.0.scope = Scope::Value,
            Scope::Text => {}
        }
        self
    }

    /// Returns the JSON pointer of the invalid value; empty for the value itself.
    #[must_use]
    pub fn pointer(&self) -> &str {
        self.0.pointer.get_or_init(|| self.0.pointer())
    }

    /// Returns the expected value.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Returns whether the violation concerns the complete text.
    pub(crate) fn is_of_text(&self) -> bool {
        matches!(self.0.scope, Scope::Text)
    }

    /// Returns the number of tokens of the pointer.
    pub(crate) fn depth(&self) -> usize {
        self.0.trail.bytes().filter(|byte| *byte == b'/').count()
    }

    /// Returns pointer and reason.
    pub(crate) fn into_parts(self) -> (String, String) {
        let mut parts = *self.0;
        let known = parts.pointer.take();
        let pointer = known.unwrap_or_else(|| parts.pointer());
        (pointer, parts.reason.into_owned())
    }
}

impl Parts {
    fn pointer(&self) -> String {
        let mut pointer = String::with_capacity(self.trail.len());
        for token in self.trail.split_terminator('/').rev() {
            pointer.push('/');
            pointer.push_str(token);
        }
        pointer
    }
}

impl PartialEq for Violation {
    fn eq(&self, other: &Self) -> bool {
        (self.pointer(), self.reason()) == (other.pointer(), other.reason())
    }
}

impl Eq for Violation {}

impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Violation")
            .field("pointer", &self.pointer())
            .field("reason", &self.0.reason)
            .finish()
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_reason(f, self.pointer(), self.reason())
    }
}

impl std::error::Error for Violation {}

fn push_escaped(text: &mut String, token: &str) {
    if !token.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        return text.push_str(token);
    }
    for character in token.chars() {
        match character {
            '~' => text.push_str("~0"),
            '/' => text.push_str("~1"),
            other => text.push(other),
        }
    }
}

/// Decodes a token of a JSON pointer.
pub(crate) fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        token.replace("~1", "/").replace("~0", "~").into()
    } else {
        token.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(violation: Violation, tokens: &[&str]) -> Violation {
        tokens
            .iter()
            .rev()
            .fold(violation, |violation, token| violation.inside(token))
    }

    #[test]
    fn violation_pointer_grows_from_the_inside() {
        let check = |violation: Violation, tokens: &[&str], text: &str| {
            assert_eq!(inside(violation, tokens).to_string(), text);
        };
        check(Violation::new("expected x"), &[], "expected x");
        check(
            Violation::new("expected x"),
            &["0", "a/b~c"],
            "expected x at /0/a~1b~0c",
        );
        check(Violation::new("expected x"), &["", ""], "expected x at //");
        check(
            Violation::of_parent("expected x"),
            &["a", "b"],
            "expected x at /a",
        );
        check(Violation::of_text("expected x"), &["a", "b"], "expected x");
    }

    #[test]
    fn violation_in_a_result_has_the_size_of_a_pointer() {
        assert_eq!(size_of::<Result<(), Violation>>(), size_of::<usize>());
    }
}
