//! Invalid schemas, each with the exact text of its diagnostics: `tests/invalid/cases.json`.
//!
//! A case edits the small valid protocol in `tests/invalid/base`. With `UPDATE_EXPECT=1`, the test writes the current
//! diagnostics to the file. Review the difference before you commit it.

mod protocol;

use std::collections::BTreeSet;
use std::{env, fs};

use natsgen::Language;
use protocol::Protocol;
use serde_json::{Value as Json, json};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/invalid/cases.json");

fn cases() -> Vec<Json> {
    let text = fs::read_to_string(CASES).expect("cases.json is readable");
    let cases: Vec<Json> = serde_json::from_str(&text).expect("cases.json is an array of cases");
    cases
}

fn said(case: &Json) -> Vec<String> {
    let mut protocol = Protocol::base();
    for edit in case["edits"].as_array().expect("a case has edits") {
        apply(edit, &mut protocol);
    }
    let diagnostics = match natsgen::compile(&protocol.schemas()) {
        Ok((_, warnings)) => warnings,
        Err(diagnostics) => diagnostics.into_vec(),
    };
    diagnostics.iter().map(ToString::to_string).collect()
}

/// Applies `{"file", "set"}`, `{"file", "pointer", "set"}`, `{"file", "copy"}`, `{"file", "remove"}`,
/// `{"file", "pointer", "remove"}`, `{"file", "text"}` or `{"file", "bytes"}`.
fn apply(edit: &Json, protocol: &mut Protocol) {
    let file = edit["file"]
        .as_str()
        .expect("an edit names a file")
        .to_owned();
    let pointer = edit["pointer"].as_str().unwrap_or_default();
    if let Some(text) = edit["text"].as_str() {
        protocol.raw.insert(file, text.as_bytes().to_vec());
    } else if let Some(bytes) = edit["bytes"].as_array() {
        let bytes = bytes
            .iter()
            .filter_map(|byte| u8::try_from(byte.as_u64()?).ok());
        protocol.raw.insert(file, bytes.collect());
    } else if let Some(from) = edit["copy"].as_str() {
        protocol.files.insert(file, protocol.files[from].clone());
    } else if let Some(value) = edit.get("set") {
        set(protocol, &file, pointer, value.clone());
    } else if pointer.is_empty() {
        protocol.files.remove(&file).expect("the file is there");
    } else {
        remove(protocol, &file, pointer);
    }
}

fn set(protocol: &mut Protocol, file: &str, pointer: &str, value: Json) {
    let document = protocol.files.entry(file.to_owned()).or_default();
    let Some((parent, key)) = pointer.rsplit_once('/') else {
        *document = value;
        return;
    };
    let key = key.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent) {
        Some(Json::Object(members)) => drop(members.insert(key, value)),
        Some(Json::Array(items)) => {
            match key.parse::<usize>().ok().and_then(|at| items.get_mut(at)) {
                Some(item) => *item = value,
                None => items.push(value),
            }
        }
        _ => panic!("{file} has nothing at {parent}"),
    }
}

fn remove(protocol: &mut Protocol, file: &str, pointer: &str) {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let removed = match protocol
        .files
        .get_mut(file)
        .and_then(|document| document.pointer_mut(parent))
    {
        Some(Json::Object(members)) => members.shift_remove(key),
        Some(Json::Array(items)) => key.parse().ok().map(|at: usize| items.remove(at)),
        _ => None,
    };
    removed.unwrap_or_else(|| panic!("{file} has nothing at {pointer}"));
}

#[test]
fn invalid_schema_gives_the_expected_diagnostics() {
    let mut cases = cases();
    if env::var_os("UPDATE_EXPECT").is_some() {
        for case in &mut cases {
            case["expect"] = json!(said(case));
        }
        let text = serde_json::to_string_pretty(&cases).expect("cases are JSON");
        fs::write(CASES, text + "\n").expect("cases.json is writable");
    }
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let said = said(case);
            let expected: Vec<&str> = case["expect"]
                .as_array()?
                .iter()
                .filter_map(Json::as_str)
                .collect();
            (said != expected).then(|| format!("{}:\n{}", case["name"], said.join("\n")))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "said otherwise:\n\n{}",
        wrong.join("\n\n")
    );
}

#[test]
fn invalid_cases_are_unique_and_expect_diagnostics() {
    let cases = cases();
    let names: BTreeSet<&str> = cases
        .iter()
        .filter_map(|case| case["name"].as_str())
        .collect();
    assert_eq!(names.len(), cases.len(), "names are unique");
    assert!(cases.len() >= 100, "{} cases", cases.len());
    for case in &cases {
        let expected = case["expect"].as_array().map_or(0, Vec::len);
        assert!(expected > 0, "{} expects nothing", case["name"]);
    }
}

/// Emission accepts a case that has only warnings.
#[test]
fn invalid_case_with_only_warnings_emits_parseable_files() {
    let mut emitted = 0;
    for case in cases() {
        let mut protocol = Protocol::base();
        for edit in case["edits"].as_array().expect("a case has edits") {
            apply(edit, &mut protocol);
        }
        let Ok((model, _)) = natsgen::compile(&protocol.schemas()) else {
            continue;
        };
        for (path, text) in natsgen::emit(Language::Rust, &model, "schema") {
            let parsed = syn::parse_file(&text).map(drop);
            assert!(parsed.is_ok(), "{}, {path}: {parsed:?}", case["name"]);
        }
        emitted += 1;
    }
    assert!(emitted > 10, "{emitted} cases were emitted");
}

#[test]
fn invalid_base_protocol_has_no_diagnostics() {
    let (protocol, warnings) =
        natsgen::compile(&Protocol::base().schemas()).expect("the base is valid");
    assert_eq!((protocol.operations.len(), warnings), (2, vec![]));
}
