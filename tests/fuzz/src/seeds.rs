//! The seed documents: the corpora of the schemas, and recorded messages.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use natsgen_vectors::Corpus;
use serde_json::Value;

/// The root of the repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// The size limit of seed documents; larger documents add no cases.
const LARGEST: usize = 4_096;

/// The documents of a message.
#[derive(Clone, Debug)]
pub struct Seeds {
    /// The message, e.g. `worker/deploy#Request`.
    pub message: String,
    /// The schema, as a reference from the schema directory.
    pub schema: String,
    /// Valid documents, then invalid ones.
    pub documents: Vec<Value>,
    /// The number of valid documents.
    pub valid: usize,
}

/// A path below the repository.
#[must_use]
pub fn path(below: &str) -> PathBuf {
    Path::new(ROOT).join(below)
}

/// The documents of each message of the protocol.
///
/// # Errors
/// If a corpus cannot be read.
pub fn seeds() -> io::Result<Vec<Seeds>> {
    let mut files = Vec::new();
    collect(&path("tests/vectors/corpus/varpulis"), &mut files)?;
    files.sort();
    files.iter().map(|file| of_file(file)).collect()
}

/// The requests, replies and payloads that were recorded in a real cluster, except those that are no JSON.
///
/// # Errors
/// If the recordings cannot be read.
pub fn recorded() -> io::Result<Vec<Seeds>> {
    let folder = path("tests/vectors/varpulis-0.11");
    let mut documents = Vec::new();
    for line in fs::read_to_string(folder.join("exchanges.jsonl"))?.lines() {
        let exchange: Value = serde_json::from_str(line)?;
        let texts = ["request", "response"].map(|side| exchange[side].as_str().map(str::to_owned));
        documents.extend(texts.into_iter().flatten());
    }
    let mut files = Vec::new();
    collect(&folder.join("payloads"), &mut files)?;
    files.sort();
    for file in files {
        documents.push(fs::read_to_string(file)?);
    }
    let documents = documents
        .iter()
        .filter_map(|text| serde_json::from_str(text).ok());
    Ok(documents.map(of_recording).collect())
}

fn of_recording(document: Value) -> Seeds {
    Seeds {
        message: "recording".to_owned(),
        schema: String::new(),
        documents: vec![document],
        valid: 1,
    }
}

fn of_file(file: &Path) -> io::Result<Seeds> {
    let corpus: Corpus = serde_json::from_slice(&fs::read(file)?)?;
    let is_small = |document: &Value| document.to_string().len() <= LARGEST;
    let valid = corpus.valid.into_iter().map(|case| case.document);
    let invalid = corpus.invalid.into_iter().map(|case| case.document);
    let mut documents: Vec<Value> = valid.filter(is_small).collect();
    let valid = documents.len();
    documents.extend(invalid.filter(is_small));
    Ok(Seeds {
        message: corpus.message,
        schema: corpus.schema,
        documents,
        valid,
    })
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
