//! What is wrong with a value, and where.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

/// Room for the trail of most pointers, in bytes.
const TRAIL: usize = 64;

/// What is wrong with a value. The reason never contains the value itself: it may be a secret.
#[derive(Clone)]
pub struct Violation(Box<Parts>);

// Behind one pointer: what goes right carries room for it in every result.
#[derive(Clone)]
struct Parts {
    scope: Scope,
    /// The escaped tokens of the pointer, the innermost first, each with a `/` behind it: so putting one in front of the
    /// others costs its own length only, however hostile they are.
    trail: String,
    /// The pointer, once somebody asked for it.
    pointer: OnceLock<String>,
    reason: Cow<'static, str>,
}

/// What a violation is about.
#[derive(Clone, Copy)]
enum Scope {
    /// The value at hand.
    Value,
    /// The object or list that the value at hand belongs to.
    Parent,
    /// The whole text, so that its pointer stays empty.
    Text,
}

impl Violation {
    /// Says what is expected of a value that is not it, e.g. `expected at most 64 characters`.
    #[cold]
    #[must_use]
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::about(Scope::Value, reason.into())
    }

    /// Says what is expected of the object or list around the value at hand: the first token that would go in front
    /// of the pointer is left out.
    #[cold]
    pub(crate) fn of_parent(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::about(Scope::Parent, reason.into())
    }

    /// Says what is wrong with the whole text, wherever that is found: no token goes in front of the pointer.
    #[cold]
    pub(crate) fn of_text(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::about(Scope::Text, reason.into())
    }

    fn about(scope: Scope, reason: Cow<'static, str>) -> Self {
        Self(Box::new(Parts {
            scope,
            trail: String::new(),
            pointer: OnceLock::new(),
            reason,
        }))
    }

    /// The same, seen from outside of the member or item that `token` names: it goes in front of the pointer.
    #[cold]
    #[must_use]
    pub fn inside(mut self, token: &str) -> Self {
        match self.0.scope {
            Scope::Value => {
                self.0.pointer = OnceLock::new();
                // Once for most pointers.
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

    /// The JSON pointer of the offending value; empty for the value itself.
    #[must_use]
    pub fn pointer(&self) -> &str {
        self.0.pointer.get_or_init(|| self.0.pointer())
    }

    /// What is expected there.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Pointer and reason.
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
        f.write_str(self.reason())?;
        if self.pointer().is_empty() {
            Ok(())
        } else {
            write!(f, " at {}", self.pointer())
        }
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

/// The member or item that a token of a JSON pointer names.
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
    fn a_pointer_grows_from_the_inside() {
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
    fn a_result_with_a_violation_is_no_larger_than_a_pointer() {
        assert_eq!(size_of::<Result<(), Violation>>(), size_of::<usize>());
    }
}
