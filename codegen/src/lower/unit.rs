//! Units: `x-unit` makes an integer a duration.

use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Integer, Shape, TimeUnit, Value};
use crate::read::{Node, Object};

/// Suffixes of keys that name a time unit.
const SUFFIXES: [(&str, TimeUnit); 4] = [
    ("_secs", TimeUnit::Secs),
    ("_ms", TimeUnit::Millis),
    ("_us", TimeUnit::Micros),
    ("_ns", TimeUnit::Nanos),
];

/// The shape of an integer: a duration if it has a unit.
pub(super) fn shape(object: &Object<'_>, range: Integer, out: &mut Diagnostics) -> Option<Shape> {
    let Some(node) = object.get("x-unit") else {
        return Some(Shape::Integer(range));
    };
    let unit = unit(&node, out)?;
    if range.min < 0 {
        invalid(&node, "a duration cannot be negative", out);
        return None;
    }
    Some(Shape::Alias(Value::Duration { unit, range }))
}

fn unit(node: &Node<'_>, out: &mut Diagnostics) -> Option<TimeUnit> {
    match node.text(out)? {
        "s" => Some(TimeUnit::Secs),
        "ms" => Some(TimeUnit::Millis),
        "us" => Some(TimeUnit::Micros),
        "ns" => Some(TimeUnit::Nanos),
        text => {
            let message = format!("unknown unit {}", quoted(text));
            let help = "write `s`, `ms`, `us` or `ns`";
            out.report(Code::InvalidValue, node.source(), message, help);
            None
        }
    }
}

/// Reports a unit that is not on a non-negative integer.
pub(super) fn invalid(node: &Node<'_>, message: &str, out: &mut Diagnostics) {
    let help = "write `\"type\": \"integer\"` and `\"minimum\": 0` beside it, or remove `x-unit`";
    out.report(Code::InvalidUnit, node.source(), message, help);
}

/// The key of a property without its unit. Reports a key if its suffix and its unit differ.
pub(super) fn stem<'k>(
    key: &'k str,
    value: &Value,
    node: &Node<'_>,
    out: &mut Diagnostics,
) -> Option<&'k str> {
    let found = SUFFIXES.iter().find(|(suffix, _)| key.ends_with(suffix));
    let (suffix, named) = found?;
    match value {
        Value::Duration { unit, .. } if unit == named => return key.strip_suffix(suffix),
        Value::Duration { .. } => {
            let message = format!("the key {} and `x-unit` name different units", quoted(key));
            let help = "correct the key or `x-unit`";
            out.report(Code::UnitMismatch, node.source(), message, help);
        }
        Value::Integer(_) => {
            let message = format!(
                "the key {} names a unit, but there is no `x-unit`",
                quoted(key)
            );
            let help = "add `x-unit` to make it a duration, or choose another key";
            out.report(Code::UnitSuffix, node.source(), message, help);
        }
        _ => {}
    }
    None
}
