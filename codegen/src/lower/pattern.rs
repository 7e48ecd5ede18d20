//! Patterns of strings: the subset of regular expressions that a single pass without backtracking can match.

use crate::model::{Length, Pattern, Run};

/// The maximal repetition count of a pattern.
const REPETITIONS: u32 = 1_048_576;

/// The ASCII characters of a class, with a bit for each character.
pub type CharacterSet = u128;

impl Pattern {
    /// The minimal and maximal number of matching characters.
    pub(crate) fn length(&self) -> Length {
        let min = self.runs.iter().map(|run| u64::from(run.min)).sum();
        let max = self.runs.iter().map(|run| run.max.map(u64::from)).sum();
        Length { min, max }
    }
}

/// Parses a pattern: `^…$` around ASCII characters and classes such as `[A-Za-z0-9_-]`, `\d`, `\w`. Each can be
/// followed by `{m}`, `{m,n}`, `*`, `+` or `?`. Returns `None` for any other notation, and for a pattern that needs
/// backtracking.
#[must_use]
pub fn parse(regex: &str) -> Option<Pattern> {
    let body = regex.strip_prefix('^')?.strip_suffix('$')?;
    if ends_in_escape(body) {
        return None;
    }
    let mut reader = Reader {
        characters: body.chars().collect(),
        at: 0,
    };
    let mut runs = Vec::new();
    while reader.at < reader.characters.len() {
        runs.push(reader.run()?);
    }
    is_unambiguous(&runs).then(|| Pattern {
        regex: regex.to_owned(),
        runs,
    })
}

/// Whether a `$` after this text would be escaped.
fn ends_in_escape(body: &str) -> bool {
    (body.len() - body.trim_end_matches('\\').len()) % 2 == 1
}

/// Whether no run can consume characters that a later run needs. Then the longest match of each run is the only
/// possible match.
fn is_unambiguous(runs: &[Run]) -> bool {
    runs.iter().enumerate().all(|(at, run)| {
        let rest = &runs[at + 1..];
        let next = rest.iter().position(|later| later.min > 0);
        let near = &rest[..next.map_or(rest.len(), |next| next + 1)];
        let meets = |later: &Run| characters(&run.class) & characters(&later.class) != 0;
        run.max == Some(run.min) || !near.iter().any(meets)
    })
}

