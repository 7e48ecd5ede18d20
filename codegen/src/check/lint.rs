//! Lints: valid schemas that are likely to cause problems later.

use std::collections::HashSet;

use super::{Index, at};
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Field, Kind, Name, Shape, Source, Tagging, Text, Union, Value, Variant};
use crate::read::escape;

/// The last words of keys that usually contain secrets.
const SECRETS: [&str; 8] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "credentials",
    "apikey",
];

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    descriptions(index, out);
    for ty in &index.protocol.types {
        if let Shape::Struct(shape) = &ty.shape {
            for field in &shape.fields {
                secret(index, field, out);
            }
        }
    }
    for operation in &index.protocol.operations {
        match &operation.kind {
            Kind::Request(request) => {
                example(index, &request.request, out);
                example(index, &request.reply, out);
            }
            Kind::Publish(message) => example(index, message, out),
        }
    }
    limits(index, out);
}

fn descriptions(index: &Index<'_>, out: &mut Diagnostics) {
    let manifest = |pointer: String| Source {
        file: "manifest.json".to_owned(),
        pointer,
    };
    let mut check = |description: &str, what: &str, source: Source| {
        if description.is_empty() {
            let message = format!("{what} has no description");
            let help = "add a `description`; it becomes the documentation of generated code";
            out.report(Code::MissingDescription, source, message, help);
        }
    };
    let protocol = index.protocol;
    check(
        &protocol.description,
        "the protocol",
        manifest(String::new()),
    );
    for role in &protocol.roles {
        check(
            &role.description,
            "the role",
            manifest(format!("/roles{}", escape(&role.name.snake()))),
        );
    }
    for error in &protocol.errors {
        check(&error.description, "the error", error.source.clone());
    }
    for operation in &protocol.operations {
        check(&operation.description, "the operation", at(operation, ""));
    }
    for ty in &protocol.types {
        if let Some(what) = described(&ty.source.pointer) {
            check(&ty.description, what, ty.source.clone());
        }
        let named = |value: &Value| matches!(value, Value::Named(_));
        match &ty.shape {
            // A value with a named type is described by its type.
            Shape::Struct(shape) => {
                for field in shape.fields.iter().filter(|field| !named(&field.value)) {
                    check(&field.description, "the property", field.source.clone());
                }
            }
            Shape::Union(Union { tagging, variants }) => {
                // A single string of an untagged union is a value of an enumeration.
                let is_value =
                    |variant: &Variant| *tagging == Tagging::Untagged && variant.value.is_none();
                for variant in variants {
                    if !variant.value.iter().any(named) && !is_value(variant) {
                        check(&variant.description, "the branch", variant.source.clone());
                    }
                }
            }
            Shape::Text(_)
            | Shape::Integer(_)
            | Shape::Number(_)
            | Shape::Enum(_)
            | Shape::Alias(_) => {}
        }
    }
}

/// The noun for a type that needs a description. Returns `None` for items, values and variants, which the enclosing
/// type describes.
fn described(pointer: &str) -> Option<&'static str> {
    let mut steps = pointer.rsplit('/').skip(1);
    match (steps.next(), steps.nth(1)) {
        (None | Some("$defs" | "definitions"), _) => Some("the type"),
        (Some("properties"), Some("oneOf" | "anyOf")) => None,
        (Some("properties"), _) => Some("the property"),
        _ => None,
    }
}

fn example(index: &Index<'_>, name: &Name, out: &mut Diagnostics) {
    let Some((ty, resolved)) = index.get(name).zip(index.resolve(name)) else {
        return;
    };
    let is_empty = matches!(&resolved.shape, Shape::Struct(shape) if shape.fields.is_empty());
    if ty.examples.is_empty() && resolved.examples.is_empty() && !is_empty {
        let message = "the message has no example";
        let help = "add `examples`; they are validated, and tests of all languages use them";
        out.report(Code::MissingExample, ty.source.clone(), message, help);
    }
}

fn secret(index: &Index<'_>, field: &Field, out: &mut Diagnostics) {
    let words = field.name.words();
    let last = words.last().is_some_and(|word| SECRETS.contains(&&**word));
    let key = match words {
        [.., kind, word] => word == "key" && ["api", "private", "secret"].contains(&&**kind),
        _ => false,
    };
    let open = match &field.value {
        Value::Text(_) => true,
        Value::Named(name) => index
            .resolve(name)
            .is_some_and(|ty| matches!(&ty.shape, Shape::Text(text) if !text.sensitive)),
        _ => false,
    };
    if (last || key) && open {
        let message = format!(
            "{} looks like a secret, but its value is shown in logs",
            quoted(&field.key)
        );
        let help = "refer to a string type with `\"sensitive\": true`, or choose another key";
        out.report(Code::ExposedSecret, field.source.clone(), message, help);
    }
}

/// Reports values without a size limit in the messages that servers and subscribers receive.
fn limits(index: &Index<'_>, out: &mut Diagnostics) {
    let mut waiting: Vec<&Name> = Vec::new();
    for operation in &index.protocol.operations {
        waiting.push(match &operation.kind {
            Kind::Request(request) => &request.request,
            Kind::Publish(message) => message,
        });
    }
    let mut seen = HashSet::new();
    while let Some(name) = waiting.pop() {
        let Some(ty) = index.get(name).filter(|_| seen.insert(name)) else {
            continue;
        };
        waiting.extend(ty.uses());
        match &ty.shape {
            Shape::Struct(shape) => {
                for field in &shape.fields {
                    unlimited(&field.value, &field.source, out);
                }
            }
            Shape::Text(text) => limited(text, &ty.source, out),
            Shape::Alias(value) => unlimited(value, &ty.source, out),
            Shape::Union(Union { tagging, variants }) => {
                for variant in variants {
                    let Some(value) = &variant.value else {
                        continue;
                    };
                    let Source { file, mut pointer } = variant.source.clone();
                    if *tagging != Tagging::Untagged {
                        pointer = format!("{pointer}/properties{}", escape(&variant.tag));
                    }
                    unlimited(value, &Source { file, pointer }, out);
                }
            }
            Shape::Integer(_) | Shape::Number(_) | Shape::Enum(_) => {}
        }
    }
}

/// Reports the parts of a value that have no size limit.
fn unlimited(value: &Value, source: &Source, out: &mut Diagnostics) {
    let mut note = |what: &str, keyword: &str| {
        let help = format!("add {}", quoted(keyword));
        let message = format!("{what} has no size limit");
        out.report(Code::UnlimitedSize, source.clone(), message, help);
    };
    match value {
        Value::Text(text) => limited(text, source, out),
        Value::Array { item, length } => {
            if length.max.is_none() {
                note("the array", "maxItems");
            }
            unlimited(item, source, out);
        }
        Value::Map { value, length, .. } => {
            if length.max.is_none() {
                note("the map", "maxProperties");
            }
            unlimited(value, source, out);
        }
        Value::Nullable(value) => unlimited(value, source, out),
        _ => {}
    }
}

fn limited(text: &Text, source: &Source, out: &mut Diagnostics) {
    let by_pattern = text
        .pattern
        .as_ref()
        .and_then(|pattern| pattern.length().max);
    if text.length.max.is_none() && by_pattern.is_none() && text.format.is_none() {
        let message = "the string has no size limit";
        out.report(
            Code::UnlimitedSize,
            source.clone(),
            message,
            "add `maxLength`",
        );
    }
}
