//! Regular expressions of ECMA-262 with the flag `u`.

use std::collections::BTreeSet;

use crate::codec::ecma::{Group, Item, Part, Parts, Repeat};

/// Returns true if `text` is a regular expression. The time is linear in the length of the text.
pub(super) fn is_expression(text: &str) -> bool {
    validate(text).is_some()
}

fn validate(text: &str) -> Option<()> {
    let (mut depth, mut groups, mut highest) = (0_usize, 0_u32, 0);
    let (mut names, mut references) = (BTreeSet::new(), Vec::new());
    for part in Parts::new(text) {
        let is_valid = match part.ok()? {
            Part::Bare(_) => false,
            Part::Open(group) => {
                depth += 1;
                groups += u32::from(matches!(group, Group::Numbered | Group::Named(_)));
                !matches!(group, Group::Named(name) if !is_name(name) || !names.insert(name))
            }
            Part::Close => {
                depth = depth.checked_sub(1)?;
                true
            }
            Part::Class { items, .. } => items
                .iter()
                .all(|item| !matches!(item, Item::Range(first, last) if first > last)),
            Part::Repeat(repeat) => is_ordered(&repeat),
            Part::Number(number) => {
                highest = highest.max(number.parse().ok()?);
                true
            }
            Part::Name(name) => {
                references.push(name);
                is_name(name)
            }
            Part::Mark(_) | Part::Boundary(_) | Part::Dot | Part::Item(_) => true,
        };
        is_valid.then_some(())?;
    }
    let is_known = references.iter().all(|name| names.contains(name));
    (depth == 0 && highest <= groups && is_known).then_some(())
}

fn is_name(name: &str) -> bool {
    let is_first = |char: char| char.is_alphabetic() || char == '_' || char == '$';
    name.starts_with(is_first) && name.chars().all(|char| is_first(char) || char.is_numeric())
}

/// Whether the minimum is not above the maximum. Both may have any number of digits.
fn is_ordered(repeat: &Repeat<'_>) -> bool {
    let size = |digits: &str| {
        let digits = digits.trim_start_matches('0');
        (digits.len(), digits.to_owned())
    };
    repeat.max.is_none_or(|max| size(repeat.min) <= size(max))
}
