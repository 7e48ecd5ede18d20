//! Tests of schemas that combine other schemas: `allOf`, `oneOf`, `anyOf` and references.

use serde_json::{Value as Json, json};

use crate::shown::{NEWER, check, check_older, lines, root};

/// Checks types beside `Base`, an object with `id`, and `Word`, a string.
fn check_beside(definitions: &Json, expected: &[&str]) {
    let mut definitions = definitions.clone();
    definitions["Base"] = json!({ "type": "object", "properties": { "id": { "type": "boolean" } }, "required": ["id"] });
    definitions["Word"] = json!({ "type": "string" });
    let lines = lines(&root(NEWER, &json!({ "$defs": definitions })));
    let given = ["Base = {id bool, ..}", "Word = text string"];
    let rest: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .filter(|line| !given.contains(line))
        .collect();
    assert_eq!(rest, expected, "{definitions}");
}

#[test]
fn shape_of_all_of_merges_object_parts() {
    let base = json!({ "$ref": "#/$defs/Base" });
    let more = json!({ "type": "object", "properties": { "x": { "type": "boolean" } } });
    check_beside(
        &json!({ "Both": { "allOf": [base, more] } }),
        &["Both = {id bool, x? bool, ..}"],
    );
    check_beside(&json!({ "Both": { "allOf": [base] } }), &["Both = Base"]);
    check_beside(
        &json!({ "Both": { "$ref": "#/$defs/Base", "type": "object", "properties": { "x": true }, "unevaluatedProperties": false } }),
        &["Both = {id bool, x? any}"],
    );
    check_beside(
        &json!({ "Both": { "allOf": [base, more], "maxProperties": 3 } }),
        &["Both = {id bool, x? bool, ..any} !"],
    );
    check_beside(
        &json!({ "Both": { "allOf": [base, { "properties": { "id": { "const": true } } }] } }),
        &["Both = {id bool, ..any} !"],
    );
    check_beside(
        &json!({ "Short": { "$ref": "#/$defs/Word", "maxLength": 3 } }),
        &["Short = Word !"],
    );
    check_beside(
        &json!({ "Short": { "$ref": "#/$defs/Word", "description": "A word." } }),
        &["Short = Word"],
    );
    check_beside(
        &json!({ "Odd": { "allOf": [{ "$ref": "#/$defs/Word" }, { "maxLength": 3 }] } }),
        &["Odd = any !"],
    );
    check_older(
        &json!({ "definitions": { "word": { "type": "string" }, "Short": { "$ref": "#/definitions/word", "maxLength": 3 } } }),
        &["Word = text string", "Short = Word"],
    );
}

