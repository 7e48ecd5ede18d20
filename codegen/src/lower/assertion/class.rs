//! Character classes of regular expressions: `[a-z]`, `\d` and their characters.

use std::iter::Peekable;
use std::str::Chars;

use super::regex::{Escaped, Fault, escaped, invalid};

/// The digits of ECMA 262.
const DIGITS: &str = "0-9";
/// The word characters of ECMA 262.
const WORDS: &str = "0-9A-Za-z_";
/// The white space of ECMA 262.
const SPACES: &str = r"\t\n\x{B}\x{C}\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";

/// The set of `\d`, `\w`, `\s` and their negations, in the notation inside a class.
pub(super) fn shorthand(letter: char) -> String {
    let set = match letter.to_ascii_lowercase() {
        'd' => DIGITS,
        'w' => WORDS,
        _ => SPACES,
    };
    if letter.is_ascii_uppercase() {
        format!("[^{set}]")
    } else {
        set.to_owned()
    }
}

/// Reads a class after its `[` and returns the translated class with its brackets.
pub(super) fn read(characters: &mut Peekable<Chars<'_>>) -> Result<String, Fault> {
    let mut class = String::from("[");
    if characters.next_if_eq(&'^').is_some() {
        class.push('^');
    }
    if characters.peek() == Some(&']') {
        return invalid(
            "has an empty class",
            "write `[\\s\\S]` for any character, or `\\]` for a bracket",
        );
    }
    loop {
        let item = match characters.next() {
            None => {
                return invalid("has a `[` without `]`", "close the class, or write `\\[`");
            }
            Some(']') => break,
            Some(letter) => item(letter, characters)?,
        };
        let ranges = characters.peek() == Some(&'-')
            && characters
                .clone()
                .nth(1)
                .is_some_and(|letter| letter != ']');
        if !ranges {
            class.push_str(&written(&item));
            continue;
        }
        characters.next();
        let last = match characters.next() {
            Some(letter) => self::item(letter, characters)?,
            None => continue,
        };
        let (Escaped::Letter(first), Escaped::Letter(last)) = (&item, &last) else {
            return invalid(
                "has a range that ends in a set",
                "write the `-` at the end of the class",
            );
        };
        class.extend([literal(*first), "-".to_owned(), literal(*last)]);
    }
    class.push(']');
    Ok(class)
}

/// A character or a set inside a class.
fn item(letter: char, characters: &mut Peekable<Chars<'_>>) -> Result<Escaped, Fault> {
    if letter != '\\' {
        return Ok(Escaped::Letter(letter));
    }
    // Inside a class, `\b` is the backspace.
    if characters.next_if_eq(&'b').is_some() {
        return Ok(Escaped::Letter('\u{8}'));
    }
    escaped(characters)
}

fn written(item: &Escaped) -> String {
    match item {
        Escaped::Letter(letter) => literal(*letter),
        Escaped::Set(set) => set.clone(),
    }
}

/// A literal character inside a class.
fn literal(letter: char) -> String {
    match letter {
        '\\' | '[' | ']' | '^' | '-' | '&' | '~' => format!("\\{letter}"),
        _ => visible(letter),
    }
}

/// A character in printable notation.
pub(super) fn visible(letter: char) -> String {
    let blank = letter.is_control() || letter.is_whitespace() && letter != ' ';
    match letter {
        '\t' => r"\t".to_owned(),
        '\n' => r"\n".to_owned(),
        '\r' => r"\r".to_owned(),
        _ if blank || letter == '\u{FEFF}' => format!("\\x{{{:X}}}", u32::from(letter)),
        _ => letter.to_string(),
    }
}
