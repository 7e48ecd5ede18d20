//! The characters of strings, as far as their constraints show: which strings are tokens of subjects.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::Index;
use crate::lower::{CharacterSet, characters, is_plain};
use crate::model::{Assertion, Format, Keyword, Name, Regex, Text, Type};

/// All ASCII characters. The runtime refuses parameters with further characters.
const ALL: CharacterSet = CharacterSet::MAX;
/// The characters that end a token or are wildcards.
const MEANING: &str = ".*> \t\n\r\u{b}\u{c}";
/// The characters of a UUID.
const UUID: &str = "0-9A-Fa-f-";
/// The maximal nesting depth of assertions that are read.
const DEPTH: usize = 32;

/// Properties of all strings of a type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strings {
    /// The ASCII characters that they may contain.
    characters: CharacterSet,
    /// Whether each has a character.
    not_empty: bool,
}

impl Strings {
    const ANY: Self = Self {
        characters: ALL,
        not_empty: false,
    };
    const NONE: Self = Self {
        characters: 0,
        not_empty: true,
    };

    /// The strings of a type with these constraints and this assertion.
    pub(super) fn of(index: &Index<'_>, text: &Text, assertion: Option<&Name>) -> Self {
        let mut strings = assertion.map_or(Self::ANY, |name| named(index, name, DEPTH));
        strings.not_empty |= text.length.min > 0;
        if text.format == Some(Format::Uuid) {
            strings = strings.and(Self {
                characters: characters(UUID),
                not_empty: true,
            });
        }
        if let Some(constant) = &text.constant {
            strings = strings.and(Self::constant(constant));
        }
        if let Some(pattern) = &text.pattern {
            let classes = pattern.runs.iter().map(|run| characters(&run.class));
            strings = strings.and(Self {
                characters: classes.fold(0, |all, class| all | class),
                not_empty: pattern.length().min > 0,
            });
        }
        strings
    }

    /// Whether the strings contain no separator, no wildcard and no white space.
    pub(super) fn stay_in_token(self) -> bool {
        self.characters & set(MEANING) == 0
    }

    /// Whether a string may be empty.
    pub(super) fn may_be_empty(self) -> bool {
        !self.not_empty
    }

    fn constant(text: &str) -> Self {
        Self {
            characters: set(text),
            not_empty: !text.is_empty(),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            characters: self.characters & other.characters,
            not_empty: self.not_empty || other.not_empty,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            characters: self.characters | other.characters,
            not_empty: self.not_empty && other.not_empty,
        }
    }
}

/// Whether a text is a token of a subject without a meaning to any program.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_plain)
}

fn set(text: &str) -> CharacterSet {
    let ascii = text.bytes().filter(u8::is_ascii);
    ascii.fold(0, |set, byte| set | 1 << byte)
}

fn named(index: &Index<'_>, name: &Name, depth: usize) -> Strings {
    let mut all = index.protocol.assertions.iter();
    let found = all.find(|def| def.name == *name);
    match (found, depth.checked_sub(1)) {
        (Some(def), Some(depth)) => satisfying(index, &def.assertion, depth),
        _ => Strings::ANY,
    }
}

/// The strings that satisfy an assertion.
fn satisfying(index: &Index<'_>, Assertion(keywords): &Assertion, depth: usize) -> Strings {
    let Some(depth) = depth.checked_sub(1) else {
        return Strings::ANY;
    };
    let any_of = |assertions: &[Assertion]| {
        let each = assertions.iter();
        let each = each.map(|assertion| satisfying(index, assertion, depth));
        each.fold(Strings::NONE, Strings::or)
    };
    let each = keywords.iter().map(|keyword| match keyword {
        Keyword::Never => Strings::NONE,
        Keyword::Type(types) if !types.contains(&Type::String) => Strings::NONE,
        Keyword::Const(json) => json.as_str().map_or(Strings::NONE, Strings::constant),
        Keyword::Enum(values) => {
            let texts = values.iter().filter_map(|json| json.as_str());
            texts
                .map(Strings::constant)
                .fold(Strings::NONE, Strings::or)
        }
        Keyword::MinLength(length) => Strings {
            not_empty: *length > 0,
            ..Strings::ANY
        },
        Keyword::Pattern(regex) => matching(regex),
        Keyword::Not(assertion) => without(assertion),
        Keyword::AllOf(assertions) => {
            let each = assertions.iter();
            let each = each.map(|assertion| satisfying(index, assertion, depth));
            each.fold(Strings::ANY, Strings::and)
        }
        Keyword::AnyOf(assertions) | Keyword::OneOf(assertions) => any_of(assertions),
        Keyword::Ref(name) => named(index, name, depth),
        _ => Strings::ANY,
    });
    each.fold(Strings::ANY, Strings::and)
}

