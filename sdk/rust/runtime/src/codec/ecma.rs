//! Reads regular expressions of ECMA-262 with the flag `u`. As an extension, any character except letters and digits
//! may be escaped.

/// A part of a regular expression.
#[derive(Clone, Debug)]
pub enum Part<'a> {
    /// `^`, `$` or `|`.
    Mark(char),
    /// `\b` or `\B`, as its letter.
    Boundary(char),
    /// The beginning of a group.
    Open(Group<'a>),
    /// The end of a group. The reader does not check that a group is open.
    Close,
    /// `.`
    Dot,
    /// A character or a set outside of a class.
    Item(Item<'a>),
    /// An unescaped `{`, `}` or `]`, which the flag `u` does not allow.
    Bare(char),
    /// A class in brackets.
    Class {
        /// Whether the class begins with `^`.
        negated: bool,
        /// The members of the class.
        items: Vec<Item<'a>>,
    },
    /// A quantifier of the previous part.
    Repeat(Repeat<'a>),
    /// A backreference to the group with this number.
    Number(&'a str),
    /// A backreference to the group with this name. The reader does not check the name.
    Name(&'a str),
}

/// The kind of a group.
#[derive(Clone, Copy, Debug)]
pub enum Group<'a> {
    /// `(…)`
    Numbered,
    /// `(?<name>…)`. The reader does not check the name.
    Named(&'a str),
    /// `(?:…)`
    Unnumbered,
    /// `(?=…)` or `(?!…)`
    Ahead,
    /// `(?<=…)` or `(?<!…)`
    Behind,
}

/// A character or a set of characters.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// A code point, which may be a lone surrogate.
    Char(u32),
    /// The first and the last code point. The reader does not check the order.
    Range(u32, u32),
    /// `\d`, `\D`, `\w`, `\W`, `\s` or `\S`, as its letter.
    Set(char),
    /// The letter and the name of `\p{…}` or `\P{…}`. The reader does not check that the property exists.
    Property(char, &'a str),
}

/// A quantifier.
#[derive(Clone, Copy, Debug)]
pub struct Repeat<'a> {
    /// The quantifier as written.
    pub text: &'a str,
    /// The digits of the minimal number of repetitions.
    pub min: &'a str,
    /// The digits of the maximal number of repetitions. The reader does not compare the two numbers.
    pub max: Option<&'a str>,
    /// Whether a `?` follows the bounds.
    pub lazy: bool,
}

/// A syntax error.
#[derive(Clone, Copy, Debug)]
pub enum Fault<'a> {
    /// A backslash at the end.
    Backslash,
    /// An unknown escape, as the character after the backslash.
    Escape(char),
    /// `\p` or `\P` without a property, as its letter.
    Property(char),
    /// A class without `]`.
    OpenClass,
    /// A range with a set as its end.
    SetInRange,
    /// A quantifier without a part to repeat.
    Repeat(&'a str),
    /// An unknown kind of group.
    Group,
}

/// The parts of a regular expression. The time is linear in the length of the text. The iteration is over after a
/// [`Fault`].
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    rest: &'a str,
    /// Whether each open group can be repeated after it closes.
    open: Vec<bool>,
    /// Whether the previous part can be repeated.
    repeatable: bool,
}

impl<'a> Parts<'a> {
    /// The parts of this text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            open: Vec::new(),
            repeatable: false,
        }
    }

    fn char(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    fn eat(&mut self, prefix: &str) -> bool {
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

    /// Consumes digits.
    fn number(&mut self) -> &'a str {
        let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let (number, rest) = self.rest.split_at(self.rest.len() - rest.len());
        self.rest = rest;
        number
    }

    /// Consumes the part that begins with `char`.
    fn part(&mut self, char: char, start: &'a str) -> Result<Part<'a>, Fault<'a>> {
        Ok(match char {
            '^' | '$' | '|' => Part::Mark(char),
            '(' => Part::Open(self.group()?),
            ')' => Part::Close,
            '.' => Part::Dot,
            '*' => self.repeat(start, "0", None)?,
            '+' => self.repeat(start, "1", None)?,
            '?' => self.repeat(start, "0", Some("1"))?,
            '{' => match self.bounds() {
                Some((min, max)) => self.repeat(start, min, max)?,
                None => Part::Bare(char),
            },
            ']' | '}' => Part::Bare(char),
            '[' => self.class()?,
            '\\' => self.escape()?,
            _ => Part::Item(Item::Char(char.into())),
        })
    }

    fn group(&mut self) -> Result<Group<'a>, Fault<'a>> {
        Ok(if self.eat("?:") {
            Group::Unnumbered
        } else if self.eat("?=") || self.eat("?!") {
            Group::Ahead
        } else if self.eat("?<=") || self.eat("?<!") {
            Group::Behind
        } else if self.eat("?<") {
            Group::Named(self.until('>').ok_or(Fault::Group)?)
        } else if self.rest.starts_with('?') {
            return Err(Fault::Group);
        } else {
            Group::Numbered
        })
    }

    /// Completes a quantifier after its bounds.
    fn repeat(
        &mut self,
        start: &'a str,
        min: &'a str,
        max: Option<&'a str>,
    ) -> Result<Part<'a>, Fault<'a>> {
        let bounds = &start[..start.len() - self.rest.len()];
        if !self.repeatable {
            return Err(Fault::Repeat(bounds));
        }
        let lazy = self.eat("?");
        let text = &start[..start.len() - self.rest.len()];
        Ok(Part::Repeat(Repeat {
            text,
            min,
            max,
            lazy,
        }))
    }

    /// `2}`, `2,}` or `2,5}`. Consumes nothing if the text is different.
    fn bounds(&mut self) -> Option<(&'a str, Option<&'a str>)> {
        let start = self.rest;
        let min = self.number();
        let max = if self.eat(",") {
            Some(self.number()).filter(|max| !max.is_empty())
        } else {
            Some(min)
        };
        let is_bounds = !min.is_empty() && self.eat("}");
        if !is_bounds {
            self.rest = start;
        }
        is_bounds.then_some((min, max))
    }

    /// Consumes an escape outside of a class, after its backslash.
    fn escape(&mut self) -> Result<Part<'a>, Fault<'a>> {
        if self.eat("b") {
            Ok(Part::Boundary('b'))
        } else if self.eat("B") {
            Ok(Part::Boundary('B'))
        } else if self.eat("k<") {
            self.until('>').map(Part::Name).ok_or(Fault::Escape('k'))
        } else if self.rest.starts_with(|char| ('1'..='9').contains(&char)) {
            Ok(Part::Number(self.number()))
        } else {
            self.item().map(Part::Item)
        }
    }

    /// Consumes a class after its `[`, including the `]`.
    fn class(&mut self) -> Result<Part<'a>, Fault<'a>> {
        let negated = self.eat("^");
        let mut items = Vec::new();
        while !self.eat("]") {
            let first = self.member()?;
            // A hyphen before the end is a literal.
            if !self.rest.starts_with('-') || self.rest.starts_with("-]") {
                items.push(first);
                continue;
            }
            self.eat("-");
            let (Item::Char(first), Item::Char(last)) = (first, self.member()?) else {
                return Err(Fault::SetInRange);
            };
            items.push(Item::Range(first, last));
        }
        Ok(Part::Class { negated, items })
    }

    fn member(&mut self) -> Result<Item<'a>, Fault<'a>> {
        match self.char().ok_or(Fault::OpenClass)? {
            // Inside a class, `\b` is the backspace.
            '\\' if self.eat("b") => Ok(Item::Char(8)),
            '\\' => self.item(),
            char => Ok(Item::Char(char.into())),
        }
    }

    /// Consumes an escape of a character or of a set of characters, after its backslash.
    fn item(&mut self) -> Result<Item<'a>, Fault<'a>> {
        let char = self.char().ok_or(Fault::Backslash)?;
        match char {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => Ok(Item::Set(char)),
            'p' | 'P' => {
                let name = self.property().ok_or(Fault::Property(char))?;
                Ok(Item::Property(char, name))
            }
            _ => {
                let code = self.code(char).ok_or(Fault::Escape(char))?;
                Ok(Item::Char(code))
            }
        }
    }

    /// The code point of an escape that begins with `char`.
    fn code(&mut self, char: char) -> Option<u32> {
        Some(match char {
            't' => 9,
            'n' => 10,
            'v' => 11,
            'f' => 12,
            'r' => 13,
            'c' => u32::from(self.char().filter(char::is_ascii_alphabetic)?) % 32,
            '0' if !self.rest.starts_with(|char: char| char.is_ascii_digit()) => 0,
            'x' => self.digits(2)?,
            'u' if self.eat("{") => {
                hexadecimal(self.until('}')?).filter(|code| *code < 0x11_0000)?
            }
            'u' => self.unit()?,
            char if !char.is_alphanumeric() => char.into(),
            _ => return None,
        })
    }

    /// The name in `{Letter}` or `{Script=Greek}`.
    fn property(&mut self) -> Option<&'a str> {
        let is_word = |text: &str| {
            let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_';
            !text.is_empty() && text.chars().all(is_part)
        };
        let name = self.eat("{").then(|| self.until('}'))??;
        name.splitn(2, '=').all(is_word).then_some(name)
    }

    /// The four digits of a UTF-16 unit, or a surrogate pair.
    fn unit(&mut self) -> Option<u32> {
        let high = self.digits(4)?;
        let rest = self.rest;
        if (0xD800..0xDC00).contains(&high) && self.eat("\\u") {
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
        let (digits, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        hexadecimal(digits)
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Result<Part<'a>, Fault<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.rest;
        let char = self.char()?;
        let part = self.part(char, start);
        self.repeatable = match &part {
            Ok(Part::Open(group)) => {
                let is_look = matches!(group, Group::Ahead | Group::Behind);
                self.open.push(!is_look);
                false
            }
            Ok(Part::Close) => self.open.pop().unwrap_or(true),
            Ok(Part::Mark(_) | Part::Boundary(_) | Part::Repeat(_)) => false,
            Ok(_) => true,
            Err(_) => {
                self.rest = "";
                false
            }
        };
        Some(part)
    }
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
