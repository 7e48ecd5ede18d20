//! Numbers: `type: integer` and `type: number`.

use super::node::{Node, Object};
use super::schema::Place;
use crate::diagnostic::{Diagnostics, quoted};
use crate::model::{Integer, Number, Shape, TimeUnit, Value};

/// Greatest integer that every language keeps exactly in a floating-point number.
const EXACT: i128 = 1 << 53;

/// Reads an integer schema: a duration where the property's key ends in a unit.
pub(super) fn integer(
    object: &Object<'_>,
    place: Place<'_>,
    out: &mut Diagnostics,
) -> Option<Shape> {
    let help =
        "every integer has `minimum` and `maximum`; languages need to know how large it gets";
    let min = object
        .require("minimum", help, out)
        .and_then(|node| whole(&node, out));
    let max = object
        .require("maximum", help, out)
        .and_then(|node| whole(&node, out));
    let exact = format(object, out);
    let range = Integer {
        min: min?,
        max: max?,
    };
    let refused = if range.min > range.max {
        Some(("`minimum` is greater than `maximum`", "swap them"))
    } else if range.min < 0 && range.max > i128::from(i64::MAX) {
        Some((
            "no machine integer holds this range",
            "raise `minimum` to 0 or lower `maximum` to 9223372036854775807",
        ))
    } else {
        None
    };
    if let Some((message, help)) = refused {
        out.error(object.node.source(), message, help);
        return None;
    }
    if !exact? && (range.max > EXACT || range.min < -EXACT) {
        let message = "values beyond 2^53 are not exact in every language";
        let help =
            "lower the bound, or say that it is meant: `\"format\": \"uint64\"` or `\"int64\"`";
        out.warning(object.node.source(), message, help);
    }
    match place {
        Place::Property { key, .. } => match unit(key) {
            Some((_, unit)) if range.min >= 0 => {
                Some(Shape::Alias(Value::Duration { unit, range }))
            }
            Some((suffix, _)) => {
                let message = format!(
                    "{} ends in `{suffix}`, so it is a duration, and those are not negative",
                    quoted(key)
                );
                out.error(
                    object.node.source(),
                    message,
                    "set `minimum` to 0 or more, or change the key",
                );
                None
            }
            None => Some(Shape::Integer(range)),
        },
        _ => Some(Shape::Integer(range)),
    }
}

/// The ending and the unit of a key that stands for a duration.
pub(super) fn unit(key: &str) -> Option<(&'static str, TimeUnit)> {
    let units = [
        ("_secs", TimeUnit::Secs),
        ("_ms", TimeUnit::Millis),
        ("_us", TimeUnit::Micros),
    ];
    units.into_iter().find(|(suffix, _)| key.ends_with(suffix))
}

/// Whether the format says that the integer has 64 bits; `None` where it is wrong.
fn format(object: &Object<'_>, out: &mut Diagnostics) -> Option<bool> {
    let Some(node) = object.get("format") else {
        return Some(false);
    };
    let text = node.text(out)?;
    if matches!(text, "uint64" | "int64") {
        return Some(true);
    }
    let message = format!("the format {} is not asserted for an integer", quoted(text));
    out.error(
        node.source(),
        message,
        "use `uint64` or `int64`; smaller ranges are said by `minimum` and `maximum`",
    );
    None
}

fn whole(node: &Node<'_>, out: &mut Diagnostics) -> Option<i128> {
    let value = node
        .json
        .as_i64()
        .map(i128::from)
        .or_else(|| node.json.as_u64().map(i128::from));
    if value.is_none() {
        let message = format!(
            "{} is not a whole number of at most 64 bits",
            quoted(&node.json.to_string())
        );
        out.error(
            node.source(),
            message,
            "write a whole number without fraction or exponent",
        );
    }
    value
}

/// Reads a number schema.
pub(super) fn number(object: &Object<'_>, out: &mut Diagnostics) -> Option<Number> {
    let mut bound = |key: &str| match object.get(key) {
        None => Some(None),
        Some(node) if node.json.is_number() => Some(node.json.as_f64()),
        Some(node) => {
            out.error(
                node.source(),
                format!("{} must be a number", quoted(key)),
                "write a number here",
            );
            None
        }
    };
    let (min, max) = (bound("minimum"), bound("maximum"));
    let range = Number {
        min: min?,
        max: max?,
    };
    if range.min.zip(range.max).is_some_and(|(min, max)| min > max) {
        out.error(
            object.node.source(),
            "`minimum` is greater than `maximum`",
            "swap them",
        );
        return None;
    }
    Some(range)
}
