//! Schemas that are wrong, and what is said of them.

use natsgen::Formats;
use serde_json::{Value as Json, json};

use super::{DIALECT, DRAFT_07, THINGS, compiled, errors, refuse};

#[test]
fn keywords_that_a_dialect_does_not_know_are_errors() {
    for (dialect, schema, said) in [
        (
            DIALECT,
            json!({ "minLenght": 1 }),
            "/minLenght: error: the keyword `minLenght` is not supported\n  help: did you mean `minLength`?",
        ),
        (
            DIALECT,
            json!({ "dependencies": {} }),
            "/dependencies: error: the keyword `dependencies` is not supported\n  help: 2020-12 calls it `dependentRequired` or `dependentSchemas`",
        ),
        (
            DIALECT,
            json!({ "additionalItems": true }),
            "/additionalItems: error: the keyword `additionalItems` is not supported\n  help: 2020-12 calls it `items`, behind a list under `prefixItems`",
        ),
        (
            DIALECT,
            json!({ "$recursiveRef": "#" }),
            "/$recursiveRef: error: the keyword `$recursiveRef` is not supported\n  help: 2020-12 has `$dynamicRef` and `$dynamicAnchor`",
        ),
        (
            DRAFT_07,
            json!({ "unevaluatedItems": false }),
            "/unevaluatedItems: error: the keyword `unevaluatedItems` is not supported\n  help: 2020-12 has it, but `$schema` says draft-07",
        ),
        (
            DIALECT,
            json!({ "$schema": DIALECT }),
            "/$schema: error: `$schema` says nothing here\n  help: it belongs at the root of a document, or beside an `$id`",
        ),
        (
            DIALECT,
            json!({ "x-nats": {} }),
            "/x-nats: error: `x-nats` says nothing here\n  help: it belongs at the root of an operation's document",
        ),
    ] {
        refuse(dialect, &schema, said);
    }
}

#[test]
fn keywords_of_a_wrong_kind_are_errors() {
    let whole = "write a whole number without a sign";
    let types = "write `string`, `integer`, `number`, `boolean`, `object`, `array` or `null`, or a list of them";
    for (schema, said) in [
        (json!({ "minLength": "x" }), format!("/minLength: error: `\"x\"` is not a whole number from 0 on\n  help: {whole}")),
        (json!({ "maxItems": -1 }), format!("/maxItems: error: `-1` is not a whole number from 0 on\n  help: {whole}")),
        (json!({ "minProperties": 0.5 }), format!("/minProperties: error: `0.5` is not a whole number from 0 on\n  help: {whole}")),
        (json!({ "minimum": "1" }), "/minimum: error: `minimum` must be a number, not a string\n  help: write a number here".to_owned()),
        (json!({ "multipleOf": 0 }), "/multipleOf: error: `0` divides nothing\n  help: write a number above 0".to_owned()),
        (json!({ "type": "text" }), format!("/type: error: `\"text\"` is not a type that a value can have\n  help: {types}")),
        (json!({ "type": [] }), format!("/type: error: `[]` is not a type that a value can have\n  help: {types}")),
        (json!({ "enum": 1 }), "/enum: error: `enum` must be an array, not a number\n  help: write an array here".to_owned()),
        (json!({ "uniqueItems": 1 }), "/uniqueItems: error: `uniqueItems` must be true or false, not a number\n  help: write true or false here".to_owned()),
        (json!({ "required": ["a", 1] }), "/required/1: error: `1` must be a string, not a number\n  help: write a string here".to_owned()),
        (json!({ "required": ["a", "a"] }), "/required/1: error: `a` is listed twice\n  help: remove one of the two".to_owned()),
        (json!({ "properties": [] }), "/properties: error: `properties` must be an object, not an array\n  help: write an object here".to_owned()),
        (json!({ "properties": { "a": 1 } }), "/properties/a: error: `a` must be an object, not a number\n  help: write an object here".to_owned()),
        (json!({ "anyOf": [] }), "/anyOf: error: the list is empty\n  help: write at least one schema".to_owned()),
        (json!({ "items": [true] }), "/items: error: `items` must be an object, not an array\n  help: write an object here".to_owned()),
        (json!({ "format": "date-tme" }), "/format: error: the format `date-tme` is not asserted\n  help: did you mean `date-time`?".to_owned()),
    ] {
        refuse(DIALECT, &schema, &said);
    }
}

