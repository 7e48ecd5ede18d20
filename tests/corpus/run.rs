//! Corpora as another language would run them: files in, verdicts compared.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use natsgen_runtime::{Side, Value, codec};
use serde_json::Value as Json;

use super::codec::Codec;

/// How many valid and invalid documents there were.
pub(crate) type Counts = (usize, usize);

/// Runs every corpus below a directory: each document against its message's type.
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

fn collect(directory: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// A valid document is accepted by every way in, and what is written of it is what the corpus says.
fn valid(codec: &Codec, case: &Json) -> Result<(), String> {
    let name = name(codec, case);
    let bytes = large(case, "document").to_string().into_bytes();
    let expected = match case.get("written") {
        Some(_) => read(large(case, "written").to_string().as_bytes()),
        None => read(&bytes),
    };
    let is_expected = |way: &str, written: &[u8]| {
        let is_right = read(written) == expected;
        let shown = String::from_utf8_lossy(&written[..written.len().min(300)]);
        is_right
            .then_some(())
            .ok_or_else(|| format!("{name}: {way} writes {shown}"))
    };
    let refused = |way: &str, why: String| format!("{name}: {way} refuses it: {why}");
    let owned = (codec.reread)(&bytes).map_err(|error| refused("decode", error.to_string()))?;
    is_expected("decode", &owned)?;
    for written in (codec.lent)(&bytes).map_err(|error| refused("lend", error.to_string()))? {
        is_expected("lend", &written)?;
    }
    let serde = (codec.serde)(&bytes).map_err(|error| refused("serde", error.to_string()))?;
    is_expected("serde", &serde)
}

/// An invalid document is refused by every way in, at the place that the corpus says.
fn invalid(codec: &Codec, case: &Json) -> Result<(), String> {
    let name = name(codec, case);
    let bytes = large(case, "document").to_string().into_bytes();
    let pointer = case["pointer"].as_str().unwrap();
    let Err(error) = (codec.reread)(&bytes) else {
        return Err(format!("{name} at {pointer:?}: decode accepts it"));
    };
    if error.pointer != pointer {
        return Err(format!("{name} at {pointer:?}: decode says {error:?}"));
    }
    match (codec.lent)(&bytes) {
        Err(lent) if lent == error => {}
        other => return Err(format!("{name} at {pointer:?}: lend says {other:?}")),
    }
    match (codec.serde)(&bytes) {
        Err(_) => Ok(()),
        Ok(_) => Err(format!("{name} at {pointer:?}: serde accepts it")),
    }
}

fn name(codec: &Codec, case: &Json) -> String {
    format!("{} {}", codec.message, case["name"])
}

fn read(bytes: &[u8]) -> Value {
    codec::decode(bytes, Side::Request).expect("JSON")
}

/// The document that a member of a case stands for.
fn large(case: &Json, member: &str) -> Json {
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
