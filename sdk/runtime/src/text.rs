//! The rules of constrained texts, and the macros that make newtypes of them.

use crate::check::wrong_length;
use crate::{CheckResult, Format, Violation};

/// What a text must look like.
#[derive(Clone, Copy, Debug)]
pub struct TextRule {
    length: Option<(u64, u64)>,
    pattern: Option<(&'static str, &'static [Run])>,
    format: Option<Format>,
    constant: Option<&'static str>,
}

/// One part of a pattern: a number of bytes out of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// One bit for each ASCII character.
    set: u128,
    min: u32,
    max: Option<u32>,
}

impl Run {
    /// A run of `min` to `max` characters (without a limit if `None`) out of `set`: ASCII characters and ranges such
    /// as `A-Z`; `-` stands for itself first or last, and a backslash makes the next character literal.
    ///
    /// # Panics
    /// When the set is not ASCII or ends in a backslash; in a constant, that is an error of the compiler.
    #[must_use]
    pub const fn new(set: &str, min: u32, max: Option<u32>) -> Self {
        let bytes = set.as_bytes();
        let mut bits = 0;
        let mut index = 0;
        while index < bytes.len() {
            if bytes[index] == b'\\' {
                index += 1;
            }
            let first = bytes[index];
            let is_range = index + 2 < bytes.len() && bytes[index + 1] == b'-';
            if is_range {
                index += 2;
                if bytes[index] == b'\\' {
                    index += 1;
                }
            }
            let mut byte = first;
            while byte <= bytes[index] {
                assert!(byte < 128, "a set is ASCII");
                bits |= 1 << byte;
                byte += 1;
            }
            index += 1;
        }
        Self {
            set: bits,
            min,
            max,
        }
    }

    const fn has(self, byte: u8) -> bool {
        byte < 128 && self.set >> byte & 1 == 1
    }

    /// The rest of `bytes` after this run, if it is there. Runs next to each other are disjoint (the generator sees
    /// to it), so taking as many as possible is never wrong.
    fn take(self, bytes: &[u8]) -> Option<&[u8]> {
        let limit = self
            .max
            .map_or(bytes.len(), |max| bytes.len().min(max as usize));
        let taken = bytes[..limit]
            .iter()
            .take_while(|byte| self.has(**byte))
            .count();
        (taken >= self.min as usize).then(|| &bytes[taken..])
    }
}

impl Default for TextRule {
    fn default() -> Self {
        Self::new()
    }
}

impl TextRule {
    /// The rule that every text obeys.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            length: None,
            pattern: None,
            format: None,
            constant: None,
        }
    }

    /// From `min` to `max` Unicode characters.
    #[must_use]
    pub const fn length(mut self, min: u64, max: u64) -> Self {
        self.length = Some((min, max));
        self
    }

    /// Exactly these runs one after the other; `pattern` is the regular expression to be shown to people.
    #[must_use]
    pub const fn pattern(mut self, pattern: &'static str, runs: &'static [Run]) -> Self {
        self.pattern = Some((pattern, runs));
        self
    }

    /// Of this format.
    #[must_use]
    pub const fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Only this text.
    #[must_use]
    pub const fn constant(mut self, text: &'static str) -> Self {
        self.constant = Some(text);
        self
    }

    /// Checks a text.
    ///
    /// # Errors
    /// When it breaks the rule; the error does not contain the text.
    pub fn check(&self, text: &str) -> CheckResult {
        if let Some(constant) = self.constant
            && constant != text
        {
            return Err(Violation::new(format!("expected `{constant}`")));
        }
        if let Some(reason) = self
            .length
            .and_then(|(min, max)| wrong_length(text, min, max))
        {
            return Err(Violation::new(reason));
        }
        if let Some((pattern, runs)) = self.pattern {
            let rest = runs
                .iter()
                .try_fold(text.as_bytes(), |rest, run| run.take(rest));
            if rest.is_none_or(|rest| !rest.is_empty()) {
                return Err(Violation::new(format!(
                    "expected a text that matches {pattern}"
                )));
            }
        }
        match self.format {
            Some(format) if !format.accepts(text) => {
                Err(Violation::new(format!("expected {format}")))
            }
            _ => Ok(()),
        }
    }
}

/// Makes a newtype of a `String` a checked one: it can only be made of a text that obeys its rule.
///
/// The type has an associated constant `RULE: TextRule`. `text!(WorkerId);` implements `TryFrom<String>`,
/// `TryFrom<&str>`, `FromStr` (each fails with a [`Violation`](crate::Violation)), `From<WorkerId> for String`,
/// `AsRef<str>`, `Display`, `Checked` and the method `as_str`.
#[macro_export]
macro_rules! text {
    ($name:ident) => {
        $crate::checked_text!($name);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::core::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// The same as [`text!`](crate::text!) for a secret: no `Display`, a `Debug` that hides the text, and `expose` in place
/// of `as_str`.
#[macro_export]
macro_rules! secret_text {
    ($name:ident) => {
        $crate::checked_text!($name);

        impl $name {
            /// The secret. Keep it out of logs.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    };
}

/// What [`text!`](crate::text!) and [`secret_text!`](crate::secret_text!) have in common.
#[doc(hidden)]
#[macro_export]
macro_rules! checked_text {
    ($name:ident) => {
        impl ::core::convert::TryFrom<::std::string::String> for $name {
            type Error = $crate::Violation;

            fn try_from(
                text: ::std::string::String,
            ) -> ::core::result::Result<Self, $crate::Violation> {
                Self::RULE.check(&text)?;
                Ok(Self(text))
            }
        }

        impl ::core::convert::TryFrom<&str> for $name {
            type Error = $crate::Violation;

            fn try_from(text: &str) -> ::core::result::Result<Self, $crate::Violation> {
                Self::try_from(::std::string::String::from(text))
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::Violation;

            fn from_str(text: &str) -> ::core::result::Result<Self, $crate::Violation> {
                Self::try_from(text)
            }
        }

        impl ::core::convert::From<$name> for ::std::string::String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl $crate::Checked for $name {
            fn check(&self, check: $crate::Check<'_>) -> $crate::CheckResult {
                check.finish()
            }
        }
    };
}
