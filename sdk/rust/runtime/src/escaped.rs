//! Text of peers in logs and on terminals.

use std::fmt::{self, Write as _};

/// The maximum number of bytes that are shown.
const LIMIT: usize = 1_024;

/// Displays a text of a peer on a single line, for logs and terminals.
///
/// Control characters, line breaks, invisible characters and characters that change the direction of the text are
/// escaped, e.g. as `\n` or `\u{1b}`. So a peer can forge no line of a log, and send no command to a terminal. A
/// backslash stays unchanged, so that a second `Escaped` changes nothing. After 1,024 bytes only the number of the
/// remaining bytes is shown.
///
/// ```
/// use natsgen_runtime::Escaped;
///
/// assert_eq!(Escaped("no tea\n\u{1b}[2J").to_string(), r"no tea\n\u{1b}[2J");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Escaped<T>(pub T);

/// Escapes all text that is written to it.
struct Escaper<'f, 'b> {
    output: &'f mut fmt::Formatter<'b>,
    /// The number of bytes that may still be shown.
    left: usize,
    /// The number of bytes that were not shown.
    hidden: usize,
}

impl<T: fmt::Display> fmt::Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut escaper = Escaper {
            output: f,
            left: LIMIT,
            hidden: 0,
        };
        write!(escaper, "{}", self.0)?;
        match escaper.hidden {
            0 => Ok(()),
            hidden => write!(f, "… ({hidden} more bytes)"),
        }
    }
}

impl fmt::Write for Escaper<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Fast path: most texts need no escape.
        let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if is_plain && self.hidden == 0 && text.len() <= self.left {
            self.left -= text.len();
            return self.output.write_str(text);
        }
        text.chars()
            .try_for_each(|character| self.write_char(character))
    }

    fn write_char(&mut self, character: char) -> fmt::Result {
        let escape = match character {
            '\n' | '\r' | '\t' => Some(Escape::Short(character.escape_default())),
            _ if is_hidden(character) => Some(Escape::Code(character.escape_unicode())),
            _ => None,
        };
        let size = escape.as_ref().map_or(character.len_utf8(), Escape::len);
        if self.hidden > 0 || size > self.left {
            self.hidden += character.len_utf8();
            return Ok(());
        }
        self.left -= size;
        match escape {
            None => self.output.write_char(character),
            Some(Escape::Short(escape)) => write!(self.output, "{escape}"),
            Some(Escape::Code(escape)) => write!(self.output, "{escape}"),
        }
    }
}

enum Escape {
    Short(std::char::EscapeDefault),
    Code(std::char::EscapeUnicode),
}

impl Escape {
    fn len(&self) -> usize {
        match self {
            Self::Short(escape) => escape.len(),
            Self::Code(escape) => escape.len(),
        }
    }
}

/// Whether a character is a control character, invisible, or changes the order of the characters around it.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_text_has_one_visible_line() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Escaped(text).to_string(), expected, "{text:?}");
            assert_eq!(Escaped(expected).to_string(), expected, "a second time");
        };
        check("", "");
        check(
            "plain \"text\" with 'quotes' and \\",
            "plain \"text\" with 'quotes' and \\",
        );
        check("a\r\nERROR forged", r"a\r\nERROR forged");
        check(
            "\t\0\u{7}\u{1b}]0;title\u{7}\u{7f}",
            r"\t\u{0}\u{7}\u{1b}]0;title\u{7}\u{7f}",
        );
        check("\u{85}\u{9b}2J", r"\u{85}\u{9b}2J");
        check("\u{202e}txt.exe\u{2066}", r"\u{202e}txt.exe\u{2066}");
        check(
            "a\u{2028}b\u{2029}c\u{200b}d\u{feff}",
            r"a\u{2028}b\u{2029}c\u{200b}d\u{feff}",
        );
        check("grün 茶 e\u{301} 🍵", "grün 茶 e\u{301} 🍵");
    }

    #[test]
    fn escaped_text_is_limited() {
        let long = "x".repeat(LIMIT);
        assert_eq!(Escaped(&long).to_string(), long);
        let longer = format!("{long}ß\n");
        assert_eq!(
            Escaped(&longer).to_string(),
            format!("{long}… (3 more bytes)")
        );
        let hostile = "\u{1b}".repeat(1 << 20);
        let shown = Escaped(&hostile).to_string();
        assert!(shown.len() < LIMIT + 40 && !shown.contains('\u{1b}'));
    }
}
