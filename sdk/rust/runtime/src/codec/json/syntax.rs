//! Violations for text that is not JSON, with the wording of `serde_json`. All functions are off the hot path.

use std::borrow::Cow;

use super::reader::Reader;
use crate::codec::violation::{Violation, ViolationKind};

impl Reader<'_> {
    /// The text is not JSON because of the byte at `at`, or because it ends there.
    #[cold]
    #[inline(never)]
    pub(super) fn syntax(&self, what: &str, at: usize) -> Violation {
        if self.is_too_long() {
            let reason = format!("expected at most {} bytes", self.limits.length);
            return Violation::of_text(reason);
        }
        let bytes = self.bytes();
        let before = &bytes[..bytes.len().min(at + 1)];
        let line = 1 + line_feeds(before);
        let column = match line {
            1 => before.len(),
            _ => before
                .iter()
                .rev()
                .take_while(|byte| **byte != b'\n')
                .count(),
        };
        let (mut lines, mut columns) = (itoa::Buffer::new(), itoa::Buffer::new());
        let (line, column) = (lines.format(line), columns.format(column));
        let words = [
            "expected JSON, but ",
            what,
            " at line ",
            line,
            " column ",
            column,
        ];
        Violation::of_text(words.concat())
    }

    /// A value is missing.
    #[cold]
    #[inline(never)]
    pub(super) fn no_value(&self) -> Violation {
        let what = match self.byte() {
            None if self.bytes()[..self.at()].trim_ascii_end().ends_with(b"[") => {
                "EOF while parsing a list"
            }
            None => "EOF while parsing a value",
            Some(b']') if self.is_behind_comma() => "trailing comma",
            Some(_) => "expected value",
        };
        self.syntax(what, self.at())
    }

    /// A key is missing.
    #[cold]
    #[inline(never)]
    pub(super) fn no_key(&self) -> Violation {
        let what = match self.byte() {
            None if self.is_behind_comma() => "EOF while parsing a value",
            None => "EOF while parsing an object",
            Some(b'}') => "trailing comma",
            Some(_) => "key must be a string",
        };
        self.syntax(what, self.at())
    }

    /// Neither a comma nor the end of the object or array follows.
    #[cold]
    #[inline(never)]
    pub(super) fn no_end(&self, bracket: u8) -> Violation {
        if bracket == b'}' {
            self.unexpected("EOF while parsing an object", "expected `,` or `}`")
        } else {
            self.unexpected("EOF while parsing a list", "expected `,` or `]`")
        }
    }

    /// The next byte is not among the expected bytes.
    #[cold]
    #[inline(never)]
    pub(super) fn unexpected(&self, at_end: &str, otherwise: &str) -> Violation {
        let what = if self.byte().is_none() {
            at_end
        } else {
            otherwise
        };
        self.syntax(what, self.at())
    }

    /// The next value has another type, or is not JSON.
    #[cold]
    #[inline(never)]
    pub(super) fn mistyped(&self, expected: impl Into<Cow<'static, str>>) -> Violation {
        match self.lookahead().skip() {
            Ok(()) => Violation::new(expected),
            Err(violation) => violation,
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn too_deep(&self) -> Violation {
        let depth = self.limits.depth;
        Violation::new(format!("expected at most {depth} levels")).of_kind(ViolationKind::Depth)
    }

    #[cold]
    #[inline(never)]
    pub(super) fn too_many(&self) -> Violation {
        let count = self.limits.count;
        Violation::new(format!("expected at most {count} values in all"))
    }

    fn is_behind_comma(&self) -> bool {
        let before = self.bytes()[..self.at()].trim_ascii_end();
        before.last() == Some(&b',')
    }
}

/// Counts line feeds. The sums are single bytes, so that compilers vectorize them; the message can be long.
fn line_feeds(bytes: &[u8]) -> usize {
    let few = |chunk: &[u8]| {
        chunk
            .iter()
            .map(|byte| u8::from(*byte == b'\n'))
            .sum::<u8>()
    };
    bytes
        .chunks(usize::from(u8::MAX))
        .map(|chunk| usize::from(few(chunk)))
        .sum()
}
