//! Regular expressions: from ECMA 262 to the notation of the `regex` crate, which matches in linear time.

use natsgen_runtime::codec::ecma::{Fault, Group, Item, Part, Parts};
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Problem};

/// The maximal number of states of an expression, in characters and ranges. The `regex` crate refuses much larger
/// expressions.
const STATES: u64 = 30_000;
/// Any character except line terminators.
const DOT: &str = r"[^\n\r\x{2028}\x{2029}]";
/// The digits of ECMA 262.
const DIGITS: &str = "0-9";
/// The word characters of ECMA 262.
const WORDS: &str = "0-9A-Za-z_";
/// The white space of ECMA 262.
const SPACES: &str = r"\t\n\x{B}\x{C}\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";

/// Translates an expression to the notation of the `regex` crate.
pub(super) fn translate(source: &str) -> Result<String, Problem> {
    let translated = rewrite(source).map_err(|(code, what, help)| {
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
type Refusal = (Code, String, &'static str);

/// Writes an expression in the notation of the `regex` crate.
fn rewrite(source: &str) -> Result<String, Refusal> {
    let mut output = String::with_capacity(source.len());
    for part in Parts::new(source) {
        match part.map_err(invalid)? {
            Part::Mark(letter) => output.push(letter),
            Part::Boundary(letter) => output.extend([r"(?-u:\", &letter.to_string(), ")"]),
            Part::Open(group) => output.push_str(open(group)?),
            Part::Close => output.push(')'),
            Part::Dot => output.push_str(DOT),
            Part::Bare(letter) => output.extend(['\\', letter]),
            Part::Item(Item::Char(code)) => output.push_str(&literal(code, r"\.+*?()|[]{}^$")?),
            Part::Item(item @ Item::Set('d' | 'w' | 's')) => {
                output.extend(["[", &member(&item)?, "]"]);
            }
            Part::Item(item) => output.push_str(&member(&item)?),
            Part::Class { negated, items } => output.push_str(&class(negated, &items)?),
            Part::Repeat(repeat) => output.push_str(repeat.text),
            Part::Number(_) | Part::Name(_) => {
                let what = "has a backreference, which needs backtracking".to_owned();
                let help = "write the repeated part again";
                return Err((Code::PatternNotLinear, what, help));
            }
        }
    }
    Ok(output)
}

/// The code, the error and the help of a syntax error.
fn invalid(fault: Fault<'_>) -> Refusal {
    let (what, help) = match fault {
        Fault::Backslash => ("ends in a backslash".to_owned(), "write two backslashes"),
        Fault::Escape(letter) => (
            format!("has the unknown escape {}", quoted(&format!("\\{letter}"))),
            "write the character itself, or its `\\u` escape",
        ),
        Fault::Property(letter) => (
            format!("has `\\{letter}` without a property"),
            "write the name of a Unicode property, e.g. `\\p{Letter}`",
        ),
        Fault::OpenClass => (
            "has a `[` without `]`".to_owned(),
            "close the class, or write `\\[`",
        ),
        Fault::SetInRange => (
            "has a range that ends in a set".to_owned(),
            "write the `-` at the end of the class",
        ),
        Fault::Repeat(text) => (
            format!("has nothing before {}", quoted(text)),
            "write the repeated part before it, or a backslash",
        ),
        Fault::Group => (
            "has a group of an unknown kind".to_owned(),
            "write `(…)` or `(?:…)`",
        ),
    };
    (Code::InvalidPattern, what, help)
}

/// The beginning of a group.
fn open(group: Group<'_>) -> Result<&'static str, Refusal> {
    let direction = match group {
        Group::Numbered | Group::Named(_) => return Ok("("),
        Group::Unnumbered => return Ok("(?:"),
        Group::Ahead => "ahead",
        Group::Behind => "behind",
    };
    let what = format!("looks {direction}, which needs backtracking");
    let help = "rewrite it without lookaround, or add a second schema under `allOf` or `not`";
    Err((Code::PatternNotLinear, what, help))
}

/// A class with its brackets.
fn class(negated: bool, items: &[Item<'_>]) -> Result<String, Refusal> {
    if items.is_empty() {
        let what = "has an empty class".to_owned();
        let help = "write `[\\s\\S]` for any character, or `\\]` for a bracket";
        return Err((Code::InvalidPattern, what, help));
    }
    let members = items.iter().map(member).collect::<Result<String, _>>()?;
    Ok(format!("[{}{members}]", if negated { "^" } else { "" }))
}

/// A character or a set inside a class.
fn member(item: &Item<'_>) -> Result<String, Refusal> {
    const SPECIAL: &str = r"\[]^-&~";
    Ok(match *item {
        Item::Char(code) => literal(code, SPECIAL)?,
        Item::Range(first, last) => {
            format!("{}-{}", literal(first, SPECIAL)?, literal(last, SPECIAL)?)
        }
        Item::Property(letter, name) => format!("\\{letter}{{{name}}}"),
        Item::Set(letter) => {
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
    })
}

/// A character in printable notation. The characters in `special` get a backslash.
fn literal(code: u32, special: &str) -> Result<String, Refusal> {
    // A surrogate matches no text, because text is UTF-8.
    let letter = char::from_u32(code).ok_or_else(|| invalid(Fault::Escape('u')))?;
    let blank = letter.is_control() || letter.is_whitespace() && letter != ' ';
    Ok(match letter {
        '\t' => r"\t".to_owned(),
        '\n' => r"\n".to_owned(),
        '\r' => r"\r".to_owned(),
        _ if special.contains(letter) => format!("\\{letter}"),
        _ if blank || letter == '\u{FEFF}' => format!("\\x{{{code:X}}}"),
        _ => letter.to_string(),
    })
}
