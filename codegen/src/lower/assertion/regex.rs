//! Regular expressions: from ECMA 262 to the notation of the `regex` crate, which matches in linear time.

use std::iter::Peekable;
use std::str::Chars;

use regex_syntax::hir::{Class, Hir, HirKind};

use super::class;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Problem};

/// The maximal number of states of an expression, in characters and ranges. The `regex` crate refuses much larger
/// expressions.
const STATES: u64 = 30_000;
/// Any character except line terminators.
const DOT: &str = r"[^\n\r\x{2028}\x{2029}]";

/// Translates an expression to the notation of the `regex` crate.
pub(super) fn translate(source: &str) -> Result<String, Problem> {
    let translated = Reader::new(source).read();
    let translated = translated.map_err(|(code, what, help)| {
        Problem::new(code, format!("the pattern {} {what}", quoted(source)), help)
    })?;
    let hir = regex_syntax::parse(&translated).map_err(|error| {
        let reason = match &error {
            regex_syntax::Error::Parse(error) => error.kind().to_string(),
            regex_syntax::Error::Translate(error) => error.kind().to_string(),
            _ => error.to_string(),
        };
        let message = format!(
            "the pattern {} is not a regular expression: {reason}",
            quoted(source)
        );
        let help = "correct it; the syntax is ECMA 262 with the flag `u`";
        Problem::new(Code::InvalidPattern, message, help)
    })?;
    if states(&hir) > STATES {
        let message = format!("the pattern {} is too large", quoted(source));
        let help = "use smaller repetitions, and limit lengths with `maxLength`";
        return Err(Problem::new(Code::PatternTooLarge, message, help));
    }
    Ok(translated)
}

/// The approximate number of states of a matcher.
fn states(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(Class::Unicode(class)) => 1 + class.ranges().len() as u64,
        HirKind::Class(Class::Bytes(class)) => 1 + class.ranges().len() as u64,
        HirKind::Capture(capture) => 2 + states(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(states).fold(1, u64::saturating_add)
        }
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.max(1));
            states(&repetition.sub)
                .saturating_add(1)
                .saturating_mul(u64::from(times))
        }
    }
}

/// The code, the error as the end of a sentence, and the help.
pub(super) type Fault = (Code, String, &'static str);

/// Reports that an expression is not ECMA 262.
pub(super) fn invalid<T>(what: impl Into<String>, help: &'static str) -> Result<T, Fault> {
    Err((Code::InvalidPattern, what.into(), help))
}

/// Reads an expression and writes its translation.
pub(super) struct Reader<'s> {
    pub(super) characters: Peekable<Chars<'s>>,
    pub(super) output: String,
    /// Whether a quantifier can follow.
    repeatable: bool,
}

/// The meaning of a backslash escape.
pub(super) enum Escaped {
    /// A character.
    Letter(char),
    /// A set, in the notation of the `regex` crate inside a class.
    Set(String),
}

impl<'s> Reader<'s> {
    fn new(source: &'s str) -> Self {
        Self {
            characters: source.chars().peekable(),
            output: String::with_capacity(source.len()),
            repeatable: false,
        }
    }

    fn read(mut self) -> Result<String, Fault> {
        while let Some(letter) = self.characters.next() {
            match letter {
                '^' | '$' | '|' => self.mark(letter),
                '(' => self.group()?,
                ')' => self.atom(")"),
                '[' => {
                    let class = class::read(&mut self.characters)?;
                    self.atom(&class);
                }
                '.' => self.atom(DOT),
                '*' | '+' | '?' => self.quantifier(&letter.to_string())?,
                '{' => match self.counted() {
                    Some(counted) => self.quantifier(&counted)?,
                    None => self.atom(r"\{"),
                },
                '\\' => self.escape()?,
                _ => self.atom(&literal(letter)),
            }
        }
        Ok(self.output)
    }

    /// Appends an atom, which a quantifier can follow.
    fn atom(&mut self, text: &str) {
        self.output.push_str(text);
        self.repeatable = true;
    }

    /// Appends a character that no quantifier can follow.
    fn mark(&mut self, letter: char) {
        self.output.push(letter);
        self.repeatable = false;
    }

    fn quantifier(&mut self, text: &str) -> Result<(), Fault> {
        if !self.repeatable {
            let what = format!("has nothing before {}", quoted(text));
            return invalid(what, "write the repeated part before it, or a backslash");
        }
        self.output.push_str(text);
        if self.characters.next_if_eq(&'?').is_some() {
            self.output.push('?');
        }
        self.repeatable = false;
        Ok(())
    }

    /// The rest of `{2}`, `{2,}` or `{2,3}`. Returns `None` if the brace starts no quantifier and is a literal.
    fn counted(&mut self) -> Option<String> {
        let mut ahead = self.characters.clone();
        let mut body: String = std::iter::from_fn(|| ahead.next_if(char::is_ascii_digit)).collect();
        if body.is_empty() {
            return None;
        }
        if ahead.next_if_eq(&',').is_some() {
            body.push(',');
            body.extend(std::iter::from_fn(|| ahead.next_if(char::is_ascii_digit)));
        }
        ahead.next_if_eq(&'}')?;
        self.characters = ahead;
        Some(format!("{{{body}}}"))
    }

