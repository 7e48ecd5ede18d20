//! Tests of references: base, reference, and the target or the error.

use natsgen::Formats;
use natsgen::model::{Assertion, Keyword};
use serde_json::{Value as Json, json};

use super::{DIALECT, DRAFT_07, THINGS, compiled, errors};

/// The documents of a test, with `reference` at the place of the case.
fn documents(place: &str, reference: &str) -> Vec<(&'static str, Json)> {
    let plain = json!({ "type": "integer", "multipleOf": 3 });
    let inner = json!({
        "description": "An inner resource.",
        "$id": "https://example.com/inner/",
        "type": "object",
        "not": true,
        "properties": { "deep": plain, "nested": { "$id": "nested.json", "$anchor": "there", "multipleOf": 3 } },
        "$defs": { "Deep": plain, "Anchored": { "$anchor": "here", "multipleOf": 3 } },
    });
    let mut thing = json!({
        "$schema": DIALECT,
        "$defs": {
            "Thing": { "description": "A thing.", "not": { "$comment": "here" } },
            "Odd": {
                "description": "Odd.",
                "type": "object",
                "properties": { "a/b": plain, "m~n": plain, "per%cent": plain, "": plain, "q\"t": plain },
                "patternProperties": { "^x$": plain },
            },
            "List": { "description": "A list.", "prefixItems": [true, plain] },
            "Named": { "description": "Named.", "$anchor": "named", "multipleOf": 3 },
            "Dynamic": { "description": "Dynamic.", "$dynamicAnchor": "dynamic", "multipleOf": 3 },
            "Inner": inner,
        },
    });
    *thing.pointer_mut(place).expect(place) = json!({ "$ref": reference });
    let other = json!({
        "$schema": DIALECT,
        "$id": "https://example.com/schema/types/other.json",
        "$defs": { "Other": { "description": "Another.", "multipleOf": 3 } },
    });
    let old = json!({
        "$schema": DRAFT_07,
        "$id": "https://example.com/schema/types/old.json",
        "definitions": {
            "Old": { "description": "Old.", "$id": "#old", "multipleOf": 3 },
            "Own": { "description": "Own.", "$id": "own.json", "multipleOf": 3 },
            "Hidden": { "description": "Hidden.", "$ref": "#/definitions/Old" },
        },
    });
    vec![
        (THINGS, thing),
        ("types/other.json", other),
        ("types/old.json", old),
    ]
}

/// The target of a reference at a place of the document.
fn found(place: &str, reference: &str) -> String {
    let protocol = match compiled(&documents(place, reference), Formats::Assert) {
        Ok(protocol) => protocol,
        Err(wrong) => {
            let line = errors(&wrong);
            let line = line.replace(&format!("schema/{THINGS}#{place}/$ref: "), "");
            return line.replace("\n  help: ", "; ");
        }
    };
    let assertion = |name: &str| {
        protocol
            .assertions
            .iter()
            .find(|def| def.source.pointer == name)
    };
    let holder = place
        .rsplit_once('/')
        .map(|(holder, _)| holder)
        .expect("a place has a holder");
    let holder = assertion(holder).expect("the holder has an assertion");
    let name = referred(&holder.assertion).expect("the holder refers");
    let target = protocol
        .assertions
        .iter()
        .find(|def| def.name.snake() == name)
        .expect("an assertion");
    format!("{}#{}", target.source.file, target.source.pointer)
}

/// The assertion that an assertion refers to, directly or under `not`.
fn referred(assertion: &Assertion) -> Option<String> {
    assertion.0.iter().find_map(|keyword| match keyword {
        Keyword::Ref(name)
        | Keyword::DynamicRef {
            assertion: name, ..
        } => Some(name.snake()),
        Keyword::Not(assertion) => referred(assertion),
        _ => None,
    })
}

fn check(place: &str, cases: &[(&str, &str)]) {
    for (reference, expected) in cases {
        assert_eq!(&found(place, reference), expected, "{reference}");
    }
}

