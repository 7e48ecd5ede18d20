//! Runs the byte-level cases: payloads that no JSON value can express.

use std::fs;
use std::path::Path;

use natsgen_runtime::{Side, codec};
use serde_json::Value as Json;

use super::codec::Codec;
use super::run::{Counts, collect};

/// Runs every case below a directory against the type of its message.
pub(crate) fn run(directory: &str, codecs: &[Codec]) -> Counts {
    let mut files = Vec::new();
    collect(Path::new(directory), &mut files);
    let mut counts = (0, 0);
    let mut wrong = Vec::new();
    for file in files {
        let corpus: Json = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let message = corpus["message"].as_str().unwrap();
        let found = codecs.iter().find(|codec| codec.message == message);
        let codec = found.unwrap_or_else(|| panic!("{message} has a type in the table"));
        for case in corpus["valid"].as_array().unwrap() {
            let result = valid(codec, case);
            wrong.extend(result.map_err(|why| failure(message, case, &why)).err());
            counts.0 += 1;
        }
        for case in corpus["invalid"].as_array().unwrap() {
            let result = invalid(codec, case);
            wrong.extend(result.map_err(|why| failure(message, case, &why)).err());
            counts.1 += 1;
        }
    }
    let total = wrong.len();
    assert!(
        wrong.is_empty(),
        "{total} of {counts:?}:\n{}",
        wrong.join("\n")
    );
    counts
}

fn failure(message: &str, case: &Json, why: &str) -> String {
    format!("{message} {}: {why}", case["name"])
}

fn valid(codec: &Codec, case: &Json) -> Result<(), String> {
    let bytes = payload(case);
    let read = |bytes: &[u8]| {
        codec::decode::<natsgen_runtime::Value>(bytes, Side::Request)
            .map_err(|error| error.to_string())
    };
    let expected = read(case["written"].to_string().as_bytes())?;
    let owned = (codec.reread)(&bytes).map_err(|error| error.to_string())?;
    let borrowed = (codec.borrowed)(&bytes).map_err(|error| error.to_string())?;
    for written in [owned].into_iter().chain(borrowed) {
        if read(&written)? != expected {
            return Err(format!("written as {}", String::from_utf8_lossy(&written)));
        }
    }
    Ok(())
}

fn invalid(codec: &Codec, case: &Json) -> Result<(), String> {
    let bytes = payload(case);
    let pointer = case["pointer"].as_str();
    let Err(error) = (codec.reread)(&bytes) else {
        return Err("accepted".to_owned());
    };
    if pointer.is_some_and(|pointer| error.pointer != pointer) {
        return Err(format!("{error:?}, expected at {pointer:?}"));
    }
    match (codec.borrowed)(&bytes) {
        Err(borrowed) if borrowed == error => Ok(()),
        other => Err(format!("the borrowed form returns {other:?}")),
    }
}

/// The payload of a case: its segments of text or hexadecimal digits, repeated and joined.
fn payload(case: &Json) -> Vec<u8> {
    let segments = case["bytes"].as_array().unwrap().iter();
    let bytes = segments.map(|segment| {
        let times = segment["times"].as_u64().unwrap_or(1);
        let once = match segment["text"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => from_hex(segment["hex"].as_str().unwrap()),
        };
        once.repeat(usize::try_from(times).unwrap())
    });
    bytes.flatten().collect()
}

fn from_hex(digits: &str) -> Vec<u8> {
    let places = (0..digits.len()).step_by(2);
    places
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}
