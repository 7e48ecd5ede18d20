//! Tests of objects, their members and their names.

use serde_json::{Value as Json, json};

use crate::shown::{check, lines};

#[test]
fn shape_of_object_is_struct_or_map() {
    let flag = json!({ "type": "boolean" });
    check(
        &json!({ "type": "object", "minProperties": 1 }),
        &["Thing = {string: any}(1..)"],
    );
    check(
        &json!({ "type": "object", "additionalProperties": flag, "propertyNames": { "maxLength": 2 } }),
        &["Thing = {string: bool} !"],
    );
    check(
        &json!({ "type": "object", "patternProperties": { "^x": flag } }),
        &["Thing = {string: any} !"],
    );
    check(
        &json!({ "type": "object", "patternProperties": { "^x": flag }, "additionalProperties": false }),
        &["Thing = {string: bool} !"],
    );
    check(
        &json!({ "type": "object", "properties": { "a": flag }, "maxProperties": 2 }),
        &["Thing = {a? bool, ..any} !"],
    );
    check(
        &json!({ "type": "object", "properties": { "a": flag }, "maxProperties": 2, "additionalProperties": false }),
        &["Thing = {a? bool} !"],
    );
    check(
        &json!({ "type": "object", "properties": { "a": flag }, "patternProperties": { "^x": flag }, "additionalProperties": false }),
        &["Thing = {a? bool, ..any} !"],
    );
    check(
        &json!({ "type": "object", "properties": { "a": flag }, "required": ["a", "b"] }),
        &["Thing = {a bool, b any, ..}"],
    );
    check(
        &json!({ "type": "object", "required": ["b"], "additionalProperties": flag }),
        &["Thing = {b bool, ..bool}"],
    );
    check(
        &json!({ "type": "object", "properties": { "\u{e9}": flag } }),
        &["Thing = {\u{e9}? bool, ..}"],
    );
    check(
        &json!({ "type": "object", "properties": { "a": false } }),
        &["Thing = {a? ThingA, ..}", "ThingA = any !"],
    );
    check(
        &json!({ "type": "object", "properties": { "a": flag }, "unevaluatedProperties": false }),
        &["Thing = {a? bool}"],
    );
    let conditions = json!({
        "type": "object",
        "properties": { "a": flag, "b": { "type": "object" } },
        "if": { "required": ["a"] },
        "then": { "properties": { "b": { "minProperties": 1 } } },
    });
    check(
        &conditions,
        &["Thing = {a? bool, b? ThingB, ..any} !", "ThingB = {..any}"],
    );
}

#[test]
fn shape_of_member_is_optional_or_nullable() {
    let nullable = json!(["boolean", "null"]);
    let thing = |a: Json| json!({ "type": "object", "properties": { "a": a } });
    check(
        &thing(json!({ "type": nullable })),
        &["Thing = {a? bool?, ..}"],
    );
    check(
        &thing(json!({ "type": nullable, "default": true })),
        &["Thing = {a bool? = true, ..}"],
    );
    check(
        &thing(json!({ "anyOf": [{ "type": "boolean" }, { "type": "null" }] })),
        &["Thing = {a? bool?, ..}"],
    );
    check(
        &thing(json!({ "type": ["string", "null"], "format": "date" })),
        &["Thing = {a? ThingA?, ..}", "ThingA = text string Date"],
    );
    // Only the assertion decides whether `null` is valid.
    check(
        &thing(json!({ "type": nullable, "not": { "type": "null" } })),
        &["Thing = {a? ThingA, ..}", "ThingA = any !"],
    );
    check(
        &thing(json!({ "oneOf": [{ "type": nullable }, { "type": "null" }] })),
        &["Thing = {a? ThingA, ..}", "ThingA = any !"],
    );
    check(
        &thing(json!({ "oneOf": [true, { "type": "null" }] })),
        &["Thing = {a? ThingA, ..}", "ThingA = any !"],
    );
}

#[test]
fn shape_name_is_derived_from_its_place() {
    let mode = json!({ "enum": ["fast", "slow"] });
    check(
        &json!({ "title": "Some thing", "type": "object", "properties": {
            "one": mode,
            "all": { "type": "array", "items": mode },
            "by_name": { "type": "object", "additionalProperties": { "type": "object", "properties": { "mode": mode } } },
            "eventType": { "type": "string", "format": "uuid" },
        } }),
        &[
            "SomeThing = {one? SomeThingOne, all? [SomeThingAllItem], by_name? {string: SomeThingByNameValue}, eventType? SomeThingEventType, ..}",
            "SomeThingOne = fast | slow",
            "SomeThingAllItem = fast | slow",
            "SomeThingByNameValue = {mode? SomeThingByNameValueMode, ..}",
            "SomeThingByNameValueMode = fast | slow",
            "SomeThingEventType = text string Uuid",
        ],
    );
    check(
        &json!({ "$defs": { "pipeline_id": { "type": "boolean" }, "HTTPServer": { "$ref": "#/$defs/pipeline_id" } } }),
        &["PipelineId = bool", "HttpServer = PipelineId"],
    );
    // If the root of a document is a schema, its definitions become types only if a reference needs them.
    check(
        &json!({ "type": "array", "items": { "$ref": "#/$defs/used" }, "$defs": { "used": mode, "unused": mode } }),
        &["Thing = [Used]", "Used = fast | slow"],
    );
    check(
        &json!({ "type": "object", "properties": { "a": { "type": "boolean" }, "b": { "$ref": "#/properties/a" } } }),
        &["Thing = {a? bool, b? ThingA, ..}", "ThingA = bool"],
    );
    assert_eq!(lines(&json!(true)), ["Thing = any"]);
    assert_eq!(lines(&json!(false)), ["Thing = any !"]);
}
