//! The position of a reader, and its basic steps.

use super::lookahead::Lookahead;
use super::reader::Reader;
use crate::codec::violation::Violation;

impl<'a> Reader<'a> {
    /// Returns a reader at the same position for a lookahead. It has no limit of items, and it does not copy the buffer
    /// for strings, which can be large.
    pub(super) fn lookahead(&self) -> Self {
        Self {
            most: usize::MAX,
            known: Lookahead::default(),
            room: Vec::new(),
            ..*self
        }
    }

    #[inline]
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    pub(crate) fn source(&self) -> &'a str {
        self.text
    }

    #[inline]
    pub(super) fn at(&self) -> usize {
        self.at
    }

    #[inline]
    pub(super) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    #[inline]
    pub(super) fn byte(&self) -> Option<u8> {
        self.bytes().get(self.at).copied()
    }

    pub(super) fn is_too_long(&self) -> bool {
        self.whole.len() > self.text.len()
    }

    /// Skips white space and returns the next byte; 0 at the end.
    #[inline]
    pub(super) fn next_byte(&mut self) -> u8 {
        match self.byte() {
            Some(byte) if byte > b' ' => byte,
            _ => self.behind_space(),
        }
    }

    #[inline(never)]
    fn behind_space(&mut self) -> u8 {
        let rest = self.bytes().get(self.at..).unwrap_or_default();
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        let spaces = rest.iter().take_while(|byte| is_space(byte)).count();
        self.at += spaces;
        rest.get(spaces).copied().unwrap_or_default()
    }

    /// Consumes a keyword if it is next.
    #[inline]
    pub(super) fn take(&mut self, word: &str) -> bool {
        let is_next = self.bytes()[self.at..].starts_with(word.as_bytes());
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    /// Consumes a keyword with a known first byte.
    #[inline]
    pub(super) fn literal_word(&mut self, word: &str) -> Result<(), Violation> {
        if self.take(word) {
            Ok(())
        } else {
            Err(self.no_word(word))
        }
    }

    #[cold]
    #[inline(never)]
    fn no_word(&self, word: &str) -> Violation {
        let rest = &self.bytes()[self.at..];
        let right = rest
            .iter()
            .zip(word.as_bytes())
            .take_while(|(byte, letter)| byte == letter)
            .count();
        let what = if right == rest.len() {
            "EOF while parsing a value"
        } else {
            "expected ident"
        };
        self.syntax(what, self.at + right)
    }

    #[inline]
    pub(super) fn count(&mut self, values: u32) -> Result<(), Violation> {
        match self.values.checked_sub(values) {
            Some(left) => {
                self.values = left;
                Ok(())
            }
            None => Err(self.too_many()),
        }
    }
}