#[test]
fn shape_of_one_of_is_union_or_enumeration() {
    let of = |kind: &str, key: &str| json!({ "type": "object", "properties": { "kind": { "const": kind }, key: { "type": "boolean" } }, "required": ["kind"] });
    check(
        &json!({ "oneOf": [of("circle", "r"), of("big-square", "side")] }),
        &[
            "Thing = by kind circle: ThingCircle | big-square: ThingBigSquare",
            "ThingCircle = {kind ThingCircleKind, r? bool, ..}",
            "ThingCircleKind = circle",
            "ThingBigSquare = {kind ThingBigSquareKind, side? bool, ..}",
            "ThingBigSquareKind = big-square",
        ],
    );
    let mut optional = of("circle", "r");
    optional["required"] = json!([]);
    check(
        &json!({ "oneOf": [optional, of("square", "side")] }),
        &[
            "Thing = one of object: ThingCircle | object: ThingSquare !",
            "ThingCircle = {kind? ThingCircleKind, r? bool, ..any}",
            "ThingCircleKind = circle",
            "ThingSquare = {kind ThingSquareKind, side? bool, ..any}",
            "ThingSquareKind = square",
        ],
    );
    check(
        &json!({ "anyOf": [of("circle", "r"), of("circle", "side")] }),
        &[
            "Thing = one of object: ThingCircle | object: ThingObject !",
            "ThingCircle = {kind ThingCircleKind, r? bool, ..any}",
            "ThingCircleKind = circle",
            "ThingObject = {kind ThingObjectKind, side? bool, ..any}",
            "ThingObjectKind = circle",
        ],
    );
    check(
        &json!({ "anyOf": [{ "type": "string" }, { "type": "boolean" }] }),
        &["Thing = one of string: string | boolean: bool"],
    );
    check(
        &json!({ "anyOf": [{ "const": "a" }, { "const": "b" }] }),
        &["Thing = a | b"],
    );
    let tagged = |key: &str| json!({ "type": "object", "properties": { key: { "type": "string", "format": "uuid" } }, "required": [key], "additionalProperties": false });
    check(
        &json!({ "anyOf": [tagged("One"), tagged("Two"), { "const": "None" }] }),
        &[
            "Thing = One: ThingOne | Two: ThingTwo | None",
            "ThingOne = text string Uuid",
            "ThingTwo = text string Uuid",
        ],
    );
    let mut open = tagged("One");
    open["additionalProperties"] = json!(true);
    check(
        &json!({ "oneOf": [open, tagged("Two")] }),
        &[
            "Thing = one of object: ThingObject | object: ThingTwo !",
            "ThingObject = {One ThingObjectOne, ..any}",
            "ThingObjectOne = text string Uuid",
            "ThingTwo = {Two ThingTwoTwo}",
            "ThingTwoTwo = text string Uuid",
        ],
    );
}

#[test]
fn shape_of_several_json_types_is_untagged_union() {
    check(
        &json!({ "properties": { "a": { "type": "boolean" } } }),
        &[
            "Thing = one of object: ThingObject | null boolean number string array: any",
            "ThingObject = {a? bool, ..}",
        ],
    );
    check(
        &json!({ "type": ["string", "boolean"] }),
        &["Thing = one of string: string | boolean: bool"],
    );
    check(
        &json!({ "type": "object", "oneOf": [{ "properties": { "a": { "type": "boolean" } } }, {}] }),
        &[
            "Thing = {a? ThingA, ..any} !",
            "ThingA = one of boolean: bool | null boolean number string array object: any",
        ],
    );
}

#[test]
fn shape_without_type_is_any_value() {
    check(&json!({ "type": "null" }), &["Thing = any !"]);
    check(&json!({ "not": {} }), &["Thing = any !"]);
    check(
        &json!({ "$dynamicRef": "#node", "$defs": { "node": { "$dynamicAnchor": "node", "type": "string" } } }),
        &["Thing = any !"],
    );
    check(
        &json!({ "contentMediaType": "text/plain" }),
        &["Thing = any"],
    );
    check(&json!({ "$ref": NEWER }), &["Thing = any !"]);
}

#[test]
fn shape_of_recursive_schema_refers_to_its_type() {
    let object = |next: Json| json!({ "type": "object", "properties": { "next": next } });
    check(
        &object(json!({ "$ref": "#" })),
        &["Thing = {next? Thing, ..}"],
    );
    check(
        &json!({ "type": "array", "items": { "$ref": "#" } }),
        &["Thing = [Thing]"],
    );
    check(
        &json!({ "type": "object", "additionalProperties": { "$ref": "#" } }),
        &["Thing = {string: Thing}"],
    );
}

#[test]
fn shape_with_dynamic_reference_has_outer_assertion() {
    let item = json!({ "$dynamicRef": "#item", "$defs": { "any": { "$dynamicAnchor": "item" } } });
    check(
        &json!({ "type": "array", "items": { "$ref": "#/$defs/list" }, "$defs": {
            "list": { "$id": "list", "type": "array", "items": item },
        } }),
        &[
            "Thing = [List] !",
            "List = [ListItem] !",
            "ListItem = any !",
        ],
    );
}
