//! What is wrong with a value, and where.

use std::borrow::Cow;
use std::fmt;

/// What is wrong with a value. The reason never contains the value itself: it may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Violation(Box<Parts>);

// Behind one pointer: what goes right carries room for it in every result.
#[derive(Clone, PartialEq, Eq)]
struct Parts {
    pointer: String,
    reason: Cow<'static, str>,
}

impl Violation {
    /// Says what is expected of a value that is not it, e.g. `expected at most 64 characters`.
    #[cold]
    #[must_use]
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::at(String::new(), reason)
    }

    /// Says what is expected at the place that a JSON pointer names.
    #[cold]
    #[must_use]
    pub fn at(pointer: impl Into<String>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Parts {
            pointer: pointer.into(),
            reason: reason.into(),
        }))
    }

    /// The same, seen from outside of the member or item that `token` names: it goes in front of the pointer.
    #[cold]
    #[must_use]
    pub fn inside(mut self, token: &str) -> Self {
        let mut pointer = String::with_capacity(token.len() + 1 + self.0.pointer.len());
        push_token(&mut pointer, token);
        pointer.push_str(&self.0.pointer);
        self.0.pointer = pointer;
        self
    }

    /// The JSON pointer of the offending value; empty for the value itself.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.0.pointer
    }

    /// What is expected there.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Pointer and reason.
    #[must_use]
    pub fn into_parts(self) -> (String, String) {
        (self.0.pointer, self.0.reason.into_owned())
    }
}

impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Violation")
            .field("pointer", &self.0.pointer)
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

/// Appends one reference token to a JSON pointer.
pub(crate) fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    for character in token.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_grows_from_the_inside() {
        let violation = Violation::new("expected a text")
            .inside("a/b~c")
            .inside("0");
        assert_eq!(violation.pointer(), "/0/a~1b~0c");
        assert_eq!(violation.to_string(), "expected a text at /0/a~1b~0c");
    }

    #[test]
    fn a_result_with_a_violation_is_no_larger_than_a_pointer() {
        assert_eq!(size_of::<Result<(), Violation>>(), size_of::<usize>());
    }
}
