//! Arrays, and the lengths of arrays, maps and strings.

use serde_json::Value as Json;

use super::keyword;
use super::kind::Kind;
use super::schema::{LoweredSchema, Lowering};
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Length, Shape, Value};
use crate::read::Object;
use crate::schema::dialect::Draft;

/// Lowers an array schema. Items with different schemas are lowered to any value.
pub(super) fn lower<'a>(
    lowering: &mut Lowering<'a>,
    object: &Object<'a>,
    draft: Draft,
    out: &mut Diagnostics,
) -> Option<LoweredSchema> {
    let length = length(object, "minItems", "maxItems", out);
    let uniform = !object.members.contains_key("prefixItems");
    let items = object
        .get("items")
        .filter(|node| uniform && (node.json.is_object() || *node.json == Json::Bool(true)));
    let mut known = vec!["type", "minItems", "maxItems"];
    let item = match &items {
        Some(node) => {
            known.push("items");
            lowering.inner(node, out)
        }
        None => Some(Value::Any),
    };
    if object.members.get("uniqueItems") == Some(&Json::Bool(false)) {
        known.push("uniqueItems");
    }
    let only = keyword::only(object, &known, Some(Kind::Array), draft, out);
    let value = Value::Array {
        item: Box::new(item?),
        length: length?,
    };
    Some(LoweredSchema::new(Shape::Alias(value), only?))
}

/// Reads a minimal and a maximal length.
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
        let source = object.node.source();
        out.report(Code::UnsatisfiableBounds, source, message, "swap them");
        return None;
    }
    Some(length)
}
