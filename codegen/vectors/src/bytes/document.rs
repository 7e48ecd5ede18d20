//! Payloads around and inside a whole document.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use super::Case;
use super::case::Verdict;
use super::literal::case;
use super::segment::Segment;

/// The payloads that a document gives. It is an object.
pub(super) fn literals(document: &str) -> Vec<Case> {
    let members: Map<String, Json> = serde_json::from_str(document).unwrap_or_default();
    let mut cases = valid(document, &members);
    cases.extend(around(document));
    cases.extend(encoded(document));
    cases.extend(duplicates(&members));
    cases
}

fn valid(document: &str, members: &Map<String, Json>) -> Vec<Case> {
    let escaped = members.iter().map(|(key, value)| {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), escaped_string);
        format!("{}:{value}", escaped_string(key))
    });
    let escaped: Vec<String> = escaped.collect();
    let reversed = members.iter().rev();
    let reversed: Vec<String> = reversed
        .map(|(key, value)| format!("{}:{value}", Json::from(key.as_str())))
        .collect();
    let texts = [
        ("as written", document.to_owned()),
        ("white space around", format!("\r\n\t {document} \t\n\r")),
        (
            "every character escaped",
            format!("{{{}}}", escaped.join(",")),
        ),
        (
            "members in reverse order",
            format!("{{{}}}", reversed.join(" , ")),
        ),
    ];
    let cases = texts.map(|(name, text)| case(name, vec![Segment::text(text)], Verdict::Valid));
    cases.into()
}

/// Malformed text around the document.
fn around(document: &str) -> Vec<Case> {
    let without_end = document.get(..document.len() - 1).unwrap_or_default();
    let texts = [
        ("nothing", String::new()),
        ("white space only", " \n".to_owned()),
        ("byte order mark", format!("\u{feff}{document}")),
        ("trailing text", format!("{document}x")),
        ("trailing comma", format!("{document},")),
        ("trailing brace", format!("{document}}}")),
        ("trailing NUL", format!("{document}\u{0}")),
        ("trailing form feed", format!("{document}\u{c}")),
        ("trailing comment", format!("{document}// a")),
        ("two documents", format!("{document}{document}")),
        ("two lines", format!("{document}\n{document}")),
        ("leading NUL", format!("\u{0}{document}")),
        ("leading comment", format!("/* a */{document}")),
        ("leading no-break space", format!("\u{a0}{document}")),
        ("no end", without_end.to_owned()),
        ("array without end", format!("[{document}")),
        ("prefix against inclusion", format!(")]}}'\n{document}")),
    ];
    let cases = texts.map(|(name, text)| case(name, vec![Segment::text(text)], Verdict::Malformed));
    let mut cases: Vec<Case> = cases.into();
    let byte = |bytes: &[u8]| vec![Segment::text(document), Segment::hex(bytes)];
    cases.push(case("trailing byte FF", byte(&[0xff]), Verdict::Malformed));
    let half = document.len() / 2;
    if let Some(half) = document.get(..half) {
        let bytes = vec![Segment::text(half)];
        cases.push(case("first half", bytes, Verdict::Malformed));
    }
    cases
}

/// The document in encodings other than UTF-8.
fn encoded(document: &str) -> Vec<Case> {
    let units: Vec<u16> = document.encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let characters = document.chars().map(u32::from);
    let wide: Vec<u8> = characters.flat_map(u32::to_le_bytes).collect();
    let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(little.clone()).collect();
    let encodings = [
        ("UTF-16 LE", little),
        ("UTF-16 BE", big),
        ("UTF-16 LE with a byte order mark", marked),
        ("UTF-32 LE", wide),
        ("gzip", vec![0x1f, 0x8b, 0x08]),
    ];
    let cases =
        encodings.map(|(name, bytes)| case(name, vec![Segment::hex(&bytes)], Verdict::Malformed));
    cases.into()
}

/// The document with a duplicate of its first member.
fn duplicates(members: &Map<String, Json>) -> Vec<Case> {
    let Some((key, value)) = members.iter().next() else {
        return Vec::new();
    };
    let document = Json::Object(members.clone()).to_string();
    let body = document.get(1..document.len() - 1).unwrap_or_default();
    let quoted = Json::from(key.as_str()).to_string();
    let texts = [
        ("duplicate member", quoted),
        ("duplicate member with an escape", escaped_string(key)),
    ];
    let cases = texts.map(|(name, key)| {
        let bytes = vec![Segment::text(format!("{{{body},{key}:{value}}}"))];
        case(name, bytes, Verdict::Refused(String::new()))
    });
    cases.into()
}

/// A JSON string with every character escaped.
fn escaped_string(text: &str) -> String {
    let mut escaped = String::from("\"");
    for unit in text.encode_utf16() {
        // Writing to a string never fails.
        let _ = write!(escaped, "\\u{unit:04x}");
    }
    escaped.push('"');
    escaped
}