/// The characters of a class, in the notation of [`Run`].
#[must_use]
pub fn characters(class: &str) -> CharacterSet {
    let characters: Vec<u8> = class.bytes().filter(u8::is_ascii).collect();
    let mut set = 0;
    let mut rest = &characters[..];
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

fn between(first: u8, last: u8) -> CharacterSet {
    (first..=last).fold(0, |set, letter| set | 1 << letter)
}

struct Reader {
    characters: Vec<char>,
    at: usize,
}

impl Reader {
    fn next(&mut self) -> Option<char> {
        let letter = self.characters.get(self.at).copied();
        self.at += 1;
        letter
    }

    fn eat(&mut self, expected: char) -> bool {
        let found = self.characters.get(self.at) == Some(&expected);
        self.at += usize::from(found);
        found
    }

    /// The next class with its repetition.
    fn run(&mut self) -> Option<Run> {
        let class = match self.next()? {
            '[' => self.class()?,
            letter => self.literal(letter, "()|.^$*+?{}]")?,
        };
        let (min, max) = self.repetition()?;
        Some(Run { class, min, max })
    }

    /// A literal character, or a character after a backslash, as a class. The characters in `special` are not literals.
    fn literal(&mut self, letter: char, special: &str) -> Option<String> {
        match letter {
            '\\' => self.escaped(),
            _ if special.contains(letter) => None,
            _ => (letter.is_ascii_graphic() || letter == ' ').then(|| literal(letter)),
        }
    }

    /// The escape after a backslash, as a class.
    fn escaped(&mut self) -> Option<String> {
        match self.next()? {
            'd' => Some("0-9".to_owned()),
            'w' => Some("A-Za-z0-9_".to_owned()),
            letter => "^$\\.*+?()[]{}|/-"
                .contains(letter)
                .then(|| literal(letter)),
        }
    }

    /// The class between brackets. A literal hyphen is moved to the end.
    fn class(&mut self) -> Option<String> {
        let mut class = String::new();
        let mut hyphen = false;
        if self.characters.get(self.at) == Some(&'^') {
            return None;
        }
        while !self.eat(']') {
            let letter = self.next()?;
            let part = self.literal(letter, "[")?;
            let ranged = self.characters.get(self.at) == Some(&'-')
                && !matches!(self.characters.get(self.at + 1), None | Some(']'));
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
        (!class.is_empty()).then_some(class)
    }

    /// The range of characters or digits that starts with this character, after its hyphen.
    fn range(&mut self, first: &str) -> Option<String> {
        let letter = self.next()?;
        let last = self.literal(letter, "[")?;
        let range = format!("{first}-{last}");
        let plain =
            |end: &str| end.len() == 1 && end.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (plain(first) && plain(&last) && first < &*last).then_some(range)
    }

    fn repetition(&mut self) -> Option<(u32, Option<u32>)> {
        let bounds = match self.characters.get(self.at) {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                self.at += 1;
                return self.counted();
            }
            _ => return Some((1, Some(1))),
        };
        self.at += 1;
        Some(bounds)
    }

    /// Reads `m}`, `m,}` or `m,n}`. Returns `None` if the counts can never match.
    fn counted(&mut self) -> Option<(u32, Option<u32>)> {
        let min = self.number()?;
        let max = match self.eat(',') {
            false => Some(min),
            true if self.characters.get(self.at) == Some(&'}') => None,
            true => Some(self.number()?),
        };
        let possible = max.is_none_or(|max| max >= min && max > 0);
        (self.eat('}') && possible).then_some((min, max))
    }

    fn number(&mut self) -> Option<u32> {
        let rest = self.characters.get(self.at..)?;
        let digits: String = rest.iter().take_while(|c| c.is_ascii_digit()).collect();
        self.at += digits.len();
        digits.parse().ok().filter(|number| *number <= REPETITIONS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(regex: &str, expected: &[(&str, u32, Option<u32>)]) {
        let found = parse(regex).map(|pattern| pattern.runs);
        let runs = expected.iter().map(|&(class, min, max)| Run {
            class: class.to_owned(),
            min,
            max,
        });
        assert_eq!(found, Some(runs.collect()), "{regex}");
    }

    #[test]
    fn pattern_of_class_sequence_is_parsed() {
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
    fn pattern_of_other_notation_is_left_to_an_assertion() {
        let unanchored = ["", "a", "^a", "a$", "^a\\$"];
        let more_than_runs = [
            "^(a)$", "^a|b$", "^.*$", "^a**$", "^[^a]$", "^\\p{L}$", "^\\bx$",
        ];
        let broken = [
            "^[a$",
            "^[]$",
            "^[[a]$",
            "^[z-a]$",
            "^[\\d-z]$",
            "^[a-\\w]$",
            "^a{$",
            "^a{1$",
        ];
        let never = ["^a{2,1}$", "^a{0}$", "^a{99999999999}$", "^a{1048577}$"];
        let beyond_ascii = ["^é$", "^[é]$", "^\n$"];
        let ambiguous = ["^[a-z]+a$", "^a*b?a$", "^\\w{1,2}\\d$"];
        let all: [&[&str]; 6] = [
            &unanchored,
            &more_than_runs,
            &broken,
            &never,
            &beyond_ascii,
            &ambiguous,
        ];
        for regex in all.concat() {
            assert_eq!(parse(regex), None, "{regex}");
        }
    }

    #[test]
    fn pattern_of_overlapping_runs_needs_a_unique_match() {
        check(
            "^a*ba$",
            &[("a", 0, None), ("b", 1, Some(1)), ("a", 1, Some(1))],
        );
        check("^[a-z]{2}a$", &[("a-z", 2, Some(2)), ("a", 1, Some(1))]);
    }

    #[test]
    fn pattern_class_is_a_character_set() {
        assert_eq!(characters("a-c"), characters("cba"));
        assert_eq!(characters("a-"), characters("-a"));
        assert_eq!(characters("A-Za-z0-9_-").count_ones(), 64);
        assert_eq!(characters("\\]\\\\").count_ones(), 2);
        assert_eq!(characters(""), 0);
    }
}
