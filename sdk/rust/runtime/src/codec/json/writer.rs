//! Writes JSON text, byte for byte as `serde_json` does.

use std::mem;

use bytes::Bytes;

use super::encode::Encode;
use super::name::Name;
use super::scan::{copy_few, copy_plain, copy_until};
use crate::codec::violation::Violation;

/// Bytes of a buffer at the least.
const ROOM: usize = 256;

/// Bytes from which on a copy costs more than a new buffer: memory comes from the system, page by page, either way.
const LARGE: usize = 128 << 10;

/// Bytes of an escape at the most.
const ESCAPE: usize = r"\u0000".len();

/// Writes JSON text into a buffer, without white space.
#[derive(Debug, Default)]
pub struct Writer {
    /// What is written, and room that is ready to be written to.
    buffer: Vec<u8>,
    /// Where what is written ends.
    end: usize,
    /// Whether an assertion validates a value around the current one.
    is_validated: bool,
}

/// Writes the members of one object.
#[derive(Debug)]
pub struct Members<'w> {
    writer: &'w mut Writer,
}

impl Writer {
    /// Appends to a buffer.
    #[must_use]
    pub const fn new(buffer: Vec<u8>) -> Self {
        Self {
            end: buffer.len(),
            buffer,
            is_validated: false,
        }
    }

    /// What is written so far.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.buffer[..self.end]
    }

    /// Forgets what is written and keeps the room: to be used again.
    pub(crate) fn clear(&mut self) {
        self.end = 0;
        self.is_validated = false;
    }

    /// Hands over what is written: a copy, or the buffer itself where it is large, for a new one of its size.
    pub(crate) fn take(&mut self) -> Bytes {
        if self.end < LARGE {
            return Bytes::copy_from_slice(self.as_bytes());
        }
        let room = vec![0; self.buffer.len()];
        let mut buffer = mem::replace(&mut self.buffer, room);
        buffer.truncate(self.end);
        self.end = 0;
        buffer.into()
    }

    /// Bytes that fit without asking for more memory, those that are written among them.
    pub(crate) fn room(&self) -> usize {
        self.buffer.capacity()
    }

    /// The buffer, with all that is written.
    #[must_use]
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.buffer.truncate(self.end);
        self.buffer
    }

    /// Writes `null`.
    #[inline]
    pub fn null(&mut self) {
        self.put(b"null");
    }

    /// Writes `true` or `false`.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        if value {
            self.put(b"true");
        } else {
            self.put(b"false");
        }
    }

    /// Writes a text.
    #[inline]
    pub fn text(&mut self, text: &str) {
        self.quoted(text, false);
    }

    /// Writes an integer.
    #[inline]
    pub fn unsigned(&mut self, value: u64) {
        let mut buffer = itoa::Buffer::new();
        self.put(buffer.format(value).as_bytes());
    }

    /// Writes an integer.
    #[inline]
    pub fn signed(&mut self, value: i64) {
        let mut buffer = itoa::Buffer::new();
        self.put(buffer.format(value).as_bytes());
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
        self.put(buffer.format_finite(value).as_bytes());
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
        self.put(b"{");
        members(&mut Members { writer: self })?;
        self.close(b'}');
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
        self.put(b"[");
        for (index, item) in items.into_iter().enumerate() {
            item.encode(self)
                .map_err(|violation| violation.inside(&index.to_string()))?;
            self.put(b",");
        }
        self.close(b']');
        Ok(())
    }

    /// Begins the value that an assertion validates. Returns its start, unless it is inside such a value.
    pub(in crate::codec) fn begin_validated(&mut self) -> Option<usize> {
        if self.is_validated {
            return None;
        }
        self.is_validated = true;
        Some(self.end)
    }

    /// Ends the value that began at `start`. Returns its text.
    pub(in crate::codec) fn end_validated(&mut self, start: usize) -> &[u8] {
        self.is_validated = false;
        &self.buffer[start..self.end]
    }
}

impl Writer {
    /// Writes bytes as they are.
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let end = self.end + bytes.len();
        if end > self.buffer.len() {
            self.grow(end);
        }
        copy_few(bytes, &mut self.buffer[self.end..end]);
        self.end = end;
    }

    /// Ends an object or a list, in the place of the comma behind its last member or item.
    #[inline]
    fn close(&mut self, bracket: u8) {
        match self.buffer[..self.end].last_mut() {
            Some(last) if *last == b',' => *last = bracket,
            _ => self.put(&[bracket]),
        }
    }

    /// Writes a text, and the colon behind it if it is a key.
    #[inline(never)]
    fn quoted(&mut self, text: &str, is_key: bool) {
        const CLOSE: &[u8; 2] = b"\":";
        let bytes = text.as_bytes();
        let end = self.end + 1 + bytes.len() + CLOSE.len();
        if end > self.buffer.len() {
            self.grow(end);
        }
        let [open, room @ ..] = &mut self.buffer[self.end..end] else {
            return;
        };
        *open = b'"';
        let (room, close) = room.split_at_mut(bytes.len());
        close.copy_from_slice(CLOSE);
        if copy_plain(bytes, room) {
            // The colon stays behind the end where there must not be one.
            self.end = end - usize::from(!is_key);
        } else {
            self.end += 1;
            self.escaped(bytes);
            self.put(if is_key { CLOSE } else { b"\"" });
        }
    }

    /// Writes what is between the quotes of a text that does not stand for itself.
    #[inline(never)]
    fn escaped(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let end = self.end + rest.len() + ESCAPE;
            if end > self.buffer.len() {
                self.grow(end);
            }
            let plain = copy_until(rest, &mut self.buffer[self.end..]);
            self.end += plain;
            if let Some(byte) = rest.get(plain) {
                self.escape(*byte);
            }
            at += plain + 1;
        }
    }

    /// Writes a byte that does not stand for itself.
    #[inline]
    fn escape(&mut self, byte: u8) {
        let letter = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x8 => b'b',
            0xc => b'f',
            _ => {
                let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
                self.put(b"\\u00");
                return self.put(&[digit(byte >> 4), digit(byte & 0xf)]);
            }
        };
        self.put(&[b'\\', letter]);
    }

    /// Makes room up to `end`.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, end: usize) {
        let length = end.max(2 * self.buffer.len()).max(ROOM);
        self.buffer.resize(length, 0);
    }
}

impl Members<'_> {
    /// Writes a member.
    ///
    /// # Errors
    /// What is wrong with the value; the key is put into the pointer.
    #[inline]
    pub fn member(&mut self, key: &str, value: &(impl Encode + ?Sized)) -> Result<(), Violation> {
        self.writer.quoted(key, true);
        self.value(key, value)
    }

    /// Writes a member like [`member`](Self::member), quicker.
    ///
    /// # Errors
    /// Those of [`member`](Self::member).
    #[inline]
    pub fn named(&mut self, name: Name, value: &(impl Encode + ?Sized)) -> Result<(), Violation> {
        match name.wire() {
            Some(wire) => self.writer.put(wire.as_bytes()),
            None => return self.member(name.key(), value),
        }
        self.value(name.key(), value)
    }

    #[inline]
    fn value(&mut self, key: &str, value: &(impl Encode + ?Sized)) -> Result<(), Violation> {
        value
            .encode(self.writer)
            .map_err(|violation| violation.inside(key))?;
        self.writer.put(b",");
        Ok(())
    }
}
