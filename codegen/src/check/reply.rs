//! Replies: none can be mistaken for `{"error": "…"}`, which is what errors look like.

use super::Index;
use crate::diagnostic::Diagnostics;
use crate::model::{Name, Presence, Rest, Shape, Struct, Union, Value};

/// The member by which peers tell an error.
const ERROR: &str = "error";

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    for request in index.protocol.operations.iter().filter_map(super::request) {
        let Some(ty) = index.get(&request.reply) else {
            continue;
        };
        if accepts_error(index, &Value::Named(request.reply.clone())) {
            let message =
                "an error could be read as this reply: `{\"error\": \"…\"}` satisfies its schema";
            out.error(
                ty.source.clone(),
                message,
                "require a member of another name than `error`",
            );
        }
    }
}

/// Whether an object whose only member is a text under `error` is a value.
fn accepts_error(index: &Index<'_>, value: &Value) -> bool {
    match value {
        Value::Any => true,
        Value::Map { value, length, .. } => length.min <= 1 && accepts_text(index, value),
        Value::Nullable(value) => accepts_error(index, value),
        Value::Named(name) => match shape(index, name) {
            Some(Shape::Struct(shape)) => struct_accepts_error(index, shape),
            Some(Shape::Union(Union { variants, .. })) => variants.iter().any(|variant| {
                variant.tag == ERROR
                    && variant
                        .value
                        .as_ref()
                        .is_some_and(|value| accepts_text(index, value))
            }),
            Some(Shape::Alias(value)) => accepts_error(index, value),
            _ => false,
        },
        _ => false,
    }
}

fn struct_accepts_error(index: &Index<'_>, shape: &Struct) -> bool {
    let others = shape
        .fields
        .iter()
        .any(|field| field.key != ERROR && field.presence == Presence::Required);
    let field = shape.fields.iter().find(|field| field.key == ERROR);
    let fits = match (field, &shape.rest) {
        (Some(field), _) => accepts_text(index, &field.value),
        (None, Rest::Ignore) => true,
        (None, Rest::Deny) => false,
        (None, Rest::Keep(value)) => accepts_text(index, value),
    };
    !others && fits
}

/// Whether some text is a value; where in doubt, yes.
fn accepts_text(index: &Index<'_>, value: &Value) -> bool {
    match value {
        Value::Text(_) | Value::Any => true,
        Value::Nullable(value) => accepts_text(index, value),
        Value::Named(name) => match shape(index, name) {
            Some(Shape::Text(_) | Shape::Enum(_)) => true,
            Some(Shape::Union(Union { variants, .. })) => {
                variants.iter().any(|variant| variant.value.is_none())
            }
            Some(Shape::Alias(value)) => accepts_text(index, value),
            _ => false,
        },
        _ => false,
    }
}

/// The shape that a name stands for, unless it is a name for itself.
fn shape<'a>(index: &Index<'a>, name: &Name) -> Option<&'a Shape> {
    let shape = &index.resolve(name)?.shape;
    // `null` or a name is the only alias that could lead back here; such rings are judged elsewhere.
    match shape {
        Shape::Alias(Value::Nullable(inner)) if matches!(**inner, Value::Named(_)) => {
            match &**inner {
                Value::Named(next) => index
                    .resolve(next)
                    .map(|ty| &ty.shape)
                    .filter(|shape| !matches!(shape, Shape::Alias(_))),
                _ => None,
            }
        }
        _ => Some(shape),
    }
}
