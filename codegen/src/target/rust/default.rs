//! Defaults of fields: those that Rust's `Default` gives by itself, and those that the schema has to say.

use serde_json::Value as Json;

use super::literal::text;
use super::{Emitter, shape, types};
use crate::model::{Field, Name, Presence, Shape, TypeDef, Value};

/// Whether the type can derive `Default`: every field has a value of its own accord, and no rule may refuse them all.
pub(super) fn is_derived(emitter: &Emitter<'_>, def: &TypeDef) -> bool {
    is_struct_default(emitter, def, &mut Vec::new())
}

/// How a row begins whose field has this default: the word alone where Rust gives it, else with its JSON text.
pub(super) fn word(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    field: &Field,
    value: &Json,
) -> Result<String, String> {
    if is_rust_default(emitter, field, value, &mut Vec::new()) {
        return Ok("default".to_owned());
    }
    if holds_object(value) && emitter.cycles.comes_back(def, &field.value) {
        return Err(format!(
            "{}#{}/properties/{}/default: the default holds itself, so it has no end",
            def.source.file, def.source.pointer, field.key
        ));
    }
    Ok(format!("default({})", text(&value.to_string())))
}

fn holds_object(value: &Json) -> bool {
    match value {
        Json::Object(_) => true,
        Json::Array(items) => items.iter().any(holds_object),
        _ => false,
    }
}

/// Whether the schema's default is what `Default` gives for the field's type; `path` has the types on the way here.
fn is_rust_default<'a>(
    emitter: &Emitter<'a>,
    field: &'a Field,
    value: &Json,
    path: &mut Vec<&'a Name>,
) -> bool {
    if field.nullable {
        return value.is_null();
    }
    match (value, &field.value) {
        (Json::Null, Value::Any | Value::Nullable(_)) | (Json::Bool(_), Value::Only(_)) => true,
        (Json::Array(items), Value::Array { length, .. }) => items.is_empty() && length.min == 0,
        (Json::Object(members), Value::Map { length, .. }) => members.is_empty() && length.min == 0,
        (Json::Object(members), Value::Named(name)) => {
            members.is_empty()
                && emitter.ty(name).is_some_and(|def| match &def.shape {
                    Shape::Alias(Value::Map { .. }) => types::is_default(def),
                    _ => is_struct_default(emitter, def, path),
                })
        }
        (Json::Array(items), Value::Named(name)) => {
            let is_list = |def: &TypeDef| {
                matches!(def.shape, Shape::Alias(Value::Array { .. })) && types::is_default(def)
            };
            items.is_empty() && emitter.ty(name).is_some_and(is_list)
        }
        (Json::Bool(value), Value::Bool) => !value,
        (Json::Number(number), Value::Number(_)) => number.as_f64() == Some(0.0),
        (Json::Number(number), Value::Integer(range)) => {
            number.as_f64() == Some(0.0) && (shape::is_exact(*range) || range.min == 0)
        }
        (Json::Number(number), Value::Duration { range, .. }) => {
            number.as_f64() == Some(0.0) && range.min == 0
        }
        (Json::String(text), Value::Text(rule)) => text.is_empty() && rule.length.min == 0,
        _ => false,
    }
}

/// Whether every field of a struct has a value of its own accord.
fn is_struct_default<'a>(
    emitter: &Emitter<'a>,
    def: &'a TypeDef,
    path: &mut Vec<&'a Name>,
) -> bool {
    let Shape::Struct(shape) = &def.shape else {
        return false;
    };
    if def.assertion.is_some() || path.contains(&&def.name) {
        return false;
    }
    path.push(&def.name);
    let all = shape.fields.iter().all(|field| match &field.presence {
        Presence::Optional => true,
        Presence::Default(value) => is_rust_default(emitter, field, value, path),
        Presence::Required => field.nullable || matches!(field.value, Value::Only(_)),
    });
    path.pop();
    all
}
