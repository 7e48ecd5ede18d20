//! The documents of a family: those of its package, and mutations of them, with the verdict of the reference validator.

use std::fs;

use serde_json::Value as Json;

use crate::Failure;
use crate::family::Compiled;
use crate::install::Installed;
use crate::reference;

/// The number of mutations of each document.
const MUTATIONS: usize = 10;
/// Larger documents are not mutated, in bytes.
const LARGE: usize = 200_000;

/// A document with its expected verdict.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) is_valid: bool,
    /// Whether it differs from the document of the package.
    pub(crate) is_mutated: bool,
}

/// The documents of a family.
///
/// # Errors
/// If a file cannot be read.
pub(crate) fn of(
    compiled: &Compiled<'_>,
    all: &[Compiled<'_>],
    installed: &Installed,
) -> Result<Vec<Document>, Failure> {
    let mut texts = texts(compiled, installed)?;
    if let Some(dialect) = &compiled.family.meta_schema {
        for other in all {
            let schemas = other.family.schemas.iter().zip(&other.texts);
            let schemas = schemas.filter(|_| other.dialect().trim_end_matches('#') == dialect);
            texts.extend(schemas.map(|(file, text)| (file.clone(), text.clone())));
        }
    }
    let accepted = compiled.result.as_ref();
    if texts.is_empty() || !accepted.is_ok_and(|accepted| accepted.root.is_some()) {
        return Ok(Vec::new());
    }
    let validator = match reference::validator(compiled) {
        Ok(validator) => validator,
        Err(error) => {
            let name = &compiled.family.name;
            println!("{name}: no documents, because `jsonschema` refuses the schema: {error}");
            return Ok(Vec::new());
        }
    };
    let mut documents = Vec::new();
    for (name, text) in texts {
        let Ok(json) = serde_json::from_str::<Json>(&text) else {
            continue;
        };
        let mut add = |json: &Json, text: String, is_mutated| {
            documents.push(Document {
                name: name.clone(),
                text,
                is_valid: validator.is_valid(json),
                is_mutated,
            });
        };
        if text.len() < LARGE {
            for number in 0..MUTATIONS {
                let mut mutated = json.clone();
                mutate(&mut mutated, number);
                add(&mutated, mutated.to_string(), true);
            }
        }
        add(&json, text, false);
    }
    Ok(documents)
}

/// The documents that the list names.
fn texts(compiled: &Compiled<'_>, installed: &Installed) -> Result<Vec<(String, String)>, Failure> {
    let mut texts = Vec::new();
    for files in &compiled.family.documents {
        let path = installed.path(&files.package, &files.files)?;
        let paths = match (path.file_name(), path.parent()) {
            (Some(name), Some(folder)) if name == "*.json" => {
                let files = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
                let paths = files.iter().map(fs::DirEntry::path);
                let mut paths: Vec<_> = paths
                    .filter(|path| path.extension().is_some_and(|end| end == "json"))
                    .collect();
                paths.sort();
                paths
            }
            _ => vec![path],
        };
        for path in paths {
            let text = fs::read_to_string(&path)?;
            texts.push((path.display().to_string(), text));
        }
    }
    Ok(texts)
}

/// Changes a value at a place that the number determines.
fn mutate(json: &mut Json, number: usize) {
    let all = places(json);
    // Steps that are no divisor of most counts reach different parts of the document.
    let place = &all[(number * 7_919 + 13) % all.len()];
    let Some(value) = json.pointer_mut(place) else {
        return;
    };
    *value = match number % 5 {
        0 => Json::Null,
        1 => Json::from(-1.5),
        2 => Json::from("\u{0} other"),
        3 => Json::Array(vec![value.take()]),
        _ => match value.take() {
            Json::Object(mut members) => {
                if let Some(first) = members.keys().next().cloned() {
                    members.shift_remove(&first);
                }
                members.insert("another member".to_owned(), Json::from(1));
                Json::Object(members)
            }
            Json::Array(mut items) => {
                items.extend(items.clone());
                Json::Array(items)
            }
            _ => Json::Object(serde_json::Map::new()),
        },
    };
}

/// The pointers of all values.
fn places(json: &Json) -> Vec<String> {
    let mut places = vec![String::new()];
    let mut at = 0;
    while at < places.len() {
        let place = places[at].clone();
        at += 1;
        match json.pointer(&place) {
            Some(Json::Object(members)) => {
                let steps = members.keys().map(|key| natsgen::internal::escape(key));
                places.extend(steps.map(|step| format!("{place}{step}")));
            }
            Some(Json::Array(items)) => {
                places.extend((0..items.len()).map(|index| format!("{place}/{index}")));
            }
            _ => {}
        }
    }
    places
}
