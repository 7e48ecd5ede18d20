//! Encodes JSON text, byte for byte like `serde_json`.

use std::mem;

use super::encode::Encode;
use super::name::Name;
use super::scan::{copy_few, copy_plain, copy_until};
use crate::codec::violation::Violation;

/// The minimum size of a buffer in bytes.
const ROOM: usize = 256;

/// The size in bytes from which a copy is slower than a new buffer. In both cases the system provides the memory page
/// by page.
const LARGE: usize = 128 << 10;

/// The maximum size of an escape in bytes.
const ESCAPE: usize = r"\u0000".len();

/// Writes JSON text into a buffer, without white space.
#[derive(Debug, Default)]
pub struct Writer {
    /// The written bytes, followed by initialized free space.
    buffer: Vec<u8>,
    /// The number of written bytes.
    end: usize,
    /// Whether an assertion validates a value that contains the current value.
    is_validated: bool,
}

/// Writes the members of an object.
#[derive(Debug)]
pub struct Members<'w> {
    writer: &'w mut Writer,
}

impl Writer {
    /// Creates a writer that appends to a buffer.
    #[must_use]
    pub const fn new(buffer: Vec<u8>) -> Self {
        Self {
            end: buffer.len(),
            buffer,
            is_validated: false,
        }
    }

    /// Returns the written bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.buffer[..self.end]
    }

    /// Clears the writer but keeps its buffer for reuse.
    pub(crate) fn clear(&mut self) {
        self.end = 0;
        self.is_validated = false;
    }

    /// Takes the written bytes. Small content is copied; for large content, the writer gives its buffer away and
    /// allocates a new buffer of the same size.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        if self.end < LARGE {
            return self.as_bytes().to_vec();
        }
        let room = vec![0; self.buffer.len()];
        let mut buffer = mem::replace(&mut self.buffer, room);
        buffer.truncate(self.end);
        self.end = 0;
        buffer
    }

    /// Returns the capacity in bytes, including the written bytes.
    pub(crate) fn room(&self) -> usize {
        self.buffer.capacity()
    }

    /// Returns the buffer with the written bytes.
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

    /// Writes a string.
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
    /// If the number is not finite.
    #[inline]
    pub fn number(&mut self, value: f64) -> Result<(), Violation> {
        if !value.is_finite() {
            return Err(Violation::new("expected a finite number"));
        }
        let mut buffer = zmij::Buffer::new();
        self.put(buffer.format_finite(value).as_bytes());
        Ok(())
    }

    /// Writes an object; `members` writes its members.
    ///
    /// # Errors
    /// If `members` fails.
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

    /// Writes an array.
    ///
    /// # Errors
    /// If an item violates its schema. The pointer of the violation contains the index.
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
    /// Writes raw bytes.
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let end = self.end + bytes.len();
        if end > self.buffer.len() {
            self.grow(end);
        }
        copy_few(bytes, &mut self.buffer[self.end..end]);
        self.end = end;
    }

    /// Closes an object or array. The bracket replaces the comma after the last member or item.
    #[inline]
    fn close(&mut self, bracket: u8) {
        match self.buffer[..self.end].last_mut() {
            Some(last) if *last == b',' => *last = bracket,
            _ => self.put(&[bracket]),
        }
    }

    /// Writes a string, followed by a colon if it is a key.
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
            // For a string that is not a key, the colon stays beyond the end.
            self.end = end - usize::from(!is_key);
        } else {
            self.end += 1;
            self.escaped(bytes);
            self.put(if is_key { CLOSE } else { b"\"" });
        }
    }

    /// Writes the content of a string with escapes.
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

    /// Writes the escape of a byte.
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

    /// Grows the buffer to at least `end` bytes.
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
    /// If the value violates its schema. The pointer of the violation contains the key.
    #[inline]
    pub fn member(&mut self, key: &str, value: &(impl Encode + ?Sized)) -> Result<(), Violation> {
        self.writer.quoted(key, true);
        self.value(key, value)
    }

    /// Writes a member like [`member`](Self::member), but faster.
    ///
    /// # Errors
    /// Like [`member`](Self::member).
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
