//! Patterns of texts: the part of regular expressions that is decided by one pass without backing up.

use crate::diagnostic::quoted;
use crate::model::{Length, Pattern, Run};

/// Most repetitions that a pattern may count.
const REPETITIONS: u32 = 1_048_576;
/// What the dialect accepts.
const HELP: &str = "use `^…$` around ASCII characters and classes such as `[A-Za-z0-9_-]`, `\\d`, `\\w`, \
                    each with `{m}`, `{m,n}`, `*`, `+` or `?`";

/// The ASCII characters of a class, one bit each.
pub(crate) type Letters = u128;

/// Why a pattern is not accepted: what is wrong, and what to do.
pub(crate) type Refusal = (String, &'static str);

impl Pattern {
    /// Least and greatest number of characters that match.
    pub(crate) fn length(&self) -> Length {
        let min = self.runs.iter().map(|run| u64::from(run.min)).sum();
        let max = self.runs.iter().map(|run| run.max.map(u64::from)).sum();
        Length { min, max }
    }
}

/// Reads a pattern.
pub(crate) fn parse(regex: &str) -> Result<Pattern, Refusal> {
    let body = regex
        .strip_prefix('^')
        .and_then(|rest| rest.strip_suffix('$'));
    let Some(body) = body.filter(|body| !ends_in_escape(body)) else {
        let message = format!("the pattern {} is not anchored", quoted(regex));
        return Err((
            message,
            "write `^` before and `$` after it, so that it speaks about the whole text",
        ));
    };
    let mut reader = Reader {
        regex,
        letters: body.chars().collect(),
        at: 0,
    };
    let mut runs = Vec::new();
    while let Some(run) = reader.run()? {
        runs.push(run);
    }
    unambiguous(regex, &runs)?;
    Ok(Pattern {
        regex: regex.to_owned(),
        runs,
    })
}

/// Whether the `$` after this text would be an escaped one.
fn ends_in_escape(body: &str) -> bool {
    (body.len() - body.trim_end_matches('\\').len()) % 2 == 1
}

/// Refuses patterns in which a run could take characters that a later one needs: taking as many as possible is then
/// the only way to match.
fn unambiguous(regex: &str, runs: &[Run]) -> Result<(), Refusal> {
    for (at, run) in runs
        .iter()
        .enumerate()
        .filter(|(_, run)| run.max != Some(run.min))
    {
        for later in &runs[at + 1..] {
            if letters(&run.class) & letters(&later.class) != 0 {
                let message = format!(
                    "the pattern {} is ambiguous: `[{}]` may be followed by `[{}]`",
                    quoted(regex),
                    run.class,
                    later.class,
                );
                return Err((
                    message,
                    "let a run of variable length end at a character that is not in it",
                ));
            }
            if later.min > 0 {
                break;
            }
        }
    }
    Ok(())
}

/// The characters of a class in the notation of [`Run`].
pub(crate) fn letters(class: &str) -> Letters {
    let letters: Vec<u8> = class.bytes().filter(u8::is_ascii).collect();
    let mut set = 0;
    let mut rest = &letters[..];
    while let [first, tail @ ..] = rest {
        if let (b'\\', [literal, tail @ ..]) = (first, tail) {
            set |= between(*literal, *literal);
            rest = tail;
            continue;
        }
        if let [b'-', last, tail @ ..] = tail {
            set |= between(*first, *last);
            rest = tail;
        } else {
            set |= between(*first, *first);
            rest = tail;
        }
    }
    set
}

/// A character as a class of its own.
fn literal(letter: char) -> String {
    if matches!(letter, '\\' | ']' | '[' | '^') {
        format!("\\{letter}")
    } else {
        letter.to_string()
    }
}

fn between(first: u8, last: u8) -> Letters {
    (first..=last).fold(0, |set, letter| set | 1 << letter)
}

struct Reader<'a> {
    regex: &'a str,
    letters: Vec<char>,
    at: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let letter = self.letters.get(self.at).copied();
        self.at += 1;
        letter
    }

    fn eat(&mut self, expected: char) -> bool {
        let found = self.letters.get(self.at) == Some(&expected);
        self.at += usize::from(found);
        found
    }

    fn refuse<T>(&self, what: &str) -> Result<T, Refusal> {
        Err((
            format!(
                "the pattern {} is not supported: {what}",
                quoted(self.regex)
            ),
            HELP,
        ))
    }

    /// The next class with its repetition; `None` at the end.
    fn run(&mut self) -> Result<Option<Run>, Refusal> {
        let Some(letter) = self.next() else {
            return Ok(None);
        };
        let class = match letter {
            '[' => self.class()?,
            '\\' => self.escaped()?,
            '(' | ')' | '|' => {
                return self.refuse("groups and alternatives cannot be decided in one pass");
            }
            '.' => return self.refuse("`.` stands for characters that no list names"),
            '^' | '$' | '*' | '+' | '?' | '{' | '}' | ']' => {
                return self.refuse(&format!(
                    "`{letter}` does not belong at character {}",
                    self.at + 1
                ));
            }
            _ if letter.is_ascii_graphic() || letter == ' ' => literal(letter),
            _ => return self.refuse("it has a character that is not printable ASCII"),
        };
        let (min, max) = self.repetition()?;
        Ok(Some(Run { class, min, max }))
    }

    /// What follows a backslash, as a class.
    fn escaped(&mut self) -> Result<String, Refusal> {
        match self.next() {
            Some('d') => Ok("0-9".to_owned()),
            Some('w') => Ok("A-Za-z0-9_".to_owned()),
            Some(letter) if "^$\\.*+?()[]{}|/-".contains(letter) => Ok(literal(letter)),
            Some(letter) => self.refuse(&format!("`\\{letter}` has no meaning here")),
            None => self.refuse("it ends in a backslash"),
        }
    }

    /// What stands between brackets; a hyphen that means itself is put last.
    fn class(&mut self) -> Result<String, Refusal> {
        let mut class = String::new();
        let mut hyphen = false;
        if self.letters.get(self.at) == Some(&'^') {
            return self.refuse("a class says what is in it, not what is not");
        }
        loop {
            let part = match self.next() {
                None => return self.refuse("a class is not closed"),
                Some(']') => break,
                Some('[') => return self.refuse("`[` inside a class is written `\\[`"),
                Some('\\') => self.escaped()?,
                Some(letter) if letter.is_ascii_graphic() || letter == ' ' => literal(letter),
                Some(_) => return self.refuse("it has a character that is not printable ASCII"),
            };
            let ranged = self.letters.get(self.at) == Some(&'-')
                && !matches!(self.letters.get(self.at + 1), None | Some(']'));
            if ranged {
                self.at += 1;
                class.push_str(&self.range(&part)?);
            } else if part == "-" {
                hyphen = true;
            } else {
                class.push_str(&part);
            }
        }
        if hyphen {
            class.push('-');
        }
        if class.is_empty() {
            self.refuse("a class is empty")
        } else {
            Ok(class)
        }
    }

    /// The range that starts with this character; the hyphen is read already.
    fn range(&mut self, first: &str) -> Result<String, Refusal> {
        let last = match self.next() {
            Some('\\') => self.escaped()?,
            Some(letter) if letter.is_ascii_graphic() && letter != '[' => letter.to_string(),
            _ => return self.refuse("a range has no end"),
        };
        let ordered = first.len() == 1 && last.len() == 1 && first < &*last;
        let alphanumeric = format!("{first}{last}")
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric());
        if ordered && alphanumeric {
            return Ok(format!("{first}-{last}"));
        }
        self.refuse(&format!(
            "`{first}-{last}` is not a range of letters or digits"
        ))
    }

    fn repetition(&mut self) -> Result<(u32, Option<u32>), Refusal> {
        let bounds = match self.letters.get(self.at) {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                self.at += 1;
                return self.counted();
            }
            _ => return Ok((1, Some(1))),
        };
        self.at += 1;
        Ok(bounds)
    }

    /// `m}`, `m,}` or `m,n}`.
    fn counted(&mut self) -> Result<(u32, Option<u32>), Refusal> {
        let min = self.number()?;
        let max = match self.eat(',') {
            false => Some(min),
            true if self.letters.get(self.at) == Some(&'}') => None,
            true => Some(self.number()?),
        };
        if !self.eat('}') {
            return self.refuse("a repetition is not closed");
        }
        if max.is_some_and(|max| max < min || max == 0) {
            return self.refuse("a repetition can never match");
        }
        Ok((min, max))
    }

    fn number(&mut self) -> Result<u32, Refusal> {
        let digits: String = self.letters[self.at.min(self.letters.len())..]
            .iter()
            .take_while(|c| c.is_ascii_digit())
            .collect();
        self.at += digits.len();
        match digits.parse() {
            Ok(number) if number <= REPETITIONS => Ok(number),
            _ => self.refuse("a repetition needs a number up to 1048576"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(regex: &str, expected: &[(&str, u32, Option<u32>)]) {
        let pattern = parse(regex).map(|pattern| pattern.runs);
        let runs = expected.iter().map(|&(class, min, max)| Run {
            class: class.to_owned(),
            min,
            max,
        });
        assert_eq!(pattern, Ok(runs.collect()), "{regex}");
    }

    fn refuse(regex: &str, expected: &str) {
        let message = parse(regex).map_err(|(message, _)| message);
        assert!(
            message
                .as_ref()
                .is_err_and(|message| message.contains(expected)),
            "{regex}: {message:?}"
        );
    }

    #[test]
    fn sequences_of_classes_are_read() {
        check("^$", &[]);
        check("^[A-Za-z0-9_-]+$", &[("A-Za-z0-9_-", 1, None)]);
        check("^[-a]$", &[("a-", 1, Some(1))]);
        check(
            "^v\\d{1,3}\\.\\w*$",
            &[
                ("v", 1, Some(1)),
                ("0-9", 1, Some(3)),
                (".", 1, Some(1)),
                ("A-Za-z0-9_", 0, None),
            ],
        );
        check(
            "^a?b{2}c{3,}$",
            &[("a", 0, Some(1)), ("b", 2, Some(2)), ("c", 3, None)],
        );
        check("^[\\]\\\\.]+$", &[("\\]\\\\.", 1, None)]);
        check("^\\$$", &[("$", 1, Some(1))]);
        check("^[\\w.]{1,64}$", &[("A-Za-z0-9_.", 1, Some(64))]);
    }

    #[test]
    fn everything_else_is_refused_by_name() {
        for regex in ["", "a", "^a", "a$", "^a\\$"] {
            refuse(regex, "is not anchored");
        }
        for (regex, expected) in [
            ("^(a)$", "groups"),
            ("^a|b$", "groups"),
            ("^.*$", "`.` stands"),
            ("^a**$", "`*` does not belong at character 4"),
            ("^[^a]$", "what is not"),
            ("^[a$", "not closed"),
            ("^[]$", "a class is empty"),
            ("^[[a]$", "inside a class"),
            ("^[z-a]$", "`z-a` is not a range"),
            ("^[\\d-z]$", "is not a range"),
            ("^a{$", "needs a number"),
            ("^a{2,1}$", "never match"),
            ("^a{0}$", "never match"),
            ("^a{1$", "not closed"),
            ("^a{99999999999}$", "needs a number"),
            ("^\\p{L}$", "`\\p` has no meaning"),
            ("^\\bx$", "`\\b` has no meaning"),
            ("^é$", "not printable ASCII"),
            ("^[é]$", "not printable ASCII"),
            ("^\n$", "not printable ASCII"),
        ] {
            refuse(regex, expected);
        }
    }

    #[test]
    fn what_greed_could_get_wrong_is_ambiguous() {
        refuse("^[a-z]+a$", "`[a-z]` may be followed by `[a]`");
        refuse("^a*b?a$", "`[a]` may be followed by `[a]`");
        refuse("^\\w{1,2}\\d$", "ambiguous");
        check(
            "^a*ba$",
            &[("a", 0, None), ("b", 1, Some(1)), ("a", 1, Some(1))],
        );
        check("^[a-z]{2}a$", &[("a-z", 2, Some(2)), ("a", 1, Some(1))]);
    }

    #[test]
    fn classes_are_sets() {
        assert_eq!(letters("a-c"), letters("cba"));
        assert_eq!(letters("a-"), letters("-a"));
        assert_eq!(letters("A-Za-z0-9_-").count_ones(), 64);
        assert_eq!(letters("\\]\\\\").count_ones(), 2);
        assert_eq!(letters(""), 0);
    }
}