    /// Reads the characters after an opening parenthesis.
    fn group(&mut self) -> Result<(), Fault> {
        self.output.push('(');
        self.repeatable = false;
        if self.characters.next_if_eq(&'?').is_none() {
            return Ok(());
        }
        let around = |what: &str| {
            let help =
                "rewrite it without lookaround, or add a second schema under `allOf` or `not`";
            let what = format!("looks {what}, which needs backtracking");
            Err((Code::PatternNotLinear, what, help))
        };
        match self.characters.next() {
            Some(':') => self.output.push_str("?:"),
            Some('=' | '!') => return around("ahead"),
            Some('<') => match self.characters.peek() {
                Some('=' | '!') => return around("behind"),
                _ => while self.characters.next().is_some_and(|letter| letter != '>') {},
            },
            _ => {
                let help = "write `(…)` or `(?:…)`";
                return invalid("has a group of an unknown kind", help);
            }
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Fault> {
        match self.characters.peek() {
            Some(bound @ ('b' | 'B')) => {
                let bound = *bound;
                self.characters.next();
                self.output.push_str(if bound == 'b' {
                    r"(?-u:\b)"
                } else {
                    r"(?-u:\B)"
                });
                self.repeatable = false;
                return Ok(());
            }
            Some('1'..='9' | 'k') => {
                let what = "has a backreference, which needs backtracking".to_owned();
                let help = "write the repeated part again";
                return Err((Code::PatternNotLinear, what, help));
            }
            _ => {}
        }
        match escaped(&mut self.characters)? {
            Escaped::Letter(letter) => self.atom(&literal(letter)),
            // A set in its own notation needs no brackets.
            Escaped::Set(set) if set.starts_with(['[', '\\']) && !set.starts_with("\\t") => {
                self.atom(&set);
            }
            Escaped::Set(set) => self.atom(&format!("[{set}]")),
        }
        Ok(())
    }
}

/// Reads the characters after a backslash, inside a class and outside.
pub(super) fn escaped(characters: &mut Peekable<Chars<'_>>) -> Result<Escaped, Fault> {
    let Some(letter) = characters.next() else {
        return invalid("ends in a backslash", "write two backslashes");
    };
    let unknown = || {
        let what = format!("has the unknown escape {}", quoted(&format!("\\{letter}")));
        let help = "write the character itself, or its `\\u` escape";
        (Code::InvalidPattern, what, help)
    };
    Ok(match letter {
        'd' | 'D' | 'w' | 'W' | 's' | 'S' => Escaped::Set(class::shorthand(letter)),
        'p' | 'P' => Escaped::Set(property(letter, characters)?),
        't' => Escaped::Letter('\t'),
        'n' => Escaped::Letter('\n'),
        'v' => Escaped::Letter('\u{b}'),
        'f' => Escaped::Letter('\u{c}'),
        'r' => Escaped::Letter('\r'),
        '0' if !characters.peek().is_some_and(char::is_ascii_digit) => Escaped::Letter('\0'),
        'c' => {
            let control = characters
                .next()
                .filter(char::is_ascii_alphabetic)
                .ok_or_else(unknown)?;
            Escaped::Letter(char::from_u32(u32::from(control) % 32).ok_or_else(unknown)?)
        }
        'x' => Escaped::Letter(
            hexadecimal(characters, 2)
                .and_then(char::from_u32)
                .ok_or_else(unknown)?,
        ),
        'u' => Escaped::Letter(unicode(characters).ok_or_else(unknown)?),
        _ if letter.is_ascii_alphanumeric() => return Err(unknown()),
        _ => Escaped::Letter(letter),
    })
}

/// `\p{…}`: both notations use the same names.
fn property(letter: char, characters: &mut Peekable<Chars<'_>>) -> Result<String, Fault> {
    let name: String = match characters.next() {
        Some('{') => characters
            .by_ref()
            .take_while(|letter| *letter != '}')
            .collect(),
        _ => String::new(),
    };
    if name.is_empty()
        || !name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '='))
    {
        let help = "write the name of a Unicode property, e.g. `\\p{Letter}`";
        return invalid(format!("has `\\{letter}` without a property"), help);
    }
    Ok(format!("\\{letter}{{{name}}}"))
}

/// The number of a fixed count of hexadecimal digits.
fn hexadecimal(characters: &mut Peekable<Chars<'_>>, digits: usize) -> Option<u32> {
    let mut ahead = characters.clone();
    let number = (0..digits).try_fold(0, |number, _| {
        Some(number * 16 + ahead.next()?.to_digit(16)?)
    })?;
    *characters = ahead;
    Some(number)
}

/// Reads the characters after `\u`: `{1F600}`, `00e4`, or both halves of a surrogate pair.
fn unicode(characters: &mut Peekable<Chars<'_>>) -> Option<char> {
    if characters.next_if_eq(&'{').is_some() {
        let digits: String = characters
            .by_ref()
            .take_while(|letter| *letter != '}')
            .collect();
        return char::from_u32(u32::from_str_radix(&digits, 16).ok()?);
    }
    let first = hexadecimal(characters, 4)?;
    if !(0xD800..0xDC00).contains(&first) {
        return char::from_u32(first);
    }
    characters.next_if_eq(&'\\')?;
    characters.next_if_eq(&'u')?;
    let second = hexadecimal(characters, 4)?
        .checked_sub(0xDC00)
        .filter(|half| *half < 0x400)?;
    char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + second)
}

/// A literal character outside a class.
fn literal(letter: char) -> String {
    match letter {
        '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => {
            format!("\\{letter}")
        }
        _ => class::visible(letter),
    }
}
