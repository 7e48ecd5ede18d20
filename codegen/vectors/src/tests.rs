//! Tests of the corpora that single keywords give.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{Corpus, ReferenceValidator, mutate, schema};
use natsgen::Schemas;
use natsgen::internal;
use natsgen::model::Source;

/// The corpus of a schema.
fn corpus(schema: &Json) -> Corpus {
    let schemas = Schemas::from_texts([("a.json", schema.to_string())]);
    let parsed = internal::documents(&schemas);
    let documents = schema::Documents::new(&parsed);
    let source = Source {
        file: "a.json".to_owned(),
        pointer: String::new(),
    };
    let root = documents.at(&source).expect("the schema is there");
    let reference_validator = ReferenceValidator::new(&schemas).expect("the schema is one");
    let validator = reference_validator.of("a.json").expect("the schema is one");
    let cases = mutate::cases(&validator, root, mutate::Depth::All);
    cases
        .corpus("a", "a.json", Json::clone)
        .unwrap_or_else(|wrong| panic!("{schema}: {wrong:#?}"))
}

/// The keywords that at least a document of a schema's corpus breaks.
fn broken(schema: &Json) -> BTreeSet<String> {
    corpus(schema)
        .invalid
        .into_iter()
        .map(|case| case.keyword)
        .collect()
}

fn check(schema: &Json, expected: &[&str]) {
    let mut expected: Vec<&str> = expected.to_vec();
    expected.sort_unstable();
    assert!(broken(schema).iter().eq(&expected), "{schema}");
}

#[test]
fn corpus_breaks_keywords_of_numbers_and_strings() {
    let number = |keyword: &str, value: Json| json!({ "type": "number", keyword: value });
    check(&number("minimum", json!(3)), &["type", "minimum"]);
    check(
        &number("exclusiveMinimum", json!(3)),
        &["type", "exclusiveMinimum"],
    );
    check(&number("maximum", json!(1e300)), &["type", "maximum"]);
    check(
        &number("exclusiveMaximum", json!(-1)),
        &["type", "exclusiveMaximum"],
    );
    check(&number("multipleOf", json!(0.5)), &["type", "multipleOf"]);
    check(
        &json!({ "type": "integer", "minimum": 7, "multipleOf": 5 }),
        &["type", "minimum", "multipleOf"],
    );
    let text = |keyword: &str, value: Json| json!({ "type": "string", keyword: value });
    check(&text("minLength", json!(2)), &["type", "minLength"]);
    check(&text("maxLength", json!(2)), &["type", "maxLength"]);
    check(&text("pattern", json!("^[a-z]{2}$")), &["type", "pattern"]);
    check(&text("format", json!("uuid")), &["type", "format"]);
    check(
        &json!({ "type": "string", "pattern": "a|b", "examples": ["a"] }),
        &["type", "pattern"],
    );
}

#[test]
fn corpus_breaks_each_asserted_format() {
    for format in [
        "date-time",
        "date",
        "time",
        "duration",
        "email",
        "hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "iri",
        "iri-reference",
        "uuid",
        "uri-template",
        "json-pointer",
        "relative-json-pointer",
        "regex",
    ] {
        check(
            &json!({ "type": "string", "format": format }),
            &["type", "format"],
        );
    }
}

