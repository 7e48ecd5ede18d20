//! Diagnostics of invalid schemas.

use natsgen::Formats;
use serde_json::{Value as Json, json};

use super::{DIALECT, THINGS, compiled, errors, refuse};

#[test]
fn keyword_misspelled_or_misplaced_is_an_error() {
    for (dialect, schema, expected) in [
        (
            DIALECT,
            json!({ "minLenght": 1 }),
            "/minLenght: error[unknown-keyword]: unknown keyword `minLenght`\n  help: did you mean `minLength`?",
        ),
        (
            DIALECT,
            json!({ "$schema": DIALECT }),
            "/$schema: error[misplaced-keyword]: `$schema` has no effect inside a schema\n  help: move it to the root of the document, or beside an `$id`",
        ),
        (
            DIALECT,
            json!({ "x-nats": {} }),
            "/x-nats: error[misplaced-keyword]: `x-nats` has no effect inside a schema\n  help: move it to the root of an operation's document",
        ),
    ] {
        refuse(dialect, &schema, expected);
    }
}

#[test]
fn keyword_value_of_the_wrong_type_is_an_error() {
    let whole = "write an integer from 0 on";
    let types = "write `string`, `integer`, `number`, `boolean`, `object`, `array` or `null`, or a list of them";
    for (schema, expected) in [
        (json!({ "minLength": "x" }), format!("/minLength: error[unexpected-type]: `\"x\"` is not a non-negative integer\n  help: {whole}")),
        (json!({ "maxItems": -1 }), format!("/maxItems: error[unexpected-type]: `-1` is not a non-negative integer\n  help: {whole}")),
        (json!({ "minProperties": 0.5 }), format!("/minProperties: error[unexpected-type]: `0.5` is not a non-negative integer\n  help: {whole}")),
        (json!({ "minimum": "1" }), "/minimum: error[unexpected-type]: `minimum` must be a number, not a string\n  help: write a number".to_owned()),
        (json!({ "multipleOf": 0 }), "/multipleOf: error[invalid-value]: `multipleOf` is 0, but must be above 0\n  help: write a number above 0".to_owned()),
        (json!({ "type": "text" }), format!("/type: error[unknown-type]: `\"text\"` is not a JSON type\n  help: {types}")),
        (json!({ "type": [] }), format!("/type: error[unknown-type]: `[]` is not a JSON type\n  help: {types}")),
        (json!({ "enum": 1 }), "/enum: error[unexpected-type]: `enum` must be an array, not a number\n  help: write an array".to_owned()),
        (json!({ "uniqueItems": 1 }), "/uniqueItems: error[unexpected-type]: `uniqueItems` must be true or false, not a number\n  help: write true or false".to_owned()),
        (json!({ "required": ["a", 1] }), "/required/1: error[unexpected-type]: `1` must be a string, not a number\n  help: write a string".to_owned()),
        (json!({ "required": ["a", "a"] }), "/required/1: error[duplicate-entry]: duplicate entry `a`\n  help: remove one of the two entries".to_owned()),
        (json!({ "properties": [] }), "/properties: error[unexpected-type]: `properties` must be an object, not an array\n  help: write an object".to_owned()),
        (json!({ "properties": { "a": 1 } }), "/properties/a: error[unexpected-type]: `a` must be an object, not a number\n  help: write an object".to_owned()),
        (json!({ "anyOf": [] }), "/anyOf: error[invalid-value]: `anyOf` is empty\n  help: write at least one schema".to_owned()),
        (json!({ "items": [true] }), "/items: error[unexpected-type]: `items` must be an object, not an array\n  help: write an object".to_owned()),
    ] {
        refuse(DIALECT, &schema, &expected);
    }
}

/// The errors of documents.
fn reported(documents: &[(&str, Json)]) -> String {
    match compiled(documents, Formats::Assert) {
        Ok(_) => String::new(),
        Err(wrong) => errors(&wrong),
    }
}

#[test]
fn identifier_invalid_or_duplicate_is_an_error() {
    let document = |definitions: Json| json!({ "$schema": DIALECT, "$defs": definitions });
    for (definitions, expected) in [
        (
            json!({ "A": { "description": "A.", "$anchor": "1" } }),
            "schema/types/thing.json#/$defs/A/$anchor: error[invalid-anchor]: the value of `$anchor` is not a name\n  help: start with a letter or `_`, and use only ASCII letters, digits, `-`, `_` and `.`",
        ),
        (
            json!({ "A": { "description": "A.", "$anchor": "a" }, "B": { "description": "B.", "$dynamicAnchor": "a" } }),
            "schema/types/thing.json#/$defs/B/$dynamicAnchor: error[duplicate-anchor]: duplicate anchor `a`: `/$defs/A` has it too\n  help: give each place of a schema an anchor of its own",
        ),
        (
            json!({ "A": { "description": "A.", "$id": "a#b" } }),
            "schema/types/thing.json#/$defs/A/$id: error[invalid-id]: the `$id` `a#b` has a fragment\n  help: write the part after `#` as `$anchor`",
        ),
        (
            json!({ "A": { "description": "A.", "$id": "a" }, "B": { "description": "B.", "$id": "./a" } }),
            "schema/types/thing.json#/$defs/B/$id: error[duplicate-id]: duplicate `$id` `schema:/types/a`: `types/thing.json#/$defs/A` has it too\n  help: give each schema an `$id` of its own",
        ),
    ] {
        assert_eq!(
            reported(&[(THINGS, document(definitions.clone()))]),
            expected,
            "{definitions}"
        );
    }
}

#[test]
fn reference_back_to_its_own_schema_is_an_error() {
    let document = json!({ "$schema": DIALECT, "$defs": {
        "A": { "description": "A.", "not": { "$ref": "#/$defs/B" } },
        "B": { "description": "B.", "anyOf": [{ "type": "null" }, { "$ref": "#/$defs/A" }, { "type": "integer" }] },
        "C": { "description": "C.", "not": { "$ref": "#/$defs/A" } },
    } });
    let errors = reported(&[(THINGS, document)]);
    let places: Vec<&str> = errors
        .lines()
        .filter(|line| line.contains("error"))
        .collect();
    let back = "error[endless-reference]: the references lead back to this schema without descending into the value";
    let expected = ["A", "B"].map(|name| format!("schema/types/thing.json#/$defs/{name}: {back}"));
    assert_eq!(places, expected);
}

#[test]
fn dialect_unknown_is_an_error() {
    let help = "write the URI of a dialect, e.g. `https://json-schema.org/draft/2020-12/schema`";
    for dialect in [
        "http://json-schema.org/draft-03/schema#",
        "https://example.com/none",
    ] {
        let errors = reported(&[(THINGS, json!({ "$schema": dialect, "$defs": {} }))]);
        let expected = format!(
            "schema/types/thing.json#/$schema: error[unsupported-dialect]: unsupported dialect `{dialect}`\n  help: {help}"
        );
        assert_eq!(errors, expected);
    }
    let meta = json!({ "$schema": DIALECT, "$id": "https://example.com/types/meta.json", "$defs": {},
        "$vocabulary": { "https://example.com/vocabulary": true } });
    let thing = json!({ "$schema": "https://example.com/types/meta.json", "$defs": {} });
    let expected = "schema/types/thing.json#/$schema: error[unsupported-vocabulary]: unsupported vocabulary \
         `https://example.com/vocabulary` of the meta-schema `https://example.com/types/meta.json`\n  help: remove it, \
         or set it to `false` if it may be ignored";
    assert_eq!(
        reported(&[(THINGS, thing), ("types/meta.json", meta)]),
        expected
    );
}