/// What is said of documents.
fn said(documents: &[(&str, Json)]) -> String {
    match compiled(documents, Formats::Assert) {
        Ok(_) => String::new(),
        Err(wrong) => errors(&wrong),
    }
}

#[test]
fn identifiers_are_names_and_occur_once() {
    let document = |definitions: Json| json!({ "$schema": DIALECT, "$defs": definitions });
    for (definitions, expected) in [
        (
            json!({ "A": { "description": "A.", "$anchor": "1" } }),
            "schema/types/thing.json#/$defs/A/$anchor: error: `$anchor` is not a name\n  help: start with a letter or `_`, and use only ASCII letters, digits, `-`, `_` and `.`",
        ),
        (
            json!({ "A": { "description": "A.", "$anchor": "a" }, "B": { "description": "B.", "$dynamicAnchor": "a" } }),
            "schema/types/thing.json#/$defs/B/$dynamicAnchor: error: the anchor `a` stands also at `/$defs/A`\n  help: give every place of a schema an anchor of its own",
        ),
        (
            json!({ "A": { "description": "A.", "$id": "a#b" } }),
            "schema/types/thing.json#/$defs/A/$id: error: an `$id` has no fragment\n  help: write what follows `#` as `$anchor`",
        ),
        (
            json!({ "A": { "description": "A.", "$id": "a" }, "B": { "description": "B.", "$id": "./a" } }),
            "schema/types/thing.json#/$defs/B/$id: error: the `$id` `schema:/types/a` is also that of `types/thing.json#/$defs/A`\n  help: give every schema an `$id` of its own",
        ),
    ] {
        assert_eq!(
            said(&[(THINGS, document(definitions.clone()))]),
            expected,
            "{definitions}"
        );
    }
}

#[test]
fn a_rule_that_leads_back_to_itself_is_an_error() {
    let document = json!({ "$schema": DIALECT, "$defs": {
        "A": { "description": "A.", "not": { "$ref": "#/$defs/B" } },
        "B": { "description": "B.", "anyOf": [{ "type": "null" }, { "$ref": "#/$defs/A" }, { "type": "integer" }] },
        "C": { "description": "C.", "not": { "$ref": "#/$defs/A" } },
    } });
    let said = said(&[(THINGS, document)]);
    let places: Vec<&str> = said.lines().filter(|line| line.contains("error")).collect();
    let back = "error: the reference leads back here before it looks at a part of the value";
    let expected = ["A", "B"].map(|name| format!("schema/types/thing.json#/$defs/{name}: {back}"));
    assert_eq!(places, expected);
}

#[test]
fn a_dialect_that_is_not_ours_is_an_error() {
    let help = "write `https://json-schema.org/draft/2020-12/schema` or `http://json-schema.org/draft-07/schema#`";
    for dialect in [
        "https://json-schema.org/draft/2019-09/schema",
        "http://json-schema.org/draft-04/schema#",
        "https://example.com/none",
    ] {
        let said = said(&[(THINGS, json!({ "$schema": dialect, "$defs": {} }))]);
        let expected = format!(
            "schema/types/thing.json#/$schema: error: the dialect `{dialect}` is not supported\n  help: {help}"
        );
        assert_eq!(said, expected);
    }
    let meta = json!({ "$schema": DIALECT, "$id": "https://example.com/types/meta.json", "$defs": {},
        "$vocabulary": { "https://example.com/vocabulary": true } });
    let thing = json!({ "$schema": "https://example.com/types/meta.json", "$defs": {} });
    let expected = "schema/types/thing.json#/$schema: error: the meta-schema `https://example.com/types/meta.json` asks for \
         the vocabulary `https://example.com/vocabulary`\n  help: only those of 2020-12 are known; say that it may be \
         ignored: `false`";
    assert_eq!(
        said(&[(THINGS, thing), ("types/meta.json", meta)]),
        expected
    );
}