#[test]
fn reference_without_id_resolves_by_path() {
    check(
        "/$defs/Thing/not",
        &[
            ("#/$defs/Named", "types/thing.json#/$defs/Named"),
            ("thing.json#/$defs/Named", "types/thing.json#/$defs/Named"),
            (
                "../types/./thing.json#named",
                "types/thing.json#/$defs/Named",
            ),
            ("#named", "types/thing.json#/$defs/Named"),
            ("#dynamic", "types/thing.json#/$defs/Dynamic"),
            (
                "#/$defs/List/prefixItems/1",
                "types/thing.json#/$defs/List/prefixItems/1",
            ),
            (
                "#/$defs/Odd/properties/a~1b",
                "types/thing.json#/$defs/Odd/properties/a~1b",
            ),
            (
                "#/$defs/Odd/properties/m~0n",
                "types/thing.json#/$defs/Odd/properties/m~0n",
            ),
            (
                "#/$defs/Odd/properties/per%25cent",
                "types/thing.json#/$defs/Odd/properties/per%cent",
            ),
            (
                "#/$defs/Odd/properties/q%22t",
                "types/thing.json#/$defs/Odd/properties/q\"t",
            ),
            (
                "#/$defs/Odd/properties/",
                "types/thing.json#/$defs/Odd/properties/",
            ),
            (
                "#/%24defs/Odd/patternProperties/%5Ex%24",
                "types/thing.json#/$defs/Odd/patternProperties/^x$",
            ),
        ],
    );
}

#[test]
fn reference_to_another_document_or_id_resolves() {
    check(
        "/$defs/Thing/not",
        &[
            ("other.json#/$defs/Other", "types/other.json#/$defs/Other"),
            (
                "https://example.com/schema/types/other.json#/$defs/Other",
                "types/other.json#/$defs/Other",
            ),
            (
                "https://example.com/inner/#here",
                "types/thing.json#/$defs/Inner/$defs/Anchored",
            ),
            (
                "https://example.com/inner/nested.json",
                "types/thing.json#/$defs/Inner/properties/nested",
            ),
            (
                "#/$defs/Inner/$defs/Deep",
                "types/thing.json#/$defs/Inner/$defs/Deep",
            ),
            (
                "old.json#/definitions/Old",
                "types/old.json#/definitions/Old",
            ),
            ("old.json#old", "types/old.json#/definitions/Old"),
            (
                "https://example.com/schema/types/own.json",
                "types/old.json#/definitions/Own",
            ),
            (
                "https://json-schema.org/draft/2020-12/meta/validation#/$defs/stringArray",
                "https://json-schema.org/draft/2020-12/meta/validation#/$defs/stringArray",
            ),
            (
                "http://json-schema.org/draft-07/schema#/definitions/simpleTypes",
                "http://json-schema.org/draft-07/schema#/definitions/simpleTypes",
            ),
        ],
    );
}

#[test]
fn reference_inside_a_resource_resolves_against_its_id() {
    check(
        "/$defs/Inner/not",
        &[
            ("#/$defs/Deep", "types/thing.json#/$defs/Inner/$defs/Deep"),
            ("#here", "types/thing.json#/$defs/Inner/$defs/Anchored"),
            (
                "nested.json#there",
                "types/thing.json#/$defs/Inner/properties/nested",
            ),
            (
                "../schema/types/other.json#/$defs/Other",
                "types/other.json#/$defs/Other",
            ),
        ],
    );
}

#[test]
fn reference_without_target_is_an_error() {
    check(
        "/$defs/Thing/not",
        &[
            (
                "#/$defs/Nmed",
                "error[unresolved-reference]: `types/thing.json` has nothing at `/$defs/Nmed`; did you mean `Named`?",
            ),
            (
                "#nmed",
                "error[unresolved-reference]: `types/thing.json` has no anchor `nmed`; did you mean `named`?",
            ),
            (
                "othr.json#/$defs/Other",
                "error[unresolved-reference]: there is no document `types/othr.json`; did you mean `types/other.json`?",
            ),
            (
                "https://example.com/x.json",
                "error[unresolved-reference]: there is no document `https://example.com/x.json`; put the document into the schema directory, \
                 with this URI as its `$id`; nothing is fetched",
            ),
            (
                "#/$defs/List/prefixItems/01",
                "error[unresolved-reference]: `types/thing.json` has nothing at `/$defs/List/prefixItems/01`; define it there, or correct \
                 the reference",
            ),
            (
                "#/$defs/Thing/description",
                "error[unresolved-reference]: the reference `#/$defs/Thing/description` does not lead to a schema; refer to an \
                 object, `true` or `false`",
            ),
            (
                "#/%zz",
                "error[unresolved-reference]: `types/thing.json` has nothing at `/%zz`; define it there, or correct \
                 the reference",
            ),
        ],
    );
}
