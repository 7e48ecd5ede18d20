//! Documents that obey the schema of a message and documents that break it in one place, for every language alike.
//!
//! What is derived from the schemas is judged by the [`Oracle`], a validator that is not ours; where the two disagree,
//! there is no corpus.

mod case;
mod cases;
mod format;
mod number;
mod oracle;
mod sample;
mod schema;
#[cfg(test)]
mod tests;
mod text;
mod walk;
mod written;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value as Json;

pub use case::{Corpus, Invalid, Repeat, Valid};
pub use oracle::{Oracle, OracleError, Verdict, Verdicts};

use natsgen::model::{Kind, Protocol, TypeDef};
use natsgen::{Diagnostics, Schemas, compile, internal};

/// Why there are no corpora.
#[derive(Debug)]
pub enum VectorsError {
    /// The schemas are wrong.
    Schemas(Diagnostics),
    /// The oracle does not understand the schemas.
    Oracle(OracleError),
    /// What was derived is not what the oracle says: each document with both opinions, one a line.
    Misjudged(Vec<String>),
}

/// The corpora of all messages and named types, sorted by message.
///
/// # Errors
///
/// When the schemas are wrong, or when a document is not what it was made to be.
pub fn corpora(schemas: &Schemas) -> Result<Vec<Corpus>, VectorsError> {
    let (protocol, _) = compile(schemas).map_err(VectorsError::Schemas)?;
    let oracle = Oracle::new(schemas).map_err(VectorsError::Oracle)?;
    let parsed = internal::documents(schemas);
    let documents = schema::Documents::new(&parsed);
    let mut named: BTreeMap<String, &TypeDef> = BTreeMap::new();
    for def in protocol.types.iter().filter(|def| is_named(def)) {
        named.insert(message(def), def);
    }
    let named: Vec<_> = named.into_iter().collect();
    let derived = natsgen::internal::map(&named, |(message, def)| {
        let verdicts = oracle.of(&reference(def)).map_err(VectorsError::Oracle)?;
        let depth = if is_sent(&protocol, def) {
            walk::Depth::All
        } else {
            walk::Depth::Own
        };
        let Some(root) = documents.at(&def.source) else {
            return Ok(Err(vec![format!("{message}: there is no such schema")]));
        };
        let written = written::Written::new(&protocol);
        let cases = walk::cases(&verdicts, root, depth);
        Ok(cases.corpus(message, &reference(def), |json| written.of(def, json)))
    });
    let mut corpora = Vec::new();
    let mut misjudged = Vec::new();
    for outcome in derived {
        match outcome? {
            Ok(corpus) => corpora.push(corpus),
            Err(wrong) => misjudged.extend(wrong),
        }
    }
    if misjudged.is_empty() {
        Ok(corpora)
    } else {
        Err(VectorsError::Misjudged(misjudged))
    }
}

/// The files of these corpora, by path below the directory that they go to.
#[must_use]
pub fn files(corpora: &[Corpus]) -> BTreeMap<String, String> {
    corpora
        .iter()
        .map(|corpus| (corpus.path(), corpus.to_string()))
        .collect()
}

/// Whether a schema gives the type a name, as opposed to one made of the place where it stands.
fn is_named(def: &TypeDef) -> bool {
    let mut tokens = def.source.pointer.split('/').skip(1);
    match (tokens.next(), tokens.next(), tokens.next()) {
        (None, ..) => true,
        (Some("$defs" | "definitions"), Some(_), rest) => rest.is_none(),
        _ => false,
    }
}

/// What the corpus of a type is called: its document without `.json`, `#`, and what the document calls it.
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

/// Whether messages of this type travel by themselves.
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
            Self::Oracle(error) => error.fmt(f),
            Self::Misjudged(lines) => f.write_str(&lines.join("\n")),
        }
    }
}

impl std::error::Error for VectorsError {}

/// Whether two values are the same to JSON Schema: `1` is `1.0`.
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
