//! Formats against the official test suite, its copy in `tests/conformance/suite`, and against another validator.

use std::fs;
use std::path::PathBuf;

use natsgen_runtime::{Format, Value};

/// Every format with its name in a schema.
const FORMATS: [(&str, Format); 19] = [
    ("date-time", Format::DateTime),
    ("date", Format::Date),
    ("time", Format::Time),
    ("duration", Format::Duration),
    ("email", Format::Email),
    ("idn-email", Format::IdnEmail),
    ("hostname", Format::Hostname),
    ("idn-hostname", Format::IdnHostname),
    ("ipv4", Format::Ipv4),
    ("ipv6", Format::Ipv6),
    ("uri", Format::Uri),
    ("uri-reference", Format::UriReference),
    ("iri", Format::Iri),
    ("iri-reference", Format::IriReference),
    ("uri-template", Format::UriTemplate),
    ("uuid", Format::Uuid),
    ("json-pointer", Format::JsonPointer),
    ("relative-json-pointer", Format::RelativeJsonPointer),
    ("regex", Format::Regex),
];

fn suite(file: &str) -> Vec<(String, String, bool)> {
    let folder = "../../tests/conformance/suite/tests/draft2020-12/optional/format";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(folder)
        .join(file)
        .with_extension("json");
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let groups: Value = serde_json::from_str(&text).unwrap();
    let tests = groups
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|group| group["tests"].as_array().into_iter().flatten());
    tests
        .filter_map(|test| {
            let text = test["data"].as_str()?.to_owned();
            let description = test["description"].as_str()?.to_owned();
            Some((description, text, test["valid"].as_bool()?))
        })
        .collect()
}

fn check(name: &str, format: Format, file: &str) -> Vec<String> {
    let cases = suite(file);
    assert!(!cases.is_empty(), "{file} has no cases");
    let wrong = cases
        .into_iter()
        .filter(|(_, text, valid)| format.accepts(text) != *valid);
    wrong
        .map(|(description, text, valid)| format!("{name}: {description}: {text:?} is {valid}"))
        .collect()
}

#[test]
fn formats_pass_the_official_suite() {
    let mut wrong = Vec::new();
    for (name, format) in FORMATS {
        wrong.extend(check(name, format, name));
    }
    // `\a`, used as a pattern, is in a file of its own; its other cases are about the same format.
    wrong.extend(check("regex", Format::Regex, "ecmascript-regex"));
    assert_eq!(wrong, Vec::<String>::new());
}
