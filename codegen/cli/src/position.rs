//! Positions: the place of a JSON pointer in the text of a file.

use std::ops::Range;

use serde_json::Value as Json;

/// The bytes of the place that a pointer names: the key of a member, or the start of an item. If the text has no such
/// place, the result is the nearest place around it.
pub(super) fn find(text: &str, pointer: &str) -> Range<usize> {
    let mut scanner = Scanner { text, at: 0 };
    scanner.skip_space();
    let mut found = scanner.token();
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        match scanner.enter(&step) {
            Some(range) => found = range,
            None => break,
        }
    }
    found
}

/// Line and column of a byte, both from 1 on. A column is a character.
pub(super) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (line, before[start..].chars().count() + 1)
}

/// A position before a value.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl Scanner<'_> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.byte().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Skips a character with the white space around it.
    fn skip(&mut self, expected: u8) -> Option<()> {
        self.skip_space();
        (self.byte() == Some(expected)).then(|| self.at += 1)?;
        self.skip_space();
        Some(())
    }

    /// The first token of the value: a bracket or a scalar.
    fn token(&self) -> Range<usize> {
        let mut end = Self { ..*self };
        match self.byte() {
            None | Some(b'{' | b'[') => end.at += 1,
            Some(_) => end.skip_value(),
        }
        self.at..end.at.min(self.text.len())
    }

    /// Moves to the member or item of this key. Returns its key, or the first token of the item.
    fn enter(&mut self, step: &str) -> Option<Range<usize>> {
        if self.byte() == Some(b'[') {
            self.skip(b'[')?;
            for _ in 0..step.parse::<usize>().ok()? {
                self.skip_value();
                self.skip(b',')?;
            }
            return Some(self.token());
        }
        self.skip(b'{')?;
        loop {
            let key = self.token();
            self.at = key.end;
            self.skip(b':')?;
            let text: Json = serde_json::from_str(self.text.get(key.clone())?).ok()?;
            if text == step {
                return Some(key);
            }
            self.skip_value();
            self.skip(b',')?;
        }
    }

    /// Moves behind the value. An invalid text ends the value at the end of the text.
    fn skip_value(&mut self) {
        let mut depth = 0;
        while let Some(byte) = self.byte() {
            match byte {
                b'"' => self.skip_string(),
                b'{' | b'[' => depth += 1,
                b'}' | b']' | b',' if depth == 0 => return,
                b'}' | b']' => depth -= 1,
                byte if byte.is_ascii_whitespace() && depth == 0 => return,
                _ => {}
            }
            self.at += 1;
            if depth == 0 && matches!(byte, b'"' | b'}' | b']') {
                return;
            }
        }
    }

    /// Moves to the quote at the end of a string.
    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.byte().filter(|byte| *byte != b'"') {
            self.at += if byte == b'\\' { 2 } else { 1 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_of_a_pointer_is_its_key_or_item() {
        let text = "{ \"a\": [1, {\"b\\\"\": \"x]\"}],\n  \"c\": {} }";
        for (pointer, expected) in [
            ("", "{"),
            ("/a", "\"a\""),
            ("/a/0", "1"),
            ("/a/1", "{"),
            ("/a/1/b\"", "\"b\\\"\""),
            ("/c", "\"c\""),
            ("/c/absent", "\"c\""),
            ("/a/7", "\"a\""),
        ] {
            assert_eq!(&text[find(text, pointer)], expected, "{pointer}");
        }
        assert_eq!(line_and_column(text, find(text, "/c").start), (2, 3));
        assert_eq!(find("", "/a"), 0..0);
    }
}
