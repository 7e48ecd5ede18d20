//! Conversions between the replies of two transports.

use crate::codec::json::{Map, Value};

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
    /// Reads a rule: an object with a single member, whose name is the kind of the rule.
    pub(super) fn parse(rule: &Value) -> Option<Self> {
        let members = rule.as_object()?;
        let mut members = members.iter();
        let (Some((kind, value)), None) = (members.next(), members.next()) else {
            return None;
        };
        Some(match kind {
            "pointer" => Self::Pointer(value.as_str()?.to_owned()),
            "value" => Self::Value(value.clone()),
            "length" => Self::Length(value.as_str()?.to_owned()),
            "members" => {
                let members = value.as_object()?.iter();
                let members =
                    members.map(|(name, rule)| Some((name.to_owned(), Self::parse(rule)?)));
                Self::Members(members.collect::<Option<_>>()?)
            }
            "difference" => {
                let [minuend, subtrahend] = value.as_array()?.as_slice() else {
                    return None;
                };
                Self::Difference(Box::new([Self::parse(minuend)?, Self::parse(subtrahend)?]))
            }
            _ => return None,
        })
    }

    /// Applies the rule. Returns `None` if it finds no value.
    pub(super) fn apply(&self, request: &Value, reply: &Value) -> Option<Value> {
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
    pub(super) fn reads_request(&self) -> bool {
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
    use super::*;

    #[test]
    fn mapping_makes_the_other_form_of_a_reply() {
        let check = |rule: &str, expected: &str| {
            let rule = Mapping::parse(&rule.parse().unwrap()).unwrap();
            let request: Value = r#"{"id": "p", "events": [1, 2, 3]}"#.parse().unwrap();
            let reply: Value = r#"{"done": 2, "states": {"a": [18446744073709551615]}}"#
                .parse()
                .unwrap();
            let mapped = rule.apply(&request, &reply);
            assert_eq!(
                mapped.map(|value| value.to_string()),
                Some(expected.to_owned())
            );
        };
        check(
            r#"{"pointer": "/reply/states/a/0"}"#,
            "18446744073709551615",
        );
        check(r#"{"value": {"deleted": true}}"#, r#"{"deleted":true}"#);
        check(
            r#"{"members": {"id": {"pointer": "/request/id"}, "none": {"pointer": "/reply/none"}, "ok": {"value": true}}}"#,
            r#"{"id":"p","ok":true}"#,
        );
        check(r#"{"length": "/request/events"}"#, "3");
        check(
            r#"{"difference": [{"length": "/request/events"}, {"pointer": "/reply/done"}]}"#,
            "1",
        );
        check(
            r#"{"difference": [{"pointer": "/reply/done"}, {"length": "/request/events"}]}"#,
            "0",
        );
    }

    #[test]
    fn mapping_refuses_other_rules() {
        for rule in [
            "1",
            "{}",
            r#"{"pointer": 1}"#,
            r#"{"value": 1, "length": ""}"#,
            r#"{"difference": []}"#,
        ] {
            assert_eq!(Mapping::parse(&rule.parse().unwrap()), None, "{rule}");
        }
    }
}
