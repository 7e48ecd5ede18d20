//! The constraints of strings, and the types with such constraints.

mod borrowed;

pub use borrowed::{PlainText, TextRef, TextType};

use std::fmt;

use super::Measure;
use crate::codec::format::Format;
use crate::codec::reason;
use crate::codec::violation::Violation;

/// The constraint of a string.
#[derive(Clone, Copy, Debug)]
pub struct TextConstraint {
    length: Option<(u64, u64)>,
    pattern: Option<(&'static str, &'static [Run])>,
    format: Option<Format>,
    constant: Option<&'static str>,
}

/// A part of a pattern: a number of bytes out of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// A bit for each byte.
    set: [u64; 4],
    min: u32,
    max: Option<u32>,
}

impl Run {
    /// Creates a run of `min` to `max` characters out of `set`; `None` means no upper limit. The set consists of ASCII
    /// characters and of ranges such as `A-Z`. A `-` at the start or at the end is a literal, and a backslash makes the
    /// next character a literal.
    ///
    /// # Panics
    /// If the set is not ASCII or ends in a backslash. In a constant this is a compile error.
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

    /// Returns the rest of `bytes` after this run, if the run matches. The generator ensures that adjacent runs are
    /// disjoint, so the longest match is always correct.
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
    /// Creates a constraint that accepts every string.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            length: None,
            pattern: None,
            format: None,
            constant: None,
        }
    }

    /// Requires `min` to `max` Unicode characters.
    #[must_use]
    pub const fn length(mut self, min: u64, max: u64) -> Self {
        self.length = Some((min, max));
        self
    }

    /// Requires exactly these runs in sequence. `pattern` is the regular expression for diagnostics.
    #[must_use]
    pub const fn pattern(mut self, pattern: &'static str, runs: &'static [Run]) -> Self {
        self.pattern = Some((pattern, runs));
        self
    }

    /// Requires this format.
    #[must_use]
    pub const fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Requires exactly this string.
    #[must_use]
    pub const fn constant(mut self, text: &'static str) -> Self {
        self.constant = Some(text);
        self
    }

    /// Checks a string.
    ///
    /// # Errors
    /// If the string violates the constraint. The error does not contain the string.
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
