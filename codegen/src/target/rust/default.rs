//! Defaults of fields: values that Rust's `Default` gives, and values that the table has as JSON text.

use serde_json::Value as Json;

use super::literal::text;
use super::{Emitter, value};
use crate::model::{Field, Presence, Shape, TypeDef, Value};

/// The first words of the row of a field with this default: `default` alone if the value is the `Default` of the
/// field's type, otherwise with the JSON text.
pub(super) fn word(emitter: &Emitter<'_>, field: &Field, value: &Json) -> String {
    if is_rust_default(emitter, field, value) {
        "default".to_owned()
    } else {
        format!("default({})", text(&value.to_string()))
    }
}

/// Whether the schema's default is the `Default` of the field's type.
fn is_rust_default(emitter: &Emitter<'_>, field: &Field, value: &Json) -> bool {
    if field.nullable {
        return value.is_null();
    }
    match (value, &field.value) {
        (Json::Null, Value::Any | Value::Nullable(_)) | (Json::Bool(_), Value::Only(_)) => true,
        (Json::Array(items), Value::Array { length, .. }) => items.is_empty() && length.min == 0,
        (Json::Object(members), Value::Map { length, .. }) => members.is_empty() && length.min == 0,
        (Json::Object(members), Value::Named(name)) => {
            members.is_empty()
                && emitter.plan.get(name).is_some_and(|def| match &def.shape {
                    Shape::Alias(Value::Map { .. }) => has_default(def),
                    _ => is_struct_default(def),
                })
        }
        (Json::Array(items), Value::Named(name)) => {
            let is_list = |def: &TypeDef| {
                matches!(def.shape, Shape::Alias(Value::Array { .. })) && has_default(def)
            };
            items.is_empty() && emitter.plan.get(name).is_some_and(is_list)
        }
        (Json::Bool(value), Value::Bool) => !value,
        (Json::Number(number), Value::Number(_)) => number.as_f64() == Some(0.0),
        (Json::Number(number), Value::Integer(range)) => {
            number.as_f64() == Some(0.0) && (value::is_exact(*range) || range.min == 0)
        }
        (Json::Number(number), Value::Duration { range, .. }) => {
            number.as_f64() == Some(0.0) && range.min == 0
        }
        (Json::String(text), Value::Text(rule)) => text.is_empty() && rule.length.min == 0,
        _ => false,
    }
}

/// Whether a type is a struct without required fields. Its `Default` equals the value of `{}`.
fn is_struct_default(def: &TypeDef) -> bool {
    let Shape::Struct(shape) = &def.shape else {
        return false;
    };
    let mut fields = shape.fields.iter();
    fields.all(|field| field.presence != Presence::Required)
}

/// Whether a newtype has a default: an array or a map that can be empty.
pub(super) fn has_default(def: &TypeDef) -> bool {
    let empty = matches!(
        &def.shape,
        Shape::Alias(Value::Array { length, .. } | Value::Map { length, .. }) if length.min == 0
    );
    empty && def.assertion.is_none()
}
