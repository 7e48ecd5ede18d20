//! Conversions between the replies of two transports.

use bytes::Bytes;

use crate::codec;
use crate::codec::json::{Map, Value};
use crate::codec::side::Side;
use crate::http_route::HttpRule;

/// A rule that makes a JSON value from a request and its reply.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mapping {
    /// The value at a JSON pointer that begins with `/request` or `/reply`.
    Pointer(String),
    /// A constant.
    Value(Value),
    /// An object. Members whose rule finds no value are absent.
    Members(Vec<(String, Mapping)>),
    /// The number of items of the array at a JSON pointer.
    Length(String),
    /// The difference of two non-negative integers; 0 if the second is larger.
    Difference(Box<[Mapping; 2]>),
}

impl Mapping {
    /// Prepares a rule. Returns `None` if a constant is not JSON.
    pub(super) fn new(rule: &HttpRule<'_>) -> Option<Self> {
        Some(match *rule {
            HttpRule::Pointer(pointer) => Self::Pointer(pointer.to_owned()),
            HttpRule::Value(text) => Self::Value(text.parse().ok()?),
            HttpRule::Length(pointer) => Self::Length(pointer.to_owned()),
            HttpRule::Members(members) => {
                let members = members.iter();
                let members =
                    members.map(|(name, rule)| Some(((*name).to_owned(), Self::new(rule)?)));
                Self::Members(members.collect::<Option<_>>()?)
            }
            HttpRule::Difference([minuend, subtrahend]) => {
                Self::Difference(Box::new([Self::new(minuend)?, Self::new(subtrahend)?]))
            }
        })
    }

    /// Converts a reply, given as JSON text like its request. Returns `None` if the rule finds no value.
    pub(super) fn convert(&self, request: &[u8], reply: &[u8]) -> Option<Bytes> {
        let decode = |text| codec::decode::<Value>(text, Side::Reply).ok();
        let request = if self.reads_request() {
            decode(request)?
        } else {
            Value::Null
        };
        let converted = self.apply(&request, &decode(reply)?)?;
        codec::encode(&converted).ok().map(Bytes::from)
    }

    /// Applies the rule. Returns `None` if it finds no value.
    fn apply(&self, request: &Value, reply: &Value) -> Option<Value> {
        Some(match self {
            Self::Pointer(pointer) => find(pointer, request, reply)?.clone(),
            Self::Value(value) => value.clone(),
            Self::Members(rules) => {
                let mut members = Map::new();
                for (name, rule) in rules {
                    if let Some(value) = rule.apply(request, reply) {
                        members.insert(name.as_str(), value);
                    }
                }
                Value::Object(members)
            }
            Self::Length(pointer) => {
                let items = find(pointer, request, reply)?.as_array()?;
                Value::from(u64::try_from(items.len()).ok()?)
            }
            Self::Difference(operands) => {
                let [minuend, subtrahend] = operands.each_ref().map(|rule| {
                    let operand = rule.apply(request, reply);
                    operand.as_ref().and_then(Value::as_u64)
                });
                Value::from(minuend?.saturating_sub(subtrahend?))
            }
        })
    }

    /// Whether the rule reads the request.
    fn reads_request(&self) -> bool {
        match self {
            Self::Pointer(pointer) | Self::Length(pointer) => pointer.starts_with("/request"),
            Self::Value(_) => false,
            Self::Members(rules) => rules.iter().any(|(_, rule)| rule.reads_request()),
            Self::Difference(operands) => operands.iter().any(Self::reads_request),
        }
    }
}

fn find<'a>(pointer: &str, request: &'a Value, reply: &'a Value) -> Option<&'a Value> {
    let (document, rest) = match pointer.strip_prefix("/reply") {
        Some(rest) => (reply, rest),
        None => (request, pointer.strip_prefix("/request")?),
    };
    document.pointer(rest)
}

#[cfg(test)]
mod tests {
    use super::HttpRule::{Difference, Length, Members, Pointer, Value as Constant};
    use super::*;

    #[test]
    fn mapping_makes_the_other_form_of_a_reply() {
        let check = |rule: HttpRule<'_>, expected: Option<&str>| {
            let rule = Mapping::new(&rule).unwrap();
            let request: Value = r#"{"id": "p", "events": [1, 2, 3]}"#.parse().unwrap();
            let reply = r#"{"done": 2, "states": {"a": [18446744073709551615]}}"#;
            let mapped = rule.apply(&request, &reply.parse().unwrap());
            assert_eq!(mapped.map(|value| value.to_string()).as_deref(), expected);
        };
        let (sent, done) = (Length("/request/events"), Pointer("/reply/done"));
        let large = Some("18446744073709551615");
        check(Pointer("/reply/states/a/0"), large);
        check(Pointer("/reply/none"), None);
        check(
            Constant(r#"{"deleted": true}"#),
            Some(r#"{"deleted":true}"#),
        );
        check(
            Members(&[
                ("id", Pointer("/request/id")),
                ("none", Pointer("/reply/none")),
                ("ok", Constant("true")),
            ]),
            Some(r#"{"id":"p","ok":true}"#),
        );
        check(sent, Some("3"));
        check(Difference(&[sent, done]), Some("1"));
        check(Difference(&[done, sent]), Some("0"));
        assert_eq!(Mapping::new(&Constant("{")), None);
    }
}
