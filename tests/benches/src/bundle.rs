//! A schema and all schemas it refers to in a single draft-07 document, as typify requires.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use typify::{TypeSpace, TypeSpaceSettings};

/// The reason why a bundle failed.
type Failure = Box<dyn Error + Send + Sync>;

/// The schema at `place` (a document below `directory` and a pointer), with the title `title`.
///
/// # Errors
/// If a document is missing or a reference has no target.
pub(crate) fn bundle(directory: &Path, place: &str, title: &str) -> Result<Value, Failure> {
    let mut definitions = Map::new();
    let mut schema = part(directory, place, &mut definitions)?;
    let members = schema
        .as_object_mut()
        .ok_or("the schema is not an object")?;
    members.insert("title".to_owned(), json!(title));
    members.insert("definitions".to_owned(), Value::Object(definitions));
    Ok(schema)
}

/// The Rust source that typify generates from a bundle.
///
/// # Errors
/// If typify refuses the bundle.
pub(crate) fn typify(schema: Value) -> Result<String, Failure> {
    let mut space = TypeSpace::new(&TypeSpaceSettings::default());
    space.add_root_schema(serde_json::from_value(schema)?)?;
    Ok(space.to_stream().to_string())
}

fn part(
    directory: &Path,
    place: &str,
    definitions: &mut Map<String, Value>,
) -> Result<Value, Failure> {
    let (file, pointer) = place.split_once('#').ok_or("a place has a pointer")?;
    let document: Value = serde_json::from_str(&fs::read_to_string(directory.join(file))?)?;
    let mut schema = document
        .pointer(pointer)
        .ok_or_else(|| format!("{place} has no target"))?
        .clone();
    localise(directory, file, &mut schema, definitions)?;
    Ok(schema)
}

/// Rewrites each reference to `definitions`, and adds the target there.
fn localise(
    directory: &Path,
    file: &str,
    schema: &mut Value,
    definitions: &mut Map<String, Value>,
) -> Result<(), Failure> {
    match schema {
        Value::Array(items) => items
            .iter_mut()
            .try_for_each(|item| localise(directory, file, item, definitions)),
        Value::Object(members) => {
            // Keywords that typify's draft-07 model lacks, and keywords whose values are not schemas.
            members.retain(|key, _| !matches!(key.as_str(), "examples" | "sensitive" | "default"));
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                let place = absolute(file, reference);
                let name = place.rsplit('/').next().unwrap_or_default().to_owned();
                *reference = format!("#/definitions/{name}");
                if !definitions.contains_key(&name) {
                    definitions.insert(name.clone(), Value::Bool(true));
                    let definition = part(directory, &place, definitions)?;
                    definitions.insert(name, definition);
                }
            }
            members
                .values_mut()
                .try_for_each(|value| localise(directory, file, value, definitions))
        }
        _ => Ok(()),
    }
}

/// The place below the schema directory that a reference of the document `file` points to.
fn absolute(file: &str, reference: &str) -> String {
    if reference.starts_with('#') {
        return format!("{file}{reference}");
    }
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in reference.split('/') {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}
