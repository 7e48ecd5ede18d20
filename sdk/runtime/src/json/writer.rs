//! Writes JSON text, byte for byte as `serde_json` does.

use super::scan::plain_until;
use super::{Encode, Number, Tree};
use crate::json::Reader;
use crate::rule::Rule;
use crate::{Side, Violation};

/// Writes JSON text into a buffer, without white space.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
    /// Whether a rule judges a value around the one that is written.
    is_judged: bool,
}

/// Writes the members of one object.
#[derive(Debug)]
pub struct Members<'w> {
    writer: &'w mut Writer,
    is_first: bool,
}

impl Writer {
    /// Appends to a buffer.
    #[must_use]
    pub fn new(buffer: Vec<u8>) -> Self {
        Self {
            out: buffer,
            is_judged: false,
        }
    }

    /// What is written so far.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.out
    }

    /// The buffer, with all that is written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Writes `null`.
    #[inline]
    pub fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }

    /// Writes `true` or `false`.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        let word: &[u8] = if value { b"true" } else { b"false" };
        self.out.extend_from_slice(word);
    }

    /// Writes a text.
    #[inline]
    pub fn text(&mut self, text: &str) {
        push_quoted(&mut self.out, text);
    }

    /// Writes an integer.
    #[inline]
    pub fn unsigned(&mut self, value: u64) {
        let mut buffer = itoa::Buffer::new();
        self.out.extend_from_slice(buffer.format(value).as_bytes());
    }

    /// Writes an integer.
    #[inline]
    pub fn signed(&mut self, value: i64) {
        let mut buffer = itoa::Buffer::new();
        self.out.extend_from_slice(buffer.format(value).as_bytes());
    }

    /// Writes a number.
    ///
    /// # Errors
    /// When it is not finite.
    #[inline]
    pub fn number(&mut self, value: f64) -> Result<(), Violation> {
        if !value.is_finite() {
            return Err(Violation::new("expected a finite number"));
        }
        let mut buffer = zmij::Buffer::new();
        self.out
            .extend_from_slice(buffer.format_finite(value).as_bytes());
        Ok(())
    }

    /// Writes any value.
    ///
    /// # Errors
    /// When it has a key twice, or a number that is not finite.
    pub fn json<S: AsRef<str>>(&mut self, json: &Tree<S>) -> Result<(), Violation> {
        match json {
            Tree::Null => self.null(),
            Tree::Bool(value) => self.bool(*value),
            Tree::Number(Number::Unsigned(value)) => self.unsigned(*value),
            Tree::Number(Number::Signed(value)) => self.signed(*value),
            Tree::Number(Number::Float(value)) => return self.number(*value),
            Tree::Text(text) => self.text(text.as_ref()),
            Tree::Array(items) => return self.array(items),
            Tree::Object(members) => return members.encode(self),
        }
        Ok(())
    }

    /// Writes an object of the members that `members` writes.
    ///
    /// # Errors
    /// What `members` says.
    #[inline]
    pub fn object(
        &mut self,
        members: impl FnOnce(&mut Members<'_>) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        self.out.push(b'{');
        members(&mut Members {
            writer: self,
            is_first: true,
        })?;
        self.out.push(b'}');
        Ok(())
    }

    /// Writes a list.
    ///
    /// # Errors
    /// What is wrong with an item; its index is put into the pointer.
    #[inline]
    pub fn array<'v, T: Encode + 'v>(
        &mut self,
        items: impl IntoIterator<Item = &'v T>,
    ) -> Result<(), Violation> {
        self.out.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            item.encode(self)
                .map_err(|violation| violation.inside(&index.to_string()))?;
        }
        self.out.push(b']');
        Ok(())
    }

    /// Writes a value and judges its text by a rule, unless a rule already judges a value around it.
    ///
    /// # Errors
    /// What `write` says, or the rule.
    pub fn judged(
        &mut self,
        rule: &'static Rule,
        write: impl FnOnce(&mut Self) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        if self.is_judged {
            return write(self);
        }
        let start = self.out.len();
        self.is_judged = true;
        let outcome = write(self);
        self.is_judged = false;
        outcome?;
        let text = &self.out[start..];
        rule.judge(&Reader::from_bytes(text, Side::Request)?.json()?)
    }
}

impl Members<'_> {
    /// Writes a member.
    ///
    /// # Errors
    /// What is wrong with the value; the key is put into the pointer.
    #[inline]
    pub fn member(&mut self, key: &str, value: &(impl Encode + ?Sized)) -> Result<(), Violation> {
        let writer = &mut *self.writer;
        if !self.is_first {
            writer.out.push(b',');
        }
        self.is_first = false;
        writer.text(key);
        writer.out.push(b':');
        value
            .encode(writer)
            .map_err(|violation| violation.inside(key))
    }
}

/// Appends a text between quotes.
#[inline]
pub(super) fn push_quoted(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    out.push(b'"');
    let plain = plain_until(bytes, 0);
    out.extend_from_slice(&bytes[..plain]);
    if plain < bytes.len() {
        push_escaped(out, bytes, plain);
    }
    out.push(b'"');
}

/// Appends what is left of a text from a byte on that does not stand for itself.
#[inline(never)]
fn push_escaped(out: &mut Vec<u8>, bytes: &[u8], mut at: usize) {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x8 => out.extend_from_slice(b"\\b"),
            0xc => out.extend_from_slice(b"\\f"),
            other => {
                let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[digit(other >> 4), digit(other & 0xf)]);
            }
        }
        let plain = plain_until(bytes, at + 1);
        out.extend_from_slice(&bytes[at + 1..plain]);
        at = plain;
    }
}