#[test]
fn corpus_breaks_keywords_of_arrays_and_objects() {
    let list = |keyword: &str, value: Json| json!({ "type": "array", keyword: value });
    check(&list("minItems", json!(1)), &["type", "minItems"]);
    check(&list("maxItems", json!(100)), &["type", "maxItems"]);
    check(&list("uniqueItems", json!(true)), &["type", "uniqueItems"]);
    check(
        &list("contains", json!({ "const": 5 })),
        &["type", "contains"],
    );
    check(
        &list("prefixItems", json!([{ "type": "string" }])),
        &["type"],
    );
    check(
        &json!({ "type": "array", "prefixItems": [true], "items": false }),
        &["type", "items"],
    );
    check(
        &json!({ "type": "array", "prefixItems": [true], "unevaluatedItems": false }),
        &["type", "unevaluatedItems"],
    );
    check(
        &json!({ "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 3, "uniqueItems": true }),
        &["type", "minimum", "minItems", "uniqueItems"],
    );
    let object = |keyword: &str, value: Json| json!({ "type": "object", keyword: value });
    check(&object("required", json!(["a"])), &["type", "required"]);
    check(
        &object("minProperties", json!(1)),
        &["type", "minProperties"],
    );
    check(
        &object("maxProperties", json!(40)),
        &["type", "maxProperties"],
    );
    check(
        &object("additionalProperties", json!(false)),
        &["type", "additionalProperties"],
    );
    check(
        &object("propertyNames", json!({ "pattern": "^[a-z]+$" })),
        &["type", "propertyNames"],
    );
    check(
        &object("patternProperties", json!({ "^x": { "type": "null" } })),
        &["type"],
    );
    check(
        &object("dependentRequired", json!({ "a": ["b"] })),
        &["type", "dependentRequired"],
    );
    check(
        &object("dependentSchemas", json!({ "a": { "required": ["b"] } })),
        &["type"],
    );
    check(
        &json!({ "type": "object", "properties": { "a": true }, "unevaluatedProperties": false }),
        &["type", "unevaluatedProperties"],
    );
}

#[test]
fn corpus_breaks_applicator_keywords() {
    check(&json!({ "const": { "a": [1] } }), &["const"]);
    check(&json!({ "enum": [1, "a", null] }), &["enum"]);
    check(
        &json!({ "type": ["integer", "null"], "maximum": 3 }),
        &["type", "maximum"],
    );
    check(
        &json!({ "allOf": [{ "type": "string" }, { "maxLength": 3 }] }),
        &["type", "maxLength"],
    );
    check(
        &json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] }),
        &["anyOf"],
    );
    check(
        &json!({ "type": "string", "not": { "const": "a" } }),
        &["type", "not"],
    );
    check(
        &json!({ "$defs": { "t": { "type": "object", "properties": { "t": { "$ref": "#/$defs/t" } } } }, "$ref": "#/$defs/t" }),
        &["type"],
    );
    check(
        &json!({ "$defs": { "a": { "$anchor": "a", "minimum": 3, "type": "integer" } }, "$ref": "#a" }),
        &["type", "minimum"],
    );
}

#[test]
fn pointer_in_a_union_is_in_the_intended_branch() {
    let circle = json!({ "type": "object", "properties": { "kind": { "const": "circle" }, "size": { "type": "integer" } }, "required": ["kind"] });
    let square = json!({ "type": "object", "properties": { "kind": { "const": "square" }, "size": { "type": "null" } }, "required": ["kind"] });
    let text = json!({ "type": "object", "properties": { "Text": { "type": "string" } }, "required": ["Text"], "additionalProperties": false });
    let check = |branches: &Json, document: Json, expected: &[&str]| {
        let schemas = Schemas::from_texts([("a.json", json!({ "oneOf": branches }).to_string())]);
        let reference_validator = ReferenceValidator::new(&schemas).expect("the schema is one");
        let validation = reference_validator
            .of("a.json")
            .expect("the schema is one")
            .validate(&document);
        let places: Vec<&str> = validation.places.iter().map(String::as_str).collect();
        assert_eq!(places, expected, "{document}");
    };
    let shapes = json!([circle, square]);
    check(&shapes, json!({ "kind": "circle", "size": 1 }), &[]);
    check(
        &shapes,
        json!({ "kind": "circle", "size": "x" }),
        &["/size"],
    );
    check(&shapes, json!({ "kind": "oval" }), &["/kind"]);
    check(&shapes, json!({}), &[""]);
    check(&shapes, json!(7), &[""]);
    let nullable = json!([circle, { "type": "null" }]);
    check(
        &nullable,
        json!({ "kind": "circle", "size": "x" }),
        &["/size"],
    );
    check(&nullable, json!({ "kind": "oval" }), &["/kind"]);
    check(&nullable, json!(7), &[""]);
    let tagged = json!([{ "const": "Blank" }, text, { "type": "object", "properties": { "Number": { "type": "number" } }, "required": ["Number"], "additionalProperties": false }]);
    check(&tagged, json!({ "Text": 7 }), &["/Text"]);
    check(&tagged, json!({ "Text": "", "Number": 1 }), &[""]);
    check(&tagged, json!({ "Oval": "" }), &[""]);
    check(&tagged, json!("Oval"), &[""]);
}
