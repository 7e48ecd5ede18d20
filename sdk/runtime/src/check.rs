//! Checking values against their schema, and saying where one breaks it.
//!
//! Generated types implement [`Checked`] as one chain of [`Check`] calls. The path to the value at hand lives on the
//! stack as linked steps; it becomes a JSON pointer only when something is wrong.

use std::collections::BTreeMap;
use std::fmt;

use std::time::Duration;

use crate::violation::push_token;
use crate::{Map, TextRule, Value, Violation};

mod values;

pub use values::{Counted, Text, Whole};

/// The outcome of a check: nothing, or the first violation.
pub type CheckResult = Result<(), Violation>;

/// A value that can say whether it obeys its schema.
pub trait Checked {
    /// Checks the value and what it contains.
    ///
    /// # Errors
    /// The first violation.
    fn check(&self, check: Check<'_>) -> CheckResult;
}

/// An enum of texts that may hold one that its schema does not list.
pub trait Open {
    /// The texts that the schema lists.
    const KNOWN: &[&str];

    /// The text, if it is not one of those.
    fn unknown(&self) -> Option<&str>;
}

/// The unit of a duration on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seconds.
    Secs,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
}

impl TimeUnit {
    fn wrong(self, duration: Duration, min: u64, max: u64) -> Option<String> {
        let (name, nanos) = match self {
            Self::Secs => ("seconds", 1_000_000_000),
            Self::Millis => ("milliseconds", 1_000_000),
            Self::Micros => ("microseconds", 1_000),
        };
        let holds = (u128::from(min)..=u128::from(max)).contains(&(duration.as_nanos() / nanos));
        (!holds).then(|| format!("expected {min} to {max} {name}"))
    }
}

/// What becomes of texts and tags that an open type does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// They are kept: the peer may be newer.
    Keep,
    /// They are a violation.
    Refuse,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Member(&'a Step<'a>, &'a str),
    Item(&'a Step<'a>, usize),
}

impl<'a> Step<'a> {
    /// The member `name`; the value itself where the name is empty.
    fn member(&'a self, name: &'a str) -> Self {
        if name.is_empty() {
            *self
        } else {
            Self::Member(self, name)
        }
    }

    fn write(self, pointer: &mut String) {
        match self {
            Self::Root => {}
            Self::Member(parent, name) => {
                parent.write(pointer);
                push_token(pointer, name);
            }
            Self::Item(parent, index) => {
                parent.write(pointer);
                push_token(pointer, &index.to_string());
            }
        }
    }
}

/// A check in progress at one place of a value. Every method keeps the first violation and passes over the rest.
/// The name of a member may be empty: then the value itself is meant.
pub struct Check<'a> {
    step: Step<'a>,
    unknown: Unknown,
    first: Option<Violation>,
}

