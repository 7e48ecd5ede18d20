//! Arrays, and the lengths of arrays, maps and texts.

use super::node::Object;
use super::schema::Module;
use crate::diagnostic::{Diagnostics, quoted};
use crate::model::{Length, Value};

/// Reads an array schema.
pub(super) fn lower(
    module: &mut Module<'_>,
    object: &Object<'_>,
    out: &mut Diagnostics,
) -> Option<Value> {
    let length = length(object, "minItems", "maxItems", out);
    let items = object.require(
        "items",
        "say what the items are; `\"items\": true` allows anything",
        out,
    )?;
    let item = Box::new(module.inner(&items, out)?);
    Some(Value::Array {
        item,
        length: length?,
    })
}

/// Reads a least and a greatest length.
pub(super) fn length(
    object: &Object<'_>,
    least: &str,
    greatest: &str,
    out: &mut Diagnostics,
) -> Option<Length> {
    let min = object.get(least).map_or(Some(0), |node| node.count(out));
    let max = object
        .get(greatest)
        .map_or(Some(None), |node| node.count(out).map(Some));
    let length = Length {
        min: min?,
        max: max?,
    };
    if length.max.is_some_and(|max| max < length.min) {
        let message = format!("{} is greater than {}", quoted(least), quoted(greatest));
        out.error(object.node.source(), message, "swap them");
        return None;
    }
    Some(length)
}
