//! Equivalent schemas for strict tools. Such tools refuse keywords without effect, unknown formats and lists of types. They
//! copy a type for each `$ref` with a description, and find no enumeration in a `oneOf` of constants.

use serde_json::{Map, Value as Json, json};

use crate::schema::dialect::{AppliesTo, applies_to};
use crate::schema::format::is_width;

/// Keywords that describe a constant without changing its meaning.
const OF_CONSTANT: [&str; 3] = ["const", "description", "type"];
/// Pairs of keywords; the first has no effect without the second.
const EFFECTIVE_WITH: [(&str, &str); 4] = [
    ("then", "if"),
    ("else", "if"),
    ("minContains", "contains"),
    ("maxContains", "contains"),
];

/// An equivalent schema. The schemas inside are equivalent ones already.
pub(super) fn equivalent(mut schema: Map<String, Json>) -> Json {
    schema.shift_remove("sensitive");
    for (keyword, other) in EFFECTIVE_WITH {
        if !schema.contains_key(other) {
            schema.shift_remove(keyword);
        }
    }
    let format = schema.get("format").and_then(Json::as_str);
    if format.is_some_and(is_width) {
        schema.shift_remove("format");
    }
    for choice in ["oneOf", "anyOf"] {
        enumerate(&mut schema, choice);
    }
    typed(&mut schema);
    separate(&mut schema);
    describe(&mut schema);
    Json::Object(schema)
}

/// Makes a definition that only refers to another one a type of its own.
pub(super) fn definition(schema: &mut Map<String, Json>) {
    if let Some(reference) = schema.shift_remove("$ref") {
        let list = schema.entry("allOf").or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.insert(0, json!({ "$ref": reference }));
        }
    }
}

/// Moves the descriptions beside the `$ref` of properties to the description of the object.
fn describe(schema: &mut Map<String, Json>) {
    let mut lines = Vec::new();
    let properties = schema.get_mut("properties").and_then(Json::as_object_mut);
    for (key, property) in properties.into_iter().flatten() {
        let Some(property) = property.as_object_mut() else {
            continue;
        };
        let text = property.get("description").and_then(Json::as_str);
        if let Some(text) = text.filter(|_| property.contains_key("$ref")) {
            lines.push(format!("- `{key}`: {text}"));
            property.shift_remove("description");
        }
    }
    append(schema, &lines);
}

/// Appends a list to the description.
fn append(schema: &mut Map<String, Json>, lines: &[String]) {
    if !lines.is_empty() {
        let text = schema.get("description").and_then(Json::as_str);
        let text = format!("{}\n\n{}", text.unwrap_or_default(), lines.join("\n"));
        schema.insert("description".to_owned(), json!(text.trim()));
    }
}

/// Replaces a choice between constants by `enum`, with the descriptions of the constants in the description.
fn enumerate(schema: &mut Map<String, Json>, choice: &str) {
    if schema.contains_key("enum") {
        return;
    }
    let Some(branches) = schema.get(choice).and_then(Json::as_array) else {
        return;
    };
    let mut values: Vec<Json> = Vec::new();
    let mut lines = Vec::new();
    for branch in branches {
        let Some(members) = branch.as_object() else {
            return;
        };
        let only = members.keys().all(|key| OF_CONSTANT.contains(&&**key));
        let Some(value) = members.get("const").filter(|_| only) else {
            return;
        };
        if values.contains(value) {
            return;
        }
        if let Some(text) = members.get("description").and_then(Json::as_str) {
            let name = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            lines.push(format!("- `{name}`: {text}"));
        }
        values.push(value.clone());
    }
    append(schema, &lines);
    schema.shift_remove(choice);
    schema.insert("enum".to_owned(), Json::Array(values));
}

/// Adds the type of constants.
fn typed(schema: &mut Map<String, Json>) {
    if schema.contains_key("type") {
        return;
    }
    let constant = schema.get("const").map(std::slice::from_ref);
    let values = constant.or_else(|| schema.get("enum")?.as_array().map(Vec::as_slice));
    let mut types: Vec<&str> = values.into_iter().flatten().map(type_of).collect();
    types.dedup();
    if let [one] = types[..] {
        schema.insert("type".to_owned(), json!(one));
    }
}

fn type_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(number) if number.is_f64() => "number",
        Json::Number(_) => "integer",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

/// Replaces a list of types by a choice between schemas of a single type. A type beside `null` stays.
fn separate(schema: &mut Map<String, Json>) {
    let Some(types) = schema.get("type").and_then(Json::as_array) else {
        return;
    };
    let names: Vec<String> = types
        .iter()
        .filter_map(Json::as_str)
        .map(str::to_owned)
        .collect();
    let nullable = names.len() == 2 && names.iter().any(|name| name == "null");
    if nullable || schema.contains_key("anyOf") {
        return;
    }
    let special = |key: &str| {
        let applies = applies_to(key).unwrap_or(AppliesTo::Nothing);
        !matches!(applies, AppliesTo::Nothing | AppliesTo::All)
    };
    let keys: Vec<String> = schema.keys().filter(|key| special(key)).cloned().collect();
    let moved: Vec<(String, Json)> = keys
        .into_iter()
        .filter_map(|key| schema.shift_remove_entry(&key))
        .collect();
    let branches = names.iter().map(|name| {
        let mut branch = Map::from_iter([("type".to_owned(), json!(name))]);
        let own = moved.iter().filter(|(key, _)| concerns(key, name));
        branch.extend(own.cloned());
        Json::Object(branch)
    });
    let branches = branches.collect();
    schema.shift_remove("type");
    schema.insert("anyOf".to_owned(), branches);
}

/// Whether a keyword applies to values of a type.
fn concerns(key: &str, name: &str) -> bool {
    match applies_to(key) {
        Some(AppliesTo::Texts) => name == "string",
        Some(AppliesTo::Numbers) => matches!(name, "integer" | "number"),
        Some(AppliesTo::TextsAndNumbers) => matches!(name, "string" | "integer" | "number"),
        Some(AppliesTo::Arrays) => name == "array",
        Some(AppliesTo::Objects) => name == "object",
        _ => false,
    }
}
