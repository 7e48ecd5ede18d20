//! The syntax of regular expressions of ECMA-262 with the flag `u`. As an extension, any character except letters and
//! digits may be escaped.

use std::collections::BTreeSet;

/// Returns true if `text` is a regular expression. The time is linear in the length of the text.
pub(super) fn is_expression(text: &str) -> bool {
    let mut scan = Scan {
        rest: text,
        open: Vec::new(),
        last: Last::Nothing,
        groups: 0,
        names: BTreeSet::new(),
        numbers: 0,
        references: Vec::new(),
    };
    while let Some(char) = scan.next() {
        if scan.part(char).is_none() {
            return false;
        }
    }
    let is_named = |name: &&str| scan.names.contains(name);
    scan.open.is_empty() && scan.numbers <= scan.groups && scan.references.iter().all(is_named)
}

/// The part before the current position.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// A part that can be repeated.
    Atom,
    /// The beginning of an alternative, an assertion or a quantifier.
    Nothing,
}

struct Scan<'a> {
    rest: &'a str,
    /// The open groups, each with its kind after it closes.
    open: Vec<Last>,
    last: Last,
    /// The number of numbered groups.
    groups: u32,
    names: BTreeSet<&'a str>,
    /// The highest number of a backreference.
    numbers: u32,
    /// The names of backreferences.
    references: Vec<&'a str>,
}

impl<'a> Scan<'a> {
    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    fn take(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Consumes the text up to `end`, including `end`. Returns the text before `end`.
    fn until(&mut self, end: char) -> Option<&'a str> {
        let (before, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(before)
    }

    /// Consumes the leading characters for which `is_part` is true.
    fn run(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest.trim_start_matches(is_part);
        let run = &self.rest[..self.rest.len() - rest.len()];
        self.rest = rest;
        run
    }

    /// Consumes a part that begins with `char`. Returns `None` if the part is invalid.
    fn part(&mut self, char: char) -> Option<()> {
        self.last = match char {
            '(' => self.group()?,
            ')' => self.open.pop()?,
            '|' | '^' | '$' => Last::Nothing,
            '*' | '+' | '?' => self.quantifier()?,
            '{' => {
                self.bounds()?;
                self.quantifier()?
            }
            '[' => self.class()?,
            ']' | '}' => return None,
            '\\' => self.escape()?,
            _ => Last::Atom,
        };
        Some(())
    }

    fn group(&mut self) -> Option<Last> {
        let is_look = ["?=", "?!", "?<=", "?<!"]
            .iter()
            .any(|look| self.take(look));
        if !is_look && !self.take("?:") {
            self.groups += 1;
            if self.take("?<") {
                let name = self.name()?;
                self.names.insert(name).then_some(())?;
            } else if self.rest.starts_with('?') {
                return None;
            }
        }
        self.open
            .push(if is_look { Last::Nothing } else { Last::Atom });
        Some(Last::Nothing)
    }

    /// A name and the `>` after it.
    fn name(&mut self) -> Option<&'a str> {
        let name = self.until('>')?;
        let is_first = |char: char| char.is_alphabetic() || char == '_' || char == '$';
        let is_name = name.starts_with(is_first)
            && name.chars().all(|char| is_first(char) || char.is_numeric());
        is_name.then_some(name)
    }

    fn quantifier(&mut self) -> Option<Last> {
        self.take("?");
        (self.last == Last::Atom).then_some(Last::Nothing)
    }

    /// `2}`, `2,}` or `2,5}`.
    fn bounds(&mut self) -> Option<()> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let size = |text: &str| {
            let digits = text.trim_start_matches('0');
            (digits.len(), digits.to_owned())
        };
        let bounds = self.until('}')?;
        let is_right = match bounds.split_once(',') {
            None => is_number(bounds),
            Some((min, "")) => is_number(min),
            Some((min, max)) => is_number(min) && is_number(max) && size(min) <= size(max),
        };
        is_right.then_some(())
    }

    /// Consumes an escape outside of a class, after its backslash.
    fn escape(&mut self) -> Option<Last> {
        if self.take("b") || self.take("B") {
            return Some(Last::Nothing);
        }
        if self.take("k<") {
            let name = self.name()?;
            self.references.push(name);
        } else if self.rest.starts_with(|char| ('1'..='9').contains(&char)) {
            let number = self.run(|char| char.is_ascii_digit());
            self.numbers = self.numbers.max(number.parse().ok()?);
        } else {
            self.character()?;
        }
        Some(Last::Atom)
    }

    /// Consumes a class after its `[`, including the `]`.
    fn class(&mut self) -> Option<Last> {
        self.take("^");
        while !self.take("]") {
            let first = self.member()?;
            // A hyphen before the end is a literal.
            if self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                self.take("-");
                let (Member::One(first), Member::One(last)) = (first, self.member()?) else {
                    return None;
                };
                (first <= last).then_some(())?;
            }
        }
        Some(Last::Atom)
    }

    fn member(&mut self) -> Option<Member> {
        match self.next()? {
            '\\' if self.take("b") => Some(Member::One(8)),
            '\\' => self.character(),
            char => Some(Member::One(char.into())),
        }
    }

    /// Consumes an escape of a character or of a set of characters, after its backslash.
    fn character(&mut self) -> Option<Member> {
        let code = match self.next()? {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => return Some(Member::Many),
            'p' | 'P' => return self.property(),
            't' => 9,
            'n' => 10,
            'v' => 11,
            'f' => 12,
            'r' => 13,
            'c' => {
                let letter = self.next().filter(char::is_ascii_alphabetic)?;
                u32::from(letter) % 32
            }
            '0' if !self.rest.starts_with(|char: char| char.is_ascii_digit()) => 0,
            'x' => self.digits(2)?,
            'u' if self.take("{") => {
                hexadecimal(self.until('}')?).filter(|code| *code < 0x11_0000)?
            }
            'u' => self.unit()?,
            char if !char.is_alphanumeric() => char.into(),
            _ => return None,
        };
        Some(Member::One(code))
    }

    /// `{Letter}` or `{Script=Greek}`. The existence of the property is not checked.
    fn property(&mut self) -> Option<Member> {
        let is_word = |text: &str| {
            let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_';
            !text.is_empty() && text.chars().all(is_part)
        };
        let property = self.rest.strip_prefix('{')?;
        let (property, rest) = property.split_once('}')?;
        self.rest = rest;
        property.splitn(2, '=').all(is_word).then_some(Member::Many)
    }

    /// The four digits of a UTF-16 unit, or a surrogate pair.
    fn unit(&mut self) -> Option<u32> {
        let high = self.digits(4)?;
        let rest = self.rest;
        if (0xD800..0xDC00).contains(&high) && self.take("\\u") {
            match self.digits(4) {
                Some(low) if (0xDC00..0xE000).contains(&low) => {
                    return Some(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00));
                }
                _ => self.rest = rest,
            }
        }
        Some(high)
    }

    fn digits(&mut self, count: usize) -> Option<u32> {
        let digits = self.rest.get(..count)?;
        self.rest = &self.rest[count..];
        hexadecimal(digits)
    }
}

/// A character or an escape in a class.
enum Member {
    /// The code point of a single character.
    One(u32),
    Many,
}

fn hexadecimal(digits: &str) -> Option<u32> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    // The number of leading zeros is unlimited.
    let number = digits.trim_start_matches('0');
    match (is_number && !digits.is_empty(), number) {
        (false, _) => None,
        (true, "") => Some(0),
        (true, number) => u32::from_str_radix(number, 16).ok(),
    }
}
