//! Numbers: `type: integer` and `type: number`.

use serde_json::Number as Numeral;

use super::keyword;
use super::kind::Kind;
use super::schema::LoweredSchema;
use super::unit;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Integer, Number, Shape, Value};
use crate::read::{Formats, Object, floor};
use crate::schema::dialect::Draft;
use crate::schema::format::asserted;

/// The greatest integer that every language represents exactly as a floating-point number.
const EXACT: i128 = 1 << 53;

/// Lowers an integer schema.
pub(super) fn integer(
    object: &Object<'_>,
    (draft, formats): (Draft, Formats),
    out: &mut Diagnostics,
) -> Option<LoweredSchema> {
    let least = least(object, out);
    let greatest = greatest(object, out);
    let wide = format(object, formats, out);
    let whole = match object.get("multipleOf") {
        Some(node) => node.number(out).map(|step| step.as_u64() == Some(1)),
        None => Some(true),
    };
    let known = [
        "type",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "format",
    ];
    let only = keyword::only(object, &known, Some(Kind::Integer), draft, out);
    let (least, greatest) = (least?.into_iter().max(), greatest?.into_iter().min());
    let range = machine(object, least, greatest, out)?;
    let said = least.is_some() && greatest.is_some();
    if !wide? && said && (range.max > EXACT || range.min < -EXACT) {
        let message = "some languages round integers beyond 2^53";
        let help =
            "lower the bound, or confirm the width with `\"format\": \"uint64\"` or `\"int64\"`";
        out.report(Code::InexactInteger, object.node.source(), message, help);
    }
    let shape = unit::shape(object, range, out)?;
    Some(LoweredSchema::new(shape, whole? && only?))
}

/// The range as a range of a machine integer.
fn machine(
    object: &Object<'_>,
    least: Option<i128>,
    greatest: Option<i128>,
    out: &mut Diagnostics,
) -> Option<Integer> {
    let (lowest, highest) = (i128::from(i64::MIN), i128::from(i64::MAX));
    let min = least.map_or(lowest, |min| min.max(lowest));
    let most = if min < 0 {
        highest
    } else {
        i128::from(u64::MAX)
    };
    let max = greatest.map_or(most, |max| max.min(most));
    if min > max {
        let message = "no integer is between the bounds";
        let source = object.node.source();
        out.report(
            Code::UnsatisfiableBounds,
            source,
            message,
            "swap the bounds",
        );
        return None;
    }
    if least != Some(min) || greatest != Some(max) {
        let message = format!("integers outside {min} to {max} are refused");
        let help = "write `minimum` and `maximum` within 64 bits";
        out.report(Code::IntegerTooWide, object.node.source(), message, help);
    }
    Some(Integer { min, max })
}

/// Whether the format declares an integer of 64 bits. Returns `None` if the format is invalid.
fn format(object: &Object<'_>, formats: Formats, out: &mut Diagnostics) -> Option<bool> {
    let Some(node) = object.get("format").filter(|_| formats == Formats::Assert) else {
        return Some(false);
    };
    let text = node.text(out)?;
    if let Err(problem) = asserted(text) {
        out.add(node.source(), problem);
    }
    Some(matches!(text, "uint64" | "int64"))
}

/// The minimums that these keywords set.
fn least(object: &Object<'_>, out: &mut Diagnostics) -> Option<Vec<i128>> {
    let mut found = Vec::new();
    for (key, exclusive) in [("minimum", false), ("exclusiveMinimum", true)] {
        if let Some(node) = object.get(key) {
            let (floor, exact) = floor(node.number(out)?);
            let own = exact && !exclusive;
            found.push(if own { floor } else { floor.saturating_add(1) });
        }
    }
    Some(found)
}

/// The maximums that these keywords set.
fn greatest(object: &Object<'_>, out: &mut Diagnostics) -> Option<Vec<i128>> {
    let mut found = Vec::new();
    for (key, exclusive) in [("maximum", false), ("exclusiveMaximum", true)] {
        if let Some(node) = object.get(key) {
            let (floor, exact) = floor(node.number(out)?);
            let below = exact && exclusive;
            found.push(if below {
                floor.saturating_sub(1)
            } else {
                floor
            });
        }
    }
    Some(found)
}

/// Lowers a number schema.
pub(super) fn number(
    object: &Object<'_>,
    (draft, formats): (Draft, Formats),
    out: &mut Diagnostics,
) -> Option<LoweredSchema> {
    format(object, formats, out)?;
    let mut exact = Some(true);
    let mut bound = |key: &str| {
        let Some(node) = object.get(key) else {
            return Some(None);
        };
        let number = node.number(out);
        // A bound that is not exactly a floating-point number is left to the assertion.
        let (floor, whole) = number.map_or((0, false), floor);
        if whole && !(-EXACT..=EXACT).contains(&floor) {
            exact = Some(false);
        }
        number.map(Numeral::as_f64)
    };
    let (min, max) = (bound("minimum"), bound("maximum"));
    let only = keyword::only(
        object,
        &["type", "minimum", "maximum", "format"],
        Some(Kind::Number),
        draft,
        out,
    );
    let range = Number {
        min: min?,
        max: max?,
    };
    if range.min.zip(range.max).is_some_and(|(min, max)| min > max) {
        let message = "`minimum` is greater than `maximum`";
        let source = object.node.source();
        out.report(Code::UnsatisfiableBounds, source, message, "swap them");
        return None;
    }
    let shape = if range == Number::default() {
        Shape::Alias(Value::Number(range))
    } else {
        Shape::Number(range)
    };
    Some(LoweredSchema::new(shape, exact? && only?))
}
