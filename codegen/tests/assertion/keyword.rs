//! Tests of each keyword as an assertion.

use serde_json::json;

use super::*;

/// The keywords that both dialects share.
#[test]
fn keyword_about_values_is_lowered() {
    for dialect in [DIALECT, DRAFT_07] {
        for (schema, assertion) in [
            (json!(true), json!([])),
            (json!(false), json!(["never"])),
            (json!({}), json!([])),
            (
                json!({ "title": "A", "$comment": "b", "default": 1, "readOnly": true }),
                json!([]),
            ),
            (json!({ "type": "null" }), json!([{ "type": ["null"] }])),
            (
                json!({ "type": ["integer", "object"] }),
                json!([{ "type": ["integer", "object"] }]),
            ),
            (
                json!({ "const": { "a": [1.5] } }),
                json!([{ "const": { "a": [1.5] } }]),
            ),
            (
                json!({ "enum": [null, "a", 1] }),
                json!([{ "enum": [null, "a", 1] }]),
            ),
            (
                json!({ "minimum": -1, "maximum": 18_446_744_073_709_551_615_u64 }),
                json!([{ "minimum": "-1" }, { "maximum": "18446744073709551615" }]),
            ),
            (
                json!({ "exclusiveMinimum": 0.5, "exclusiveMaximum": 1e300, "multipleOf": 0.01 }),
                json!([{ "exclusiveMinimum": "0.5" }, { "exclusiveMaximum": "1e+300" }, { "multipleOf": "0.01" }]),
            ),
            (
                json!({ "minLength": 2.0, "maxLength": 3 }),
                json!([{ "minLength": 2 }, { "maxLength": 3 }]),
            ),
            (
                json!({ "format": "date-time" }),
                json!([{ "format": "date-time" }]),
            ),
            (
                json!({ "type": "integer", "format": "int32" }),
                json!([{ "type": ["integer"] }]),
            ),
        ] {
            check(dialect, &schema, &assertion);
        }
    }
}

#[test]
fn keyword_about_arrays_is_lowered() {
    for (schema, assertion) in [
        (
            json!({ "minItems": 1, "maxItems": 2, "uniqueItems": true }),
            json!([{ "minItems": 1 }, { "maxItems": 2 }, "uniqueItems"]),
        ),
        (json!({ "uniqueItems": false }), json!([])),
        (
            json!({ "items": false }),
            json!([{ "items": { "after": 0, "assertion": ["never"] } }]),
        ),
        (
            json!({ "prefixItems": [true, { "type": "null" }], "items": { "const": 1 } }),
            json!([
                { "prefixItems": [[], [{ "type": ["null"] }]] },
                { "items": { "after": 2, "assertion": [{ "const": 1 }] } },
            ]),
        ),
        (
            json!({ "contains": true }),
            json!([{ "contains": { "assertion": [], "min": 1, "max": null } }]),
        ),
        (
            json!({ "contains": true, "minContains": 0, "maxContains": 4 }),
            json!([{ "contains": { "assertion": [], "min": 0, "max": 4 } }]),
        ),
        (json!({ "minContains": 2 }), json!([])),
    ] {
        check(DIALECT, &schema, &assertion);
    }
}

#[test]
fn keyword_about_objects_is_lowered() {
    for (schema, assertion) in [
        (
            json!({ "minProperties": 1, "maxProperties": 2, "required": ["a"] }),
            json!([{ "minProperties": 1 }, { "maxProperties": 2 }, { "required": ["a"] }]),
        ),
        (
            json!({ "properties": { "b": true, "a": false }, "propertyNames": { "maxLength": 3 } }),
            json!([
                { "propertyNames": [{ "maxLength": 3 }] },
                { "properties": [["b", []], ["a", ["never"]]] },
            ]),
        ),
        (
            json!({ "additionalProperties": false, "patternProperties": { "^x": true }, "properties": { "a": true } }),
            json!([
                { "properties": [["a", []]] },
                { "patternProperties": [[{ "source": "^x", "linear": "^x" }, []]] },
                { "additionalProperties": {
                    "names": ["a"],
                    "patterns": [{ "source": "^x", "linear": "^x" }],
                    "assertion": ["never"],
                } },
            ]),
        ),
        (
            json!({ "dependentRequired": { "a": ["b"] }, "dependentSchemas": { "c": { "minProperties": 2 } } }),
            json!([
                { "dependentRequired": [["a", ["b"]]] },
                { "dependentSchemas": [["c", [{ "minProperties": 2 }]]] },
            ]),
        ),
    ] {
        check(DIALECT, &schema, &assertion);
    }
}

