//! Conversions between the replies of two transports.

use std::str;

use bytes::Bytes;

use super::raw;
use crate::codec::json::Value;
use crate::http_route::HttpRule;

/// The room for the names and constants of a converted reply, in bytes.
const ROOM: usize = 128;

/// A rule that makes JSON text from a request and its reply. Values that it takes over stay as they are.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mapping {
    /// A part of the request or reply.
    Part(Part),
    /// A constant, as JSON text.
    Value(String),
    /// An object: for each member its name with a colon, as JSON text, and the rule of its value. Members whose rule
    /// finds no value are absent.
    Members(Vec<(String, Mapping)>),
    /// The number of items of an array.
    Length(Part),
    /// The difference of two non-negative integers; 0 if the second is larger.
    Difference(Box<[Mapping; 2]>),
}

/// The place of a value: a JSON pointer that begins with `/request` or `/reply`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    is_of_request: bool,
    path: Vec<String>,
}

/// A request and its reply, as JSON text.
#[derive(Clone, Copy)]
struct Exchange<'a> {
    request: &'a str,
    reply: &'a str,
}

impl Mapping {
    /// Prepares a rule. Returns `None` if a constant is not JSON, or a pointer has another form.
    pub(super) fn new(rule: &HttpRule<'_>) -> Option<Self> {
        Some(match *rule {
            HttpRule::Pointer(pointer) => Self::Part(Part::new(pointer)?),
            HttpRule::Value(text) => Self::Value(text.parse::<Value>().ok()?.to_string()),
            HttpRule::Length(pointer) => Self::Length(Part::new(pointer)?),
            HttpRule::Members(members) => {
                let members = members.iter();
                let members = members.map(|(name, rule)| {
                    let mut start = String::new();
                    raw::push_name(&mut start, name);
                    Some((start, Self::new(rule)?))
                });
                Self::Members(members.collect::<Option<_>>()?)
            }
            HttpRule::Difference([minuend, subtrahend]) => {
                Self::Difference(Box::new([Self::new(minuend)?, Self::new(subtrahend)?]))
            }
        })
    }

    /// Converts a reply, given as JSON text like its request. Returns `None` if the rule finds no value.
    pub(super) fn convert(&self, request: &[u8], reply: &[u8]) -> Option<Bytes> {
        let exchange = Exchange {
            request: str::from_utf8(request).ok()?,
            reply: str::from_utf8(reply).ok()?,
        };
        let mut text = String::with_capacity(request.len().max(reply.len()) + ROOM);
        self.write(exchange, &mut text)?;
        Some(text.into())
    }

    /// Appends the value. Returns `None` if the rule finds no value; then the end of `text` is undefined.
    fn write(&self, exchange: Exchange<'_>, text: &mut String) -> Option<()> {
        match self {
            Self::Part(part) => text.push_str(part.of(exchange)?),
            Self::Value(value) => text.push_str(value),
            Self::Members(rules) => {
                text.push('{');
                let mut separator = "";
                for (name, rule) in rules {
                    let end = text.len();
                    text.extend([separator, name]);
                    match rule.write(exchange, text) {
                        Some(()) => separator = ",",
                        None => text.truncate(end),
                    }
                }
                text.push('}');
            }
            Self::Length(part) => {
                let length = raw::items(part.of(exchange)?)?.len();
                text.push_str(&length.to_string());
            }
            Self::Difference(operands) => {
                let [minuend, subtrahend] = operands.each_ref().map(|rule| {
                    let mut operand = String::new();
                    rule.write(exchange, &mut operand)?;
                    operand.parse::<Value>().ok()?.as_u64()
                });
                let difference = minuend?.saturating_sub(subtrahend?);
                text.push_str(&difference.to_string());
            }
        }
        Some(())
    }
}

impl Part {
    fn new(pointer: &str) -> Option<Self> {
        let mut tokens = pointer.split('/');
        let (Some(""), Some(document @ ("request" | "reply"))) = (tokens.next(), tokens.next())
        else {
            return None;
        };
        Some(Self {
            is_of_request: document == "request",
            path: tokens
                .map(|token| token.replace("~1", "/").replace("~0", "~"))
                .collect(),
        })
    }

    fn of<'a>(&self, exchange: Exchange<'a>) -> Option<&'a str> {
        let document = if self.is_of_request {
            exchange.request
        } else {
            exchange.reply
        };
        raw::find(document, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::HttpRule::{Difference, Length, Members, Pointer, Value as Constant};
    use super::*;

    #[test]
    fn mapping_makes_the_other_form_of_a_reply() {
        let check = |rule: HttpRule<'_>, expected: Option<&str>| {
            let rule = Mapping::new(&rule).unwrap();
            let request = br#"{"id": "p", "events": [1, 2, 3]}"#;
            let reply = br#"{"done": 2, "states": {"a": [18446744073709551615]}, "b": 1, "b": 2}"#;
            let mapped = rule.convert(request, reply);
            assert_eq!(mapped.as_deref(), expected.map(str::as_bytes));
        };
        let (sent, done) = (Length("/request/events"), Pointer("/reply/done"));
        let large = Some("18446744073709551615");
        check(Pointer("/reply/states/a/0"), large);
        check(Pointer("/reply/none"), None);
        check(Pointer("/reply/b"), None);
        check(Pointer("/request/events/3"), None);
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
        assert_eq!(Mapping::new(&Pointer("/answer/done")), None);
    }
}
