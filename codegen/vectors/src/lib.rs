//! Valid and invalid test documents of each message, for all languages. An invalid document breaks its schema in a
//! single place.
//!
//! The [`ReferenceValidator`] is independent of natsgen and validates each document. If it contradicts an expected
//! result, no corpus is written.

mod bytes;
mod calls;
mod case;
mod cases;
mod expected;
mod format;
mod mutate;
mod number;
mod reference_validator;
mod sample;
mod schema;
mod table;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value as Json;

pub use bytes::{ByteCorpus, InvalidBytes, Segment, ValidBytes, byte_corpora};
pub use calls::{Answer, CallCase, call_lines, calls};
pub use case::{Corpus, Invalid, Repeat, Valid};
pub use reference_validator::{
    ReferenceValidator, ReferenceValidatorError, TypeValidator, Validation,
};
pub use table::{go_table, rust_table};

use natsgen::model::{Kind, Protocol, TypeDef};
use natsgen::{Diagnostics, Schemas, compile, internal};

/// The reason why no corpora can be derived.
#[derive(Debug)]
pub enum VectorsError {
    /// The schemas have errors.
    Schemas(Diagnostics),
    /// The reference validator does not accept the schemas.
    ReferenceValidator(ReferenceValidatorError),
    /// The reference validator contradicts expected results. Each line holds a document with both results.
    Contradicted(Vec<String>),
}

/// The corpora of all messages and named types, sorted by message.
///
/// # Errors
///
/// Fails if the schemas have errors, or if the reference validator contradicts the expected result of a document.
pub fn corpora(schemas: &Schemas) -> Result<Vec<Corpus>, VectorsError> {
    let (protocol, _) = compile(schemas).map_err(VectorsError::Schemas)?;
    let reference_validator =
        ReferenceValidator::new(schemas).map_err(VectorsError::ReferenceValidator)?;
    let parsed = internal::documents(schemas);
    let documents = schema::Documents::new(&parsed);
    let mut named: BTreeMap<String, &TypeDef> = BTreeMap::new();
    for def in protocol.types.iter().filter(|def| is_named(def)) {
        named.insert(message(def), def);
    }
    let named: Vec<_> = named.into_iter().collect();
    let derived = natsgen::internal::map(&named, |(message, def)| {
        let validator = reference_validator
            .of(&reference(def))
            .map_err(VectorsError::ReferenceValidator)?;
        let depth = if is_sent(&protocol, def) {
            mutate::Depth::All
        } else {
            mutate::Depth::Own
        };
        let Some(root) = documents.at(&def.source) else {
            return Ok(Err(vec![format!("{message}: there is no such schema")]));
        };
        let expected = expected::ExpectedOutput::new(&protocol, &reference_validator);
        let cases = mutate::cases(&validator, root, depth);
        Ok(cases.corpus(message, &reference(def), |json| expected.of(def, json)))
    });
    let mut corpora = Vec::new();
    let mut contradicted = Vec::new();
    for outcome in derived {
        match outcome? {
            Ok(corpus) => corpora.push(corpus),
            Err(wrong) => contradicted.extend(wrong),
        }
    }
    if contradicted.is_empty() {
        Ok(corpora)
    } else {
        Err(VectorsError::Contradicted(contradicted))
    }
}

/// The files of these corpora, by path below the output directory.
#[must_use]
pub fn files(corpora: &[Corpus]) -> BTreeMap<String, String> {
    corpora
        .iter()
        .map(|corpus| (corpus.path(), corpus.to_string()))
        .collect()
}

/// The files of these byte-level cases, by path below the output directory.
#[must_use]
pub fn byte_files(corpora: &[ByteCorpus]) -> BTreeMap<String, String> {
    corpora
        .iter()
        .map(|corpus| (corpus.path(), corpus.to_string()))
        .collect()
}

/// Whether a schema names the type. All other types are parts of a schema, or are named after their place.
fn is_named(def: &TypeDef) -> bool {
    if def.partial {
        return false;
    }
    let mut tokens = def.source.pointer.split('/').skip(1);
    match (tokens.next(), tokens.next(), tokens.next()) {
        (None, ..) => true,
        (Some("$defs" | "definitions"), Some(_), rest) => rest.is_none(),
        _ => false,
    }
}

/// The message name of a type: its document without `.json`, then `#`, then its key in the document.
fn message(def: &TypeDef) -> String {
    let file = def.source.file.trim_end_matches(".json");
    match def.source.pointer.rsplit_once('/') {
        Some((_, key)) => format!("{file}#{key}"),
        None => file.to_owned(),
    }
}

/// The schema of a type, as a reference from the schema directory.
fn reference(def: &TypeDef) -> String {
    format!("{}#{}", def.source.file, def.source.pointer)
}

/// Whether a value of this type is a message payload by itself.
fn is_sent(protocol: &Protocol, def: &TypeDef) -> bool {
    protocol
        .operations
        .iter()
        .any(|operation| match &operation.kind {
            Kind::Request(request) => request.request == def.name || request.reply == def.name,
            Kind::Publish(message) => *message == def.name,
        })
}

impl fmt::Display for VectorsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Schemas(diagnostics) => diagnostics.fmt(f),
            Self::ReferenceValidator(error) => error.fmt(f),
            Self::Contradicted(lines) => f.write_str(&lines.join("\n")),
        }
    }
}

impl std::error::Error for VectorsError {}

/// Whether two values are equal in JSON Schema: `1` equals `1.0`.
fn equal(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => {
            left == right || left.as_f64() == right.as_f64() && (left.is_f64() || right.is_f64())
        }
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| equal(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, value)| right.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => left == right,
    }
}