#[test]
fn keyword_that_combines_schemas_is_lowered() {
    for (schema, assertion) in [
        (
            json!({ "oneOf": [true], "anyOf": [false], "allOf": [{}], "not": true }),
            json!([{ "allOf": [[]] }, { "anyOf": [["never"]] }, { "oneOf": [[]] }, { "not": [] }]),
        ),
        (
            json!({ "if": { "const": 1 }, "else": false }),
            json!([{ "if": { "condition": [{ "const": 1 }], "then": null, "otherwise": ["never"] } }]),
        ),
        (json!({ "then": false }), json!([])),
        (
            json!({ "unevaluatedProperties": false, "unevaluatedItems": true, "allOf": [true], "type": "object" }),
            json!([
                { "type": ["object"] },
                { "allOf": [[]] },
                { "unevaluatedItems": [] },
                { "unevaluatedProperties": ["never"] },
            ]),
        ),
    ] {
        check(DIALECT, &schema, &assertion);
    }
}

#[test]
fn keyword_of_draft_07_is_lowered() {
    for (schema, assertion) in [
        (
            json!({ "items": [true, false], "additionalItems": { "type": "null" } }),
            json!([
                { "prefixItems": [[], ["never"]] },
                { "items": { "after": 2, "assertion": [{ "type": ["null"] }] } },
            ]),
        ),
        (
            json!({ "items": true, "additionalItems": false }),
            json!([{ "items": { "after": 0, "assertion": [] } }]),
        ),
        (
            json!({ "contains": false }),
            json!([{ "contains": { "assertion": ["never"], "min": 1, "max": null } }]),
        ),
        (
            json!({ "dependencies": { "a": ["b", "c"], "d": { "required": ["e"] } } }),
            json!([
                { "dependentRequired": [["a", ["b", "c"]]] },
                { "dependentSchemas": [["d", [{ "required": ["e"] }]]] },
            ]),
        ),
        (
            json!({ "$ref": "#/definitions/Other", "type": "string", "minimum": 1 }),
            json!([{ "ref": ["other"] }]),
        ),
    ] {
        let mut document = thing(DRAFT_07, &schema);
        document["definitions"] = json!({ "Other": { "description": "Another.", "not": {} } });
        let protocol = compiled(&[(THINGS, document)], Formats::Assert);
        let protocol = protocol.unwrap_or_else(|wrong| panic!("{wrong}"));
        assert_eq!(judged(&protocol).0, assertion, "{schema}");
    }
}

#[test]
fn format_as_annotation_is_not_asserted() {
    let schema = json!({ "format": "anything", "minLength": 1 });
    let protocol = compiled(&[(THINGS, thing(DIALECT, &schema))], Formats::Annotate);
    let protocol = protocol.unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(judged(&protocol).0, json!([{ "minLength": 1 }]));
}

#[test]
fn meta_schema_without_validation_ignores_its_keywords() {
    let vocabulary = |name: &str| format!("https://json-schema.org/draft/2020-12/vocab/{name}");
    let meta = "https://example.com/types/meta.json";
    let schema = json!({ "minimum": 1, "properties": { "a": false }, "required": ["b"] });
    for (vocabularies, expected) in [
        (
            json!({ vocabulary("core"): true, vocabulary("applicator"): true, "https://example.com/v": false }),
            json!([{ "properties": [["a", ["never"]]] }]),
        ),
        (
            json!({ vocabulary("core"): true, vocabulary("validation"): true }),
            json!([{ "minimum": "1" }, { "required": ["b"] }, { "properties": [["a", ["never"]]] }]),
        ),
    ] {
        let documents = [
            (THINGS, thing(meta, &schema)),
            (
                "types/meta.json",
                json!({ "$schema": DIALECT, "$id": meta, "$vocabulary": vocabularies, "$defs": {} }),
            ),
        ];
        let protocol = compiled(&documents, Formats::Assert);
        let protocol = protocol.unwrap_or_else(|wrong| panic!("{wrong}"));
        assert_eq!(judged(&protocol).0, expected, "{vocabularies}");
    }
}

/// The emitted file is independent of the order of the documents.
#[test]
fn assertion_file_is_formatted_and_deterministic() {
    let tree = json!({
        "$schema": DIALECT,
        "$id": "https://example.com/types/tree.json",
        "$dynamicAnchor": "node",
        "title": "Tree",
        "description": "A tree.",
        "if": { "properties": { "data": true, "children": { "type": "array", "items": { "$dynamicRef": "#node" } } } },
        "else": false,
    });
    let things = thing(
        DIALECT,
        &json!({ "anyOf": [{ "pattern": "^\\d+$" }, { "minimum": 0.5, "maximum": 86_400 }, { "format": "uuid" }],
            "enum": ["a", { "b": 1 }], "maxProperties": 10_000 }),
    );
    let mut documents = vec![(THINGS, things), ("types/tree.json", tree)];
    let emitted = |documents: &[(&str, Json)]| {
        let protocol =
            compiled(documents, Formats::Assert).unwrap_or_else(|wrong| panic!("{wrong}"));
        natsgen::emit(Language::Rust, &protocol, "schema")["assertion.rs"].clone()
    };
    let text = emitted(&documents);
    assert_eq!(text, include_str!("assertion.rs"));
    documents.reverse();
    assert_eq!(text, emitted(&documents));
}
