//! Runs corpora as another language would: reads the files and compares the results.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use natsgen_runtime::{Side, Value, codec};
use serde_json::Value as Json;

use super::codec::Codec;

/// The numbers of valid and invalid documents.
pub(crate) type Counts = (usize, usize);

/// Runs every corpus below a directory: each document against the type of its message.
pub(crate) fn run(directory: &str, codecs: &[Codec]) -> Counts {
    let mut files = Vec::new();
    collect(Path::new(directory), &mut files);
    let mut counts = (0, 0);
    let mut messages = BTreeSet::new();
    let mut wrong = Vec::new();
    for file in files {
        let corpus: Json = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let message = corpus["message"].as_str().unwrap().to_owned();
        let found = codecs.iter().find(|codec| codec.message == message);
        let codec = found.unwrap_or_else(|| panic!("{message} has a type in the table"));
        for case in corpus["valid"].as_array().unwrap() {
            wrong.extend(valid(codec, case).err());
            counts.0 += 1;
        }
        for case in corpus["invalid"].as_array().unwrap() {
            wrong.extend(invalid(codec, case).err());
            counts.1 += 1;
        }
        messages.insert(message);
    }
    let known: BTreeSet<String> = codecs
        .iter()
        .map(|codec| codec.message.to_owned())
        .collect();
    assert_eq!(messages, known, "each message has a corpus and a type");
    let total = wrong.len();
    assert!(
        wrong.is_empty(),
        "{total} of {counts:?}:\n{}",
        wrong.join("\n")
    );
    counts
}

/// Adds all files below a directory.
pub(super) fn collect(directory: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Checks that each way of decoding accepts a valid document, and that the encoded result is as expected by the corpus.
fn valid(codec: &Codec, case: &Json) -> Result<(), String> {
    let name = name(codec, case);
    let bytes = expanded(case, "document").to_string().into_bytes();
    let expected = match case.get("written") {
        Some(_) => read(expanded(case, "written").to_string().as_bytes()),
        None => read(&bytes),
    };
    let is_expected = |form: &str, written: &[u8]| {
        let is_right = read(written) == expected;
        let shown = String::from_utf8_lossy(&written[..written.len().min(300)]);
        is_right
            .then_some(())
            .ok_or_else(|| format!("{name}: {form} writes {shown}"))
    };
    let refused = |form: &str, why: String| format!("{name}: {form} refuses the document: {why}");
    let owned = (codec.reread)(&bytes).map_err(|error| refused("decode", error.to_string()))?;
    is_expected("decode", &owned)?;
    for written in
        (codec.borrowed)(&bytes).map_err(|error| refused("borrowed", error.to_string()))?
    {
        is_expected("borrowed", &written)?;
    }
    let serde = (codec.serde)(&bytes).map_err(|error| refused("serde", error.to_string()))?;
    is_expected("serde", &serde)
}

/// Checks that each way of decoding refuses an invalid document at the place that the corpus names.
fn invalid(codec: &Codec, case: &Json) -> Result<(), String> {
    let name = name(codec, case);
    let bytes = expanded(case, "document").to_string().into_bytes();
    let pointer = case["pointer"].as_str().unwrap();
    let Err(error) = (codec.reread)(&bytes) else {
        return Err(format!(
            "{name} at {pointer:?}: decode accepts the document"
        ));
    };
    if error.pointer != pointer {
        return Err(format!("{name} at {pointer:?}: decode returns {error:?}"));
    }
    match (codec.borrowed)(&bytes) {
        Err(borrowed) if borrowed == error => {}
        other => {
            return Err(format!(
                "{name} at {pointer:?}: the borrowed form returns {other:?}"
            ));
        }
    }
    match (codec.serde)(&bytes) {
        Err(_) => Ok(()),
        Ok(_) => Err(format!("{name} at {pointer:?}: serde accepts the document")),
    }
}

fn name(codec: &Codec, case: &Json) -> String {
    format!("{} {}", codec.message, case["name"])
}

fn read(bytes: &[u8]) -> Value {
    codec::decode(bytes, Side::Request).expect("JSON")
}

/// The value of `member` in a case, with its repetition expanded.
fn expanded(case: &Json, member: &str) -> Json {
    let mut document = case[member].clone();
    let Some(repeat) = case.get("repeat") else {
        return document;
    };
    let times = usize::try_from(repeat["times"].as_u64().unwrap()).unwrap();
    match document
        .pointer_mut(repeat["pointer"].as_str().unwrap())
        .unwrap()
    {
        Json::String(text) => *text = text.repeat(times),
        Json::Array(items) => *items = vec![items[0].clone(); times],
        Json::Object(members) => {
            let (key, value) = members.iter().next().unwrap();
            let all = (0..times).map(|number| (format!("{key}{number}"), value.clone()));
            *members = all.collect();
        }
        other => panic!("{other} cannot be repeated"),
    }
    document
}
