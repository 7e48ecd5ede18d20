//! Types in words.

use natsgen::model::{
    AdditionalMembers, Field, Length, Name, Presence, Shape, Tagging, Text, TypeDef, Union, Value,
};
use natsgen::{Schemas, compile};
use serde_json::{Value as Json, json};

pub(crate) const NEWER: &str = "https://json-schema.org/draft/2020-12/schema";
pub(crate) const OLDER: &str = "http://json-schema.org/draft-07/schema#";

/// The types of the document `types/thing.json`, each on a line: `Name = shape`, with `!` if the type has an assertion.
pub(crate) fn lines(document: &Json) -> Vec<String> {
    let manifest = json!({
        "name": "things",
        "version": "1.0.0",
        "prefix": "acme.things",
        "roles": { "maker": {} },
    });
    let texts = [
        ("manifest.json", manifest.to_string()),
        ("types/thing.json", document.to_string()),
    ];
    let (protocol, _) = compile(&Schemas::from_texts(texts))
        .unwrap_or_else(|errors| panic!("{document}{errors:?}"));
    for ty in &protocol.types {
        let rule = protocol
            .assertions
            .iter()
            .find(|rule| Some(&rule.name) == ty.assertion.as_ref());
        assert_eq!(
            rule.map(|rule| &rule.source),
            ty.assertion.as_ref().map(|_| &ty.source)
        );
    }
    protocol.types.iter().map(line).collect()
}

/// A document of this dialect with this schema as its root.
pub(crate) fn root(dialect: &str, schema: &Json) -> Json {
    let mut document = json!({ "$schema": dialect });
    for (key, value) in schema.as_object().into_iter().flatten() {
        document[key] = value.clone();
    }
    document
}

pub(crate) fn check(schema: &Json, expected: &[&str]) {
    assert_eq!(lines(&root(NEWER, schema)), expected, "{schema}");
}

pub(crate) fn check_older(schema: &Json, expected: &[&str]) {
    assert_eq!(lines(&root(OLDER, schema)), expected, "{schema}");
}

fn line(ty: &TypeDef) -> String {
    let rule = if ty.assertion.is_some() { " !" } else { "" };
    format!("{} = {}{rule}", ty.name.pascal(), shape(&ty.shape))
}

fn shape(shape: &Shape) -> String {
    match shape {
        Shape::Struct(shape) => {
            let rest = match &shape.additional {
                AdditionalMembers::Ignore => "..".to_owned(),
                AdditionalMembers::Deny => String::new(),
                AdditionalMembers::Flatten(rest) => format!("..{}", value(rest)),
            };
            let fields = shape.fields.iter().map(field);
            let parts: Vec<String> = fields
                .chain([rest])
                .filter(|part| !part.is_empty())
                .collect();
            format!("{{{}}}", parts.join(", "))
        }
        Shape::Text(rule) => format!("text {}", text(rule)),
        Shape::Integer(range) => format!("integer {}..{}", range.min, range.max),
        Shape::Number(range) => format!("number {:?}..{:?}", range.min, range.max),
        Shape::Enum(values) => {
            let texts: Vec<&str> = values.iter().map(|value| &*value.text).collect();
            texts.join(" | ")
        }
        Shape::Union(Union { tagging, variants }) => {
            let forms: Vec<String> = variants
                .iter()
                .map(|one| match &one.value {
                    Some(held) => format!("{}: {}", one.tag, value(held)),
                    None => one.tag.clone(),
                })
                .collect();
            match tagging {
                Tagging::External => forms.join(" | "),
                Tagging::Member(key) => format!("by {key} {}", forms.join(" | ")),
                Tagging::Untagged => format!("one of {}", forms.join(" | ")),
            }
        }
        Shape::Alias(held) => value(held),
    }
}

fn field(field: &Field) -> String {
    let null = if field.nullable { "?" } else { "" };
    let (mark, default) = match &field.presence {
        Presence::Required => ("", String::new()),
        Presence::Optional => ("?", String::new()),
        Presence::Default(default) => ("", format!(" = {default}")),
    };
    format!("{}{mark} {}{null}{default}", field.key, value(&field.value))
}

fn value(held: &Value) -> String {
    match held {
        Value::Named(name) => Name::pascal(name),
        Value::Text(rule) => text(rule),
        Value::Integer(range) => format!("{}..{}", range.min, range.max),
        Value::Number(_) => "number".to_owned(),
        Value::Bool => "bool".to_owned(),
        Value::Only(only) => only.to_string(),
        Value::Duration { range, .. } => format!("duration {}..{}", range.min, range.max),
        Value::Array { item, length } => format!("[{}]{}", value(item), bounds(*length)),
        Value::Map {
            key,
            value: held,
            length,
        } => {
            let key = key.as_ref().map_or("string".to_owned(), Name::pascal);
            format!("{{{key}: {}}}{}", value(held), bounds(*length))
        }
        Value::Any => "any".to_owned(),
        Value::Nullable(held) => format!("{}?", value(held)),
    }
}

fn text(rule: &Text) -> String {
    let mut words = vec![format!("string{}", bounds(rule.length))];
    words.extend(rule.pattern.as_ref().map(|pattern| pattern.regex.clone()));
    words.extend(rule.format.map(|format| format!("{format:?}")));
    words.extend(rule.constant.as_ref().map(|text| format!("{text:?}")));
    words.extend(rule.sensitive.then(|| "secret".to_owned()));
    words.join(" ")
}

fn bounds(length: Length) -> String {
    match length {
        Length { min: 0, max: None } => String::new(),
        Length { min, max: None } => format!("({min}..)"),
        Length {
            min,
            max: Some(max),
        } => format!("({min}..{max})"),
    }
}
