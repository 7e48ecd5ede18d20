//! The assertions of constrained texts, and the types that obey them.

mod borrowed;

pub use borrowed::{PlainText, TextRef, TextType};

use std::fmt;

use super::Measure;
use crate::codec::format::Format;
use crate::codec::reason;
use crate::codec::violation::Violation;

/// What a text must look like.
#[derive(Clone, Copy, Debug)]
pub struct TextConstraint {
    length: Option<(u64, u64)>,
    pattern: Option<(&'static str, &'static [Run])>,
    format: Option<Format>,
    constant: Option<&'static str>,
}

/// One part of a pattern: a number of bytes out of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// One bit for each byte.
    set: [u64; 4],
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
        let mut set = [0; 4];
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
                set[(byte >> 6) as usize] |= 1 << (byte & 63);
                byte += 1;
            }
            index += 1;
        }
        Self { set, min, max }
    }

    #[inline]
    const fn has(&self, byte: u8) -> bool {
        self.set[(byte >> 6) as usize] >> (byte & 63) & 1 == 1
    }

    /// The rest of `bytes` after this run, if it is there. Runs next to each other are disjoint (the generator sees
    /// to it), so taking as many as possible is never wrong.
    #[inline]
    fn take<'t>(&self, bytes: &'t [u8]) -> Option<&'t [u8]> {
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

impl Default for TextConstraint {
    fn default() -> Self {
        Self::new()
    }
}

impl TextConstraint {
    /// The assertion that every text obeys.
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
    /// When it breaks the assertion; the error does not contain the text.
    #[inline]
    pub fn check(&self, text: &str) -> Result<(), Violation> {
        if let Some(constant) = self.constant
            && constant != text
        {
            return Err(wrong(format_args!("`{constant}`")));
        }
        if let Some((min, max)) = self.length {
            text.measure(min, max)?;
        }
        if let Some((pattern, runs)) = self.pattern {
            let rest = runs
                .iter()
                .try_fold(text.as_bytes(), |rest, run| run.take(rest));
            if rest.is_none_or(|rest| !rest.is_empty()) {
                return Err(Violation::new(reason::matching(pattern)));
            }
        }
        match self.format {
            Some(format) if !format.accepts(text) => Err(wrong(format_args!("{format}"))),
            _ => Ok(()),
        }
    }
}

#[cold]
fn wrong(expected: fmt::Arguments<'_>) -> Violation {
    Violation::new(format!("expected {expected}"))
}
