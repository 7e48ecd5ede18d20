//! Formats against the official test suite, copied to `tests/conformance/suite`, and against another validator.

use std::fs;
use std::path::PathBuf;

use natsgen_runtime::Value;
use natsgen_runtime::assertion::Format;

/// Every format with its JSON Schema name.
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
    let folder = "../../../tests/conformance/suite/tests/draft2020-12/optional/format";
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
    // The suite keeps the pattern `\a` in a separate file. The other cases of that file cover the same format.
    wrong.extend(check("regex", Format::Regex, "ecmascript-regex"));
    assert_eq!(wrong, Vec::<String>::new());
}

/// Characters for mutations: some have a meaning in a format, some are valid in no format.
const PIECES: &str = "0123456789TtZz:-+./?#[]@%{}(),*~\\\"' aFPYMDWHSx\u{2}é";

/// Mutations of a string: a character is removed, duplicated or replaced.
fn damaged(text: &str) -> Vec<String> {
    let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
    let mut damaged = Vec::new();
    for place in places {
        let (before, after) = text.split_at(place);
        let mut rest = after.chars();
        let first = rest.next().into_iter();
        let rest = rest.as_str();
        damaged.push(format!("{before}{rest}"));
        damaged.extend(first.map(|first| format!("{before}{first}{after}")));
        damaged.extend(PIECES.chars().map(|piece| format!("{before}{piece}{rest}")));
    }
    damaged
}

/// Known deviations of the other validator.
fn is_exception(name: &str, text: &str) -> bool {
    match name {
        // The other validator does not implement UTS 46 and RFC 5893, nor Han characters beyond the first block.
        "hostname" => text.to_ascii_lowercase().contains("xn--"),
        // The other validator refuses an escaped space, which RFC 5321 section 4.1.2 allows.
        "email" => text.contains("\\ "),
        // The other validator has these formats only with its feature `idna`.
        _ => name.starts_with("idn-"),
    }
}

#[test]
fn formats_of_mutated_strings_agree_with_another_validator() {
    let mut wrong = Vec::new();
    for (name, format) in FORMATS {
        let reference = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&serde_json::json!({ "format": name }))
            .unwrap();
        let differs = |text: &String| {
            !is_exception(name, text)
                && format.accepts(text) != reference.is_valid(&text.as_str().into())
        };
        let texts = suite(name).into_iter().map(|(_, text, _)| text);
        let damaged = texts
            .filter(|text| text.len() < 100)
            .flat_map(|text| damaged(&text));
        wrong.extend(damaged.filter(differs).map(|text| (name, text)));
    }
    assert_eq!(wrong, Vec::new());
}

static LONG: &[(Format, &str, bool)] = &[
    (Format::Regex, "(", false),
    (Format::Regex, "a{2}", true),
    (Format::Regex, "(?<a>b)", false),
    (Format::Uri, "a:", true),
    (Format::UriTemplate, "{a}", true),
    (Format::JsonPointer, "/~0", true),
    (Format::Hostname, "xn--9n2bp8q.", false),
    (Format::IdnHostname, "ü.", false),
    (Format::Email, "a.", false),
];

#[test]
fn formats_long_strings_cause_no_overflow() {
    for (format, text, expected) in LONG {
        let long = text.repeat(100_000);
        assert_eq!(format.accepts(&long), *expected, "{format} of {text:?}");
    }
}
