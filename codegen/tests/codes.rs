//! Codes of diagnostics: each is reported for its own example and covered by `tests/invalid`.

#[path = "protocol/mod.rs"]
mod protocol;

use std::collections::BTreeSet;
use std::fs;

use natsgen::{Code, Diagnostic, Example, Explanation};
use protocol::Protocol;
use serde_json::Value as Json;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/invalid/cases.json");
/// Codes that no schema can trigger.
const EXEMPT: [Code; 1] = [Code::FileError];

/// Adds the members of an excerpt to a document.
fn merge(document: &mut Json, excerpt: Json) {
    match (document, excerpt) {
        (Json::Object(members), Json::Object(added)) => {
            for (key, value) in added {
                merge(members.entry(key).or_insert(Json::Null), value);
            }
        }
        (document, excerpt) => *document = excerpt,
    }
}

fn diagnostics(entry: &Explanation) -> Vec<Diagnostic> {
    let mut protocol = Protocol::base();
    match entry.example {
        Example::File(path, text) => {
            protocol
                .raw
                .insert(path.to_owned(), text.as_bytes().to_vec());
        }
        Example::Excerpt(path, text) => {
            let excerpt = serde_json::from_str(text).expect("an excerpt is JSON");
            merge(protocol.files.entry(path.to_owned()).or_default(), excerpt);
        }
    }
    if entry.code == Code::MissingManifest {
        protocol.files.remove("manifest.json");
    }
    match natsgen::compile(&protocol.schemas()) {
        Ok((_, warnings)) => warnings,
        Err(diagnostics) => diagnostics.into_vec(),
    }
}

#[test]
fn code_is_reported_for_its_own_example() {
    let missing = Code::all().iter().filter(|entry| {
        let codes = diagnostics(entry);
        !EXEMPT.contains(&entry.code) && !codes.iter().any(|found| found.code == entry.code)
    });
    let missing: Vec<&str> = missing.map(|entry| entry.name).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn code_is_covered_by_an_invalid_schema() {
    let text = fs::read_to_string(CASES).expect("cases.json is readable");
    let covered = |name: &str| text.contains(&format!("[{name}]"));
    let missing: BTreeSet<&str> = Code::all()
        .iter()
        .filter(|entry| !EXEMPT.contains(&entry.code) && !covered(entry.name))
        .map(|entry| entry.name)
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