/// The strings that an expression matches.
fn matching(regex: &Regex) -> Strings {
    let Ok(hir) = regex_syntax::parse(&regex.linear) else {
        return Strings::ANY;
    };
    let properties = hir.properties();
    let is_whole = properties.look_set_prefix().contains(Look::Start)
        && properties.look_set_suffix().contains(Look::End);
    Strings {
        characters: if is_whole { used(&hir) } else { ALL },
        not_empty: properties.minimum_len().is_some_and(|length| length > 0),
    }
}

/// The strings that contain none of the characters of a class, if the assertion is an expression of a single class.
fn without(Assertion(keywords): &Assertion) -> Strings {
    let is_string = |keyword: &&Keyword| !matches!(keyword, Keyword::Type(types) if types.contains(&Type::String));
    let rest: Vec<&Keyword> = keywords.iter().filter(is_string).collect();
    let [Keyword::Pattern(regex)] = rest[..] else {
        return Strings::ANY;
    };
    let hir = regex_syntax::parse(&regex.linear);
    Strings {
        characters: hir.map_or(ALL, |hir| ALL & !single(&hir)),
        not_empty: false,
    }
}

/// The characters that match an expression alone.
fn single(hir: &Hir) -> CharacterSet {
    match hir.kind() {
        HirKind::Capture(capture) => single(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min <= 1 => single(&repetition.sub),
        HirKind::Alternation(parts) => parts.iter().map(single).fold(0, |all, one| all | one),
        HirKind::Literal(literal) if literal.0.len() > 1 => 0,
        HirKind::Literal(_) | HirKind::Class(_) => used(hir),
        _ => 0,
    }
}

/// The ASCII characters that an expression mentions.
fn used(hir: &Hir) -> CharacterSet {
    let between = |first: u32, last: u32| {
        let ascii = first..=last.min(127);
        ascii.fold(0, |set, code| set | 1_u128 << code)
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => {
            let ascii = literal.0.iter().filter(|byte| byte.is_ascii());
            ascii.fold(0, |set, byte| set | 1 << byte)
        }
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.ranges().iter();
            let ranges = ranges.map(|range| between(range.start().into(), range.end().into()));
            ranges.fold(0, |all, range| all | range)
        }
        HirKind::Class(Class::Bytes(class)) => {
            let ranges = class.ranges().iter();
            let ranges = ranges.map(|range| between(range.start().into(), range.end().into()));
            ranges.fold(0, |all, range| all | range)
        }
        HirKind::Repetition(repetition) => used(&repetition.sub),
        HirKind::Capture(capture) => used(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(used).fold(0, |all, part| all | part)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(linear: &str, expected: bool) {
        let regex = Regex {
            source: linear.to_owned(),
            linear: linear.to_owned(),
        };
        assert_eq!(matching(&regex).stay_in_token(), expected, "{linear}");
    }

    #[test]
    fn pattern_keeps_strings_in_a_token() {
        for good in [
            r"^[^.*>\s]+$",
            r"^[^.*> \t\n\r\x0B\x0C]*$",
            "^(a|[0-9])+$",
            "^(?:a|b)$",
            "^a$|^b$",
        ] {
            check(good, true);
        }
        for bad in [
            "",
            "a",
            "^a",
            "a$",
            "^[^.*>]+$",
            r"^[^.>\s]+$",
            "^a$|b",
            "^.$",
            r"^\S$",
            r"^(a\.)?b$",
        ] {
            check(bad, false);
        }
    }

    #[test]
    fn pattern_of_a_class_under_not_excludes_its_characters() {
        let excluded = |linear: &str| {
            let regex = Regex {
                source: linear.to_owned(),
                linear: linear.to_owned(),
            };
            without(&Assertion(vec![Keyword::Pattern(regex)])).stay_in_token()
        };
        assert!(excluded(r"[.*>\s]"));
        assert!(excluded(r"(\.|\*|>|\s)+"));
        assert!(!excluded(r"[.*>]"));
        assert!(!excluded(r"^[.*>\s]"));
        assert!(!excluded(r"[.*>\s]{2}"));
    }
}
