//! Decodes strings. A plain string has no escapes.

use std::borrow::Cow;

use super::reader::Reader;
use super::scan::{copy_until, plain_until};
use crate::codec::violation::Violation;

/// The characters of the escapes with a single letter, by this letter; 0 for other letters.
static SHORT: [u8; 256] = {
    let mut characters = [0; 256];
    let pairs = [
        b"\"\"", b"\\\\", b"//", b"b\x08", b"f\x0c", b"n\n", b"r\r", b"t\t",
    ];
    let mut place = 0;
    while place < pairs.len() {
        let [letter, character] = *pairs[place];
        characters[letter as usize] = character;
        place += 1;
    }
    characters
};

impl<'a> Reader<'a> {
    /// Reads a plain string at the current position; otherwise consumes nothing.
    #[inline(never)]
    pub(super) fn plain(&mut self) -> Option<&'a str> {
        let (text, end) = self.plain_at(self.at())?;
        self.go_to(end);
        Some(text)
    }

    /// Reads a plain key with its colon at the current position; otherwise consumes nothing.
    #[inline(never)]
    pub(super) fn plain_key(&mut self) -> Option<&'a str> {
        let (key, end) = self.plain_at(self.at())?;
        if self.bytes().get(end) != Some(&b':') || self.count(2).is_err() {
            return None;
        }
        self.go_to(end + 1);
        Some(key)
    }

    /// Returns the plain string with its opening quote at `at`, and the position after it.
    #[inline]
    fn plain_at(&self, at: usize) -> Option<(&'a str, usize)> {
        let bytes = self.bytes();
        if bytes.get(at) != Some(&b'"') {
            return None;
        }
        let end = plain_until(bytes, at + 1);
        if bytes.get(end) != Some(&b'"') {
            return None;
        }
        Some((self.source().get(at + 1..end)?, end + 1))
    }

    /// Reads a string that has escapes or leading white space.
    #[inline(never)]
    pub(super) fn odd_text(&mut self) -> Result<Cow<'a, str>, Violation> {
        if self.byte() == Some(b'"') {
            // The fast path has already tried to read a plain string.
            self.with_escapes().map(Cow::Owned)
        } else if self.next_byte() == b'"' {
            self.quoted()
        } else {
            Err(self.mistyped("expected a string"))
        }
    }

    /// Reads a key that has escapes or surrounding white space.
    #[inline(never)]
    pub(super) fn odd_key(&mut self) -> Result<Cow<'a, str>, Violation> {
        self.count(2)?;
        if self.next_byte() != b'"' {
            return Err(self.no_key());
        }
        let key = self.quoted()?;
        if self.next_byte() != b':' {
            return Err(self.unexpected("EOF while parsing an object", "expected `:`"));
        }
        self.go_to(self.at() + 1);
        Ok(key)
    }

    /// Reads the string at the opening quote.
    #[inline]
    pub(super) fn quoted(&mut self) -> Result<Cow<'a, str>, Violation> {
        match self.plain() {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.with_escapes().map(Cow::Owned),
        }
    }

    /// Reads the string at the opening quote. Its characters are copied into the buffer during the scan.
    #[inline(never)]
    fn with_escapes(&mut self) -> Result<String, Violation> {
        let mut room = std::mem::take(&mut self.room);
        let length = self.unescape(&mut room);
        let text = length.and_then(|length| match str::from_utf8(&room[..length]) {
            Ok(text) => Ok(text.to_owned()),
            // Unreachable: the source is UTF-8, it is split only at ASCII characters, and escapes yield complete
            // characters.
            Err(_) => Err(Violation::of_text("expected UTF-8")),
        });
        self.room = room;
        text
    }

    /// Decodes the string at the opening quote into `room`. Returns the length of the decoded string.
    fn unescape(&mut self, room: &mut Vec<u8>) -> Result<usize, Violation> {
        let bytes = self.bytes();
        let (mut at, mut length) = (self.at() + 1, 0);
        // An escape is never shorter than its character, so this size is sufficient.
        if room.len() < bytes.len() - at {
            *room = vec![0; bytes.len() - at];
        }
        loop {
            let plain = copy_until(&bytes[at..], &mut room[length..]);
            (at, length) = (at + plain, length + plain);
            match bytes.get(at) {
                Some(b'"') => {
                    self.go_to(at + 1);
                    return Ok(length);
                }
                Some(b'\\') => {
                    let (character, behind) = self.escape(at)?;
                    length += character.encode_utf8(&mut room[length..]).len();
                    at = behind;
                }
                Some(_) => return Err(self.control_character(at)),
                None => return Err(self.unended_text()),
            }
        }
    }

    /// Skips the string at the opening quote.
    pub(super) fn skip_text(&mut self) -> Result<(), Violation> {
        let mut at = self.at() + 1;
        loop {
            at = plain_until(self.bytes(), at);
            match self.bytes().get(at) {
                Some(b'"') => {
                    self.go_to(at + 1);
                    return Ok(());
                }
                Some(b'\\') => at = self.escape(at)?.1,
                Some(_) => return Err(self.control_character(at)),
                None => return Err(self.unended_text()),
            }
        }
    }

    /// Returns the character of the escape at `at`, and the position after it.
    #[inline]
    fn escape(&self, at: usize) -> Result<(char, usize), Violation> {
        let letter = self.bytes().get(at + 1).copied().unwrap_or_default();
        match SHORT[usize::from(letter)] {
            0 => self.code_point(at + 1),
            short => Ok((char::from(short), at + 2)),
        }
    }

    /// Decodes the escape of a code point, with a second escape for a surrogate pair. Returns the character and the
    /// position after it.
    #[inline(never)]
    fn code_point(&self, at: usize) -> Result<(char, usize), Violation> {
        match self.bytes().get(at) {
            Some(b'u') => {}
            Some(_) => return Err(self.syntax("invalid escape", at)),
            None => return Err(self.unended_text()),
        }
        let at = at + 1;
        let first = self.code_unit(at)?;
        let behind = at + 4;
        if let Some(character) = char::from_u32(first) {
            return Ok((character, behind));
        }
        let lone = "lone leading surrogate in hex escape";
        if first >= 0xdc00 {
            return Err(self.syntax(lone, behind - 1));
        }
        for (place, letter) in [(behind, b'\\'), (behind + 1, b'u')] {
            match self.bytes().get(place) {
                Some(byte) if *byte == letter => {}
                Some(_) => return Err(self.syntax("unexpected end of hex escape", place)),
                None => return Err(self.unended_text()),
            }
        }
        let second = self.code_unit(behind + 2)?;
        let behind = behind + 6;
        let halves = second
            .checked_sub(0xdc00)
            .filter(|low| *low < 0x400)
            .and_then(|low| char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + low));
        match halves {
            Some(character) => Ok((character, behind)),
            None => Err(self.syntax(lone, behind - 1)),
        }
    }

    fn code_unit(&self, at: usize) -> Result<u32, Violation> {
        let Some(digits) = self.bytes().get(at..at + 4) else {
            return Err(self.unended_text());
        };
        digits
            .iter()
            .try_fold(0, |unit, digit| {
                char::from(*digit)
                    .to_digit(16)
                    .map(|digit| unit * 16 + digit)
            })
            .ok_or_else(|| self.syntax("invalid escape", at + 3))
    }

    #[cold]
    fn control_character(&self, at: usize) -> Violation {
        let what = "control character (\\u0000-\\u001F) found while parsing a string";
        self.syntax(what, at)
    }

    fn unended_text(&self) -> Violation {
        self.syntax("EOF while parsing a string", self.bytes().len())
    }
}
