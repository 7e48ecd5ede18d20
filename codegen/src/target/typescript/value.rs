//! The TypeScript type and the codec of a value.

use super::code::Code;
use super::file::File;
use super::literal::{integer, is_number, number, string};
use crate::model::{Integer, Length, Number, Text, Value};

/// The TypeScript type of a value.
pub(super) fn ty(file: &mut File<'_>, value: &Value) -> String {
    match value {
        Value::Named(name) => file.ty(name.pascal()),
        Value::Text(text) => text_type(text),
        Value::Integer(range) | Value::Duration { range, .. } => integer_type(*range).to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::Bool => "boolean".to_owned(),
        Value::Only(value) => value.to_string(),
        Value::Array { item, .. } => match &**item {
            Value::Nullable(_) => format!("readonly ({})[]", ty(file, item)),
            item @ (Value::Array { .. } | Value::Map { .. } | Value::Text(_)) => {
                let item = ty(file, item);
                if item.starts_with("readonly ") {
                    format!("readonly ({item})[]")
                } else {
                    format!("readonly {item}[]")
                }
            }
            item => format!("readonly {}[]", ty(file, item)),
        },
        Value::Map { value, .. } => format!("{{ [key: string]: {} }}", ty(file, value)),
        Value::Any => "rt.Json".to_owned(),
        Value::Nullable(inner) => format!("{} | null", ty(file, inner)),
    }
}

/// The TypeScript type of a string.
pub(super) fn text_type(text: &Text) -> String {
    match &text.constant {
        _ if text.sensitive => "rt.Secret".to_owned(),
        Some(constant) => string(constant),
        None => "string".to_owned(),
    }
}

/// The TypeScript type of an integer.
pub(super) fn integer_type(range: Integer) -> &'static str {
    if is_number(range) { "number" } else { "bigint" }
}

/// The codec of a value.
pub(super) fn codec(file: &mut File<'_>, value: &Value) -> Code {
    match value {
        Value::Named(name) => Code::text(file.value(name.pascal())),
        Value::Text(text) => text_codec(text),
        Value::Integer(range) | Value::Duration { range, .. } => integer_codec(*range),
        Value::Number(range) => number_codec(*range),
        Value::Bool => Code::text("rt.boolean"),
        Value::Only(value) => Code::call("only", vec![Code::text(value.to_string())]),
        Value::Array { item, length } => {
            let item = codec(file, item);
            with_options("array", vec![item], limits(*length))
        }
        Value::Map { key, value, length } => {
            let value = codec(file, value);
            let key = key.as_ref().map(|key| Code::text(file.value(key.pascal())));
            let [min, max] = bounds(*length);
            let options = Code::options([("key", key), ("min", min), ("max", max)]);
            with_options("map", vec![value], options)
        }
        Value::Any => Code::text("rt.any"),
        Value::Nullable(inner) => Code::call("nullable", vec![codec(file, inner)]),
    }
}

/// The codec of a string.
pub(super) fn text_codec(text: &Text) -> Code {
    let function = if text.sensitive { "secret" } else { "text" };
    with_options(function, Vec::new(), constraints(text))
}

/// The constraints of a string.
pub(super) fn constraints(text: &Text) -> Code {
    let [min, max] = bounds(text.length);
    let format = text.format.map(|format| {
        // The names of formats are their names in JSON Schema.
        let name = serde_json::to_value(format).unwrap_or_default();
        Code::string(name.as_str().unwrap_or_default())
    });
    Code::options([
        ("min", min),
        ("max", max),
        (
            "pattern",
            text.pattern
                .as_ref()
                .map(|pattern| Code::string(&pattern.regex)),
        ),
        ("format", format),
        ("constant", text.constant.as_deref().map(Code::string)),
    ])
}

/// The codec of an integer.
pub(super) fn integer_codec(range: Integer) -> Code {
    let (function, suffix) = if is_number(range) {
        ("integer", "")
    } else {
        ("bigint", "n")
    };
    let limits =
        [range.min, range.max].map(|limit| Code::text(format!("{}{suffix}", integer(limit))));
    Code::call(function, limits.into())
}

/// The codec of a number.
pub(super) fn number_codec(range: Number) -> Code {
    let limit = |limit: Option<f64>| limit.map(|limit| Code::text(number(limit)));
    let options = Code::options([("min", limit(range.min)), ("max", limit(range.max))]);
    with_options("number", Vec::new(), options)
}

/// A call with options as the last argument, unless they are empty.
pub(super) fn with_options(function: &str, mut arguments: Vec<Code>, options: Code) -> Code {
    if !options.is_empty() {
        arguments.push(options);
    }
    Code::call(function, arguments)
}

fn limits(length: Length) -> Code {
    let [min, max] = bounds(length);
    Code::options([("min", min), ("max", max)])
}

/// Minimum and maximum of a length, as far as they limit it.
fn bounds(length: Length) -> [Option<Code>; 2] {
    let min = (length.min > 0).then_some(length.min);
    [min, length.max].map(|limit| limit.map(|limit| Code::text(integer(limit.into()))))
}
