//! Keywords and values that say nothing about valid values: they are never errors, and natsgen reports what it ignores.

use natsgen::{Diagnostic, Schemas, compile};
use serde_json::{Value as Json, json};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const DRAFT_07: &str = "http://json-schema.org/draft-07/schema#";

/// The shape of the type `Thing` in a document, and the diagnostics except those about missing descriptions and limits.
fn compiled(document: &Json, annotations: &[&str]) -> (Json, Vec<String>) {
    let manifest = json!({
        "name": "things",
        "version": "1.0.0",
        "description": "Things.",
        "prefix": "acme.things",
        "roles": { "maker": { "description": "Makes things." } },
        "annotations": annotations,
        "lints": { "missing-description": "allow", "unlimited-size": "allow", "untyped-keyword": "allow" },
    });
    let texts = [
        ("manifest.json", manifest.to_string()),
        ("types/thing.json", document.to_string()),
    ];
    let lines = |found: &[Diagnostic]| found.iter().map(short).collect();
    match compile(&Schemas::from_texts(texts)) {
        Ok((protocol, warnings)) => (json!(protocol.types[0].shape), lines(&warnings)),
        Err(errors) => (Json::Null, lines(errors.as_slice())),
    }
}

/// A diagnostic as `error[code] /pointer below Thing: message`.
fn short(found: &Diagnostic) -> String {
    let place = found.pointer.trim_start_matches("/$defs/Thing");
    format!(
        "{}[{}] {place}: {}",
        found.severity, found.code, found.message
    )
}

fn check(dialect: &str, thing: &Json, annotations: &[&str], expected: &[&str]) {
    let document = json!({ "$schema": dialect, "$defs": { "Thing": thing } });
    let (_, reported) = compiled(&document, annotations);
    assert_eq!(reported, expected, "{thing}");
}

#[test]
fn annotation_of_another_tool_is_ignored() {
    for (dialect, keyword, value, annotations, expected) in [
        (DIALECT, "x-color", json!("red"), &[][..], &[][..]),
        (DIALECT, "x-taplo-info", json!({ "authors": [] }), &[], &[]),
        (DIALECT, "markdownDescription", json!("**text**"), &[], &[]),
        (DRAFT_07, "enumDescriptions", json!([]), &[], &[]),
        (DIALECT, "widget", json!("list"), &["widget"], &[]),
        (DIALECT, "a/b", json!(1), &["a/b"], &[]),
        (
            DIALECT,
            "widget",
            json!("list"),
            &["wodget"],
            &["warning[ignored-keyword] /widget: `widget` is no keyword of 2020-12"],
        ),
        (
            DIALECT,
            "dependencies",
            json!({}),
            &[],
            &["warning[ignored-keyword] /dependencies: `dependencies` is no keyword of 2020-12"],
        ),
        (
            DRAFT_07,
            "unevaluatedItems",
            json!(false),
            &[],
            &[
                "warning[ignored-keyword] /unevaluatedItems: `unevaluatedItems` is no keyword of draft-07",
            ],
        ),
        (
            DIALECT,
            "minLenght",
            json!(1),
            &["minLenght"],
            &["error[unknown-keyword] /minLenght: unknown keyword `minLenght`"],
        ),
        (
            DIALECT,
            "x-unti",
            json!("ms"),
            &[],
            &["error[unknown-keyword] /x-unti: unknown keyword `x-unti`"],
        ),
    ] {
        for form in [
            json!({ "type": "string" }),
            json!({ "type": "string", "not": { "const": "" } }),
            json!({ "const": "red" }),
        ] {
            let mut thing = form;
            thing[keyword] = value.clone();
            check(dialect, &thing, annotations, expected);
        }
    }
}

