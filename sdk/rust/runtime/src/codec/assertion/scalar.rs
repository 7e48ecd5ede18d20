//! Keywords for values of any type, and for strings.

use crate::codec::json::{Number, ValueRef};

use super::keyword::{Keyword, Type};
use super::reason;
use super::validator::{Validator, Verdict};

impl<'s> Validator<'s, '_> {
    pub(super) fn any(&self, keyword: &'s Keyword<'s>, json: &ValueRef<'_>) -> Verdict {
        match keyword {
            Keyword::Type(types) => {
                let is_one = types.iter().any(|any| any.has(json));
                self.expect(is_one, || reason::types(types))
            }
            Keyword::Const(constant) => {
                self.expect(constant.equals(json), || reason::constants(&[constant]))
            }
            Keyword::Enum(constants) => {
                let is_one = constants.iter().any(|constant| constant.equals(json));
                self.expect(is_one, || {
                    reason::constants(&constants.iter().collect::<Vec<_>>())
                })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn text(&self, keyword: &Keyword, text: &str) -> Verdict {
        match keyword {
            Keyword::MinLength(min) => self.expect(characters(text) >= *min, || {
                crate::codec::reason::at_least(*min, "characters")
            }),
            Keyword::MaxLength(max) => self.expect(characters(text) <= *max, || {
                crate::codec::reason::at_most(*max, "characters")
            }),
            Keyword::Pattern(pattern) => self.expect(pattern.finds(text), || {
                crate::codec::reason::matching(pattern.as_str())
            }),
            Keyword::Format(format) => {
                self.expect(format.accepts(text), || format!("expected {format}"))
            }
            _ => Ok(()),
        }
    }
}

fn characters(text: &str) -> u64 {
    text.chars().count() as u64
}

impl Type {
    fn has(self, json: &ValueRef<'_>) -> bool {
        match self {
            Self::Null => matches!(json, ValueRef::Null),
            Self::Boolean => matches!(json, ValueRef::Bool(_)),
            Self::Integer => match json {
                ValueRef::Number(Number::Unsigned(_) | Number::Signed(_)) => true,
                ValueRef::Number(Number::Float(number)) => number.fract() == 0.0,
                _ => false,
            },
            Self::Number => matches!(json, ValueRef::Number(_)),
            Self::String => matches!(json, ValueRef::Text(_)),
            Self::Array => matches!(json, ValueRef::Array(_)),
            Self::Object => matches!(json, ValueRef::Object(_)),
        }
    }
}