impl Check<'_> {
    pub(crate) fn root(unknown: Unknown) -> Self {
        Self {
            step: Step::Root,
            unknown,
            first: None,
        }
    }

    /// Checks a member by its own rules.
    #[must_use]
    pub fn field<T: Checked + ?Sized>(mut self, name: &str, value: &T) -> Self {
        if self.first.is_none() {
            let member = Check {
                step: self.step.member(name),
                unknown: self.unknown,
                first: None,
            };
            self.first = value.check(member).err();
        }
        self
    }

    /// Checks that a text member has `min` to `max` Unicode characters.
    #[must_use]
    pub fn length(self, name: &str, value: &impl Text, min: u64, max: u64) -> Self {
        let wrong = value.text().and_then(|text| wrong_length(text, min, max));
        self.keep(name, wrong)
    }

    /// Checks that an integer member lies in `min..=max`.
    #[must_use]
    pub fn range(self, name: &str, value: impl Whole, min: i128, max: i128) -> Self {
        self.keep(name, wrong_range(value, min, max))
    }

    /// Checks that a number member is finite and lies in `min..=max`.
    #[must_use]
    pub fn number(self, name: &str, value: impl Into<Option<f64>>, min: f64, max: f64) -> Self {
        self.keep(name, wrong_number(value.into(), min, max))
    }

    /// Checks that a list member has `min` to `max` items; says nothing of the items.
    #[must_use]
    pub fn items(self, name: &str, value: &impl Counted, min: usize, max: usize) -> Self {
        self.keep(name, wrong_count(value.count(), min, max, "items"))
    }

    /// Checks that a map member has `min` to `max` members; says nothing of them.
    #[must_use]
    pub fn members(self, name: &str, value: &impl Counted, min: usize, max: usize) -> Self {
        self.keep(name, wrong_count(value.count(), min, max, "members"))
    }

    /// Checks every item of a list member by `rule`.
    #[must_use]
    pub fn each<'v, T: 'v>(
        mut self,
        name: &str,
        values: impl IntoIterator<Item = &'v T>,
        rule: impl Fn(Check<'_>, &T) -> CheckResult,
    ) -> Self {
        if self.first.is_none() {
            let list = self.step.member(name);
            self.first = values.into_iter().enumerate().find_map(|(index, value)| {
                let item = Check {
                    step: Step::Item(&list, index),
                    unknown: self.unknown,
                    first: None,
                };
                rule(item, value).err()
            });
        }
        self
    }

    /// Checks every value of a map member by `rule`.
    #[must_use]
    pub fn each_member<'v, K: AsRef<str> + 'v, T: 'v>(
        mut self,
        name: &str,
        values: impl IntoIterator<Item = (&'v K, &'v T)>,
        rule: impl Fn(Check<'_>, &T) -> CheckResult,
    ) -> Self {
        if self.first.is_none() {
            let map = self.step.member(name);
            self.first = values.into_iter().find_map(|(key, value)| {
                let member = Check {
                    step: Step::Member(&map, key.as_ref()),
                    unknown: self.unknown,
                    first: None,
                };
                rule(member, value).err()
            });
        }
        self
    }

    /// Checks that a text member obeys `rule`.
    #[must_use]
    pub fn text(self, name: &str, value: &impl Text, rule: &TextRule) -> Self {
        let wrong = value.text().and_then(|text| rule.check(text).err());
        self.keep(name, wrong.map(|violation| violation.into_parts().1))
    }

    /// Checks that a duration member, in whole `unit`s, lies in `min..=max`.
    #[must_use]
    pub fn duration(
        self,
        name: &str,
        value: impl Into<Option<Duration>>,
        unit: TimeUnit,
        min: u64,
        max: u64,
    ) -> Self {
        let wrong = value
            .into()
            .and_then(|duration| unit.wrong(duration, min, max));
        self.keep(name, wrong)
    }

    /// Checks an enum of texts: one that the schema does not list is kept where it is read from a newer peer, and
    /// a violation elsewhere. A listed text is never an unknown one.
    #[must_use]
    pub fn open<T: Open>(self, value: &T) -> Self {
        let wrong = value
            .unknown()
            .and_then(|text| self.wrong_tag(Some(text), T::KNOWN));
        self.keep("", wrong)
    }

    /// Checks the unknown variant of a union whose tags are `known`, by the rule of [`Check::open`]. A known tag
    /// ends up here when its content is not what the schema asks for.
    #[must_use]
    pub fn unknown(self, value: &Value, known: &[&str]) -> Self {
        let tag = match value {
            Value::String(tag) => Some(tag.as_str()),
            Value::Object(members) if members.len() == 1 => {
                members.keys().next().map(String::as_str)
            }
            _ => None,
        };
        // `{"error": …}` is how a peer refuses, never a variant that a newer one added.
        let tag = tag.filter(|tag| *tag != "error");
        let wrong = self.wrong_tag(tag, known);
        self.keep("", wrong)
    }

    /// Checks that the rest of an object does not repeat a member that has a field of its own.
    #[must_use]
    pub fn keys(self, rest: &Map, declared: &[&str]) -> Self {
        let wrong = declared.iter().find(|name| rest.contains_key(**name));
        self.keep(
            "",
            wrong.map(|name| format!("expected one member `{name}`")),
        )
    }

    /// Ends the check.
    ///
    /// # Errors
    /// The first violation.
    pub fn finish(self) -> CheckResult {
        self.first.map_or(Ok(()), Err)
    }

    fn each_item<T: Checked>(self, items: &[T]) -> CheckResult {
        items.iter().enumerate().try_for_each(|(index, item)| {
            item.check(Check {
                step: Step::Item(&self.step, index),
                unknown: self.unknown,
                first: None,
            })
        })
    }

    fn each_value<K: AsRef<str>, V: Checked>(self, members: &BTreeMap<K, V>) -> CheckResult {
        members.iter().try_for_each(|(key, value)| {
            value.check(Check {
                step: Step::Member(&self.step, key.as_ref()),
                unknown: self.unknown,
                first: None,
            })
        })
    }

    fn wrong_tag(&self, tag: Option<&str>, known: &[&str]) -> Option<String> {
        let is_known = tag.is_some_and(|tag| known.contains(&tag));
        if is_known {
            return Some("expected the content that belongs to its tag".to_owned());
        }
        // A union's variant is a text or an object with one member; anything else is no newer peer's variant.
        if tag.is_some() && self.unknown == Unknown::Keep {
            return None;
        }
        Some(format!("expected one of {}", Names(known)))
    }

    fn keep(mut self, name: &str, wrong: Option<String>) -> Self {
        if let (None, Some(reason)) = (&self.first, wrong) {
            let mut pointer = String::new();
            self.step.member(name).write(&mut pointer);
            self.first = Some(Violation::at(pointer, reason));
        }
        self
    }
}

struct Names<'a>(&'a [&'a str]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}`{name}`")?;
        }
        Ok(())
    }
}

/// Says what is wrong with the number of characters of `text`.
pub(crate) fn wrong_length(text: &str, min: u64, max: u64) -> Option<String> {
    let bytes = text.len() as u64;
    // A character takes one to four bytes: most texts are judged without counting.
    if bytes <= max && bytes.div_ceil(4) >= min {
        return None;
    }
    let characters = text.chars().count() as u64;
    if characters < min {
        Some(format!("expected at least {min} characters"))
    } else if characters > max {
        Some(format!("expected at most {max} characters"))
    } else {
        None
    }
}

fn wrong_range(value: impl Whole, min: i128, max: i128) -> Option<String> {
    let value = value.whole()?;
    (value < min || value > max).then(|| format!("expected an integer from {min} to {max}"))
}

fn wrong_number(value: Option<f64>, min: f64, max: f64) -> Option<String> {
    let value = value?;
    if value.is_finite() && value >= min && value <= max {
        return None;
    }
    Some(match (min > f64::MIN, max < f64::MAX) {
        (false, false) => "expected a finite number".to_owned(),
        (true, false) => format!("expected a number from {min}"),
        (false, true) => format!("expected a number up to {max}"),
        (true, true) => format!("expected a number from {min} to {max}"),
    })
}

fn wrong_count(count: Option<usize>, min: usize, max: usize, noun: &str) -> Option<String> {
    let count = count?;
    if count < min {
        Some(format!("expected at least {min} {noun}"))
    } else if count > max {
        Some(format!("expected at most {max} {noun}"))
    } else {
        None
    }
}