#[test]
fn annotation_changes_no_type() {
    let document = |extra: Json| {
        let mut mood = json!({ "oneOf": [{ "const": "good" }, { "const": "bad" }] });
        mood["oneOf"][0]["x-color"] = extra.clone();
        let mut node = json!({ "$ref": "#/$defs/Mood", "x-color": extra });
        if extra.is_null() {
            node = json!({ "$ref": "#/$defs/Mood" });
            mood["oneOf"][0] = json!({ "const": "good" });
        }
        json!({ "$schema": DIALECT, "$defs": {
            "Thing": { "type": "object", "properties": { "mood": node } },
            "Mood": mood,
        } })
    };
    assert_eq!(
        compiled(&document(json!("red")), &[]),
        compiled(&document(Json::Null), &[])
    );
}

#[test]
fn format_unknown_is_a_warning() {
    let expected = ["warning[unknown-format] /format: unknown format `colour`"];
    check(
        DIALECT,
        &json!({ "type": "string", "format": "colour" }),
        &[],
        &expected,
    );
    check(
        DIALECT,
        &json!({ "type": "integer", "minimum": 0, "maximum": 9, "format": "colour" }),
        &[],
        &expected,
    );
    check(
        DIALECT,
        &json!({ "type": "integer", "minimum": 0, "maximum": 9, "format": "uint" }),
        &[],
        &[],
    );
}

#[test]
fn default_or_example_invalid_is_not_used() {
    let document = |property: &Json| {
        let thing = json!({ "type": "object", "properties": { "level": property } });
        json!({ "$schema": DIALECT, "$defs": { "Thing": thing } })
    };
    let plain = json!({ "type": "integer", "minimum": 0, "maximum": 9 });
    let (shape, reported) = compiled(&document(&plain), &[]);
    assert_eq!(reported, [""; 0]);
    let mut property = plain;
    property["default"] = json!("");
    property["examples"] = json!([1, "x"]);
    let (with_invalid, reported) = compiled(&document(&property), &[]);
    assert_eq!(with_invalid, shape);
    let expected = [
        "warning[invalid-default] /properties/level/default: the default is not valid: expected an integer",
        "warning[invalid-example] /properties/level/examples/1: the example is not valid: expected an integer",
    ];
    assert_eq!(reported, expected);
}

#[test]
fn dialect_missing_is_2020_12() {
    let thing = json!({ "type": "array", "prefixItems": [{ "type": "string" }], "items": false });
    let (_, reported) = compiled(&json!({ "$defs": { "Thing": thing } }), &[]);
    let expected =
        "warning[missing-dialect] : `$schema` is missing, so the document is read as 2020-12";
    assert_eq!(reported, [expected]);
}

#[test]
fn id_that_is_a_pointer_is_ignored_in_draft_07() {
    let thing = json!({ "$id": "#/definitions/Thing", "type": "string" });
    let expected = ["warning[ignored-id] /$id: the `$id` `#/definitions/Thing` has no effect"];
    check(DRAFT_07, &thing, &[], &expected);
}

#[test]
fn keyword_of_another_dialect_is_ignored() {
    for (dialect, keyword, value, message) in [
        (
            "http://json-schema.org/draft-04/schema#",
            "const",
            json!(1),
            "`const` is no keyword of draft-04",
        ),
        (
            "http://json-schema.org/draft-06/schema#",
            "if",
            json!(false),
            "`if` is no keyword of draft-06",
        ),
        (
            DRAFT_07,
            "dependentRequired",
            json!({}),
            "`dependentRequired` is no keyword of draft-07",
        ),
        (
            "https://json-schema.org/draft/2019-09/schema",
            "prefixItems",
            json!([false]),
            "`prefixItems` is no keyword of 2019-09",
        ),
        (
            DIALECT,
            "$recursiveRef",
            json!("#"),
            "`$recursiveRef` is no keyword of 2020-12",
        ),
    ] {
        let mut thing = json!({ "type": "array", "items": { "type": "string" } });
        let document = |thing: &Json| json!({ "$schema": dialect, "$defs": { "Thing": thing } });
        let (shape, _) = compiled(&document(&thing), &[]);
        thing[keyword] = value;
        let (with_keyword, reported) = compiled(&document(&thing), &[]);
        assert_eq!(with_keyword, shape);
        assert_eq!(
            reported,
            [format!("warning[ignored-keyword] /{keyword}: {message}")]
        );
    }
}
