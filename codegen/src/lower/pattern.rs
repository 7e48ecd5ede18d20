//! Patterns of strings: the subset of regular expressions that a single pass without backtracking can match.

use std::slice;

use natsgen_runtime::codec::ecma::{Item, Part, Parts, Repeat};

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
    let parts = Parts::new(regex).collect::<Result<Vec<_>, _>>().ok()?;
    let [Part::Mark('^'), body @ .., Part::Mark('$')] = &parts[..] else {
        return None;
    };
    let mut runs: Vec<Run> = Vec::new();
    for part in body {
        let class = match part {
            Part::Repeat(repeat) => {
                let run = runs.last_mut()?;
                (run.min, run.max) = counts(repeat)?;
                continue;
            }
            Part::Item(item) => class(slice::from_ref(item))?,
            Part::Class {
                negated: false,
                items,
            } => class(items)?,
            _ => return None,
        };
        let (min, max) = (1, Some(1));
        runs.push(Run { class, min, max });
    }
    is_unambiguous(&runs).then(|| Pattern {
        regex: regex.to_owned(),
        runs,
    })
}

/// The class of these characters and sets. A literal hyphen is moved to the end.
fn class(items: &[Item<'_>]) -> Option<String> {
    let mut class = String::new();
    let mut hyphen = false;
    for item in items {
        match *item {
            Item::Set('d') => class.push_str("0-9"),
            Item::Set('w') => class.push_str("A-Za-z0-9_"),
            Item::Set(_) | Item::Property(..) => return None,
            Item::Char(code) => match char::from_u32(code)? {
                '-' => hyphen = true,
                letter @ ' '..='~' => class.push_str(&literal(letter)),
                _ => return None,
            },
            Item::Range(first, last) => {
                let (first, last) = (char::from_u32(first)?, char::from_u32(last)?);
                let plain = first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric();
                (plain && first < last).then_some(())?;
                class.extend([first, '-', last]);
            }
        }
    }
    class.extend(hyphen.then_some('-'));
    (!class.is_empty()).then_some(class)
}

/// The counts of a quantifier. Returns `None` if the counts can never match.
fn counts(repeat: &Repeat<'_>) -> Option<(u32, Option<u32>)> {
    let number = |digits: &str| digits.parse().ok().filter(|number| *number <= REPETITIONS);
    let min = number(repeat.min)?;
    let max = match repeat.max {
        Some(max) => Some(number(max)?),
        None => None,
    };
    let possible = max.is_none_or(|max| max >= min && max > 0);
    (possible && !repeat.lazy).then_some((min, max))
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
        check("^[[a]$", &[("\\[a", 1, Some(1))]);
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
