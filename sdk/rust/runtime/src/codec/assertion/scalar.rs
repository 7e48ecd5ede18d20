//! Keywords about values of any type, and about texts.

use crate::codec::json::{Json, Number};

use super::judge::{Judge, Verdict};
use super::{Keyword, Type, reason};

impl Judge<'_> {
    pub(super) fn any(&self, keyword: &'static Keyword, json: &Json<'_>) -> Verdict {
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
    fn has(self, json: &Json<'_>) -> bool {
        match self {
            Self::Null => matches!(json, Json::Null),
            Self::Boolean => matches!(json, Json::Bool(_)),
            Self::Integer => match json {
                Json::Number(Number::Unsigned(_) | Number::Signed(_)) => true,
                Json::Number(Number::Float(number)) => number.fract() == 0.0,
                _ => false,
            },
            Self::Number => matches!(json, Json::Number(_)),
            Self::String => matches!(json, Json::Text(_)),
            Self::Array => matches!(json, Json::Array(_)),
            Self::Object => matches!(json, Json::Object(_)),
        }
    }
}
