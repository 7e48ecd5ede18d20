//! Tests of strings, numbers, constants and arrays.

use serde_json::json;

use crate::shown::{check, check_older};

#[test]
fn shape_of_string_has_its_constraints() {
    check(
        &json!({ "type": "string", "maxLength": 3 }),
        &["Thing = text string(0..3)"],
    );
    check(
        &json!({ "type": "string", "pattern": "^[a-z]+$" }),
        &["Thing = text string ^[a-z]+$"],
    );
    check(
        &json!({ "type": "string", "pattern": "a|b" }),
        &["Thing = text string !"],
    );
    check(
        &json!({ "type": "string", "format": "ipv4" }),
        &["Thing = text string Ipv4"],
    );
    check(
        &json!({ "type": "string", "not": { "const": "x" } }),
        &["Thing = text string !"],
    );
    check(
        &json!({ "type": "string", "anyOf": [{ "minLength": 3 }, { "pattern": "^a" }] }),
        &["Thing = text string !"],
    );
    check(
        &json!({ "type": "string", "sensitive": true }),
        &["Thing = text string secret"],
    );
    check(
        &json!({ "type": "string", "minimum": 3 }),
        &["Thing = text string"],
    );
}

#[test]
fn shape_of_number_has_its_range() {
    let (least, greatest) = (i64::MIN, i64::MAX);
    check(
        &json!({ "type": "integer" }),
        &[&format!("Thing = integer {least}..{greatest}")],
    );
    check(
        &json!({ "type": "integer", "minimum": 0 }),
        &[&format!("Thing = integer 0..{}", u64::MAX)],
    );
    check(
        &json!({ "type": "integer", "minimum": 0, "maximum": 1e30 }),
        &[&format!("Thing = integer 0..{}", u64::MAX)],
    );
    check(
        &json!({ "type": "integer", "maximum": 7.5 }),
        &[&format!("Thing = integer {least}..7")],
    );
    check(
        &json!({ "type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10 }),
        &["Thing = integer 1..9"],
    );
    check(
        &json!({ "type": "integer", "exclusiveMinimum": -1.5, "exclusiveMaximum": 9.5 }),
        &["Thing = integer -1..9"],
    );
    check(
        &json!({ "type": "integer", "minimum": -1.0, "maximum": 2.0, "exclusiveMaximum": 2 }),
        &["Thing = integer -1..1"],
    );
    check(
        &json!({ "type": "integer", "minimum": 0, "maximum": 9, "multipleOf": 3 }),
        &["Thing = integer 0..9 !"],
    );
    check(
        &json!({ "type": "integer", "minimum": 0, "maximum": 9, "multipleOf": 1 }),
        &["Thing = integer 0..9"],
    );
    check(
        &json!({ "type": "number", "maximum": 1 }),
        &["Thing = number None..Some(1.0)"],
    );
    check(
        &json!({ "type": "number", "exclusiveMinimum": 0 }),
        &["Thing = number !"],
    );
    check(
        &json!({ "type": "number", "minimum": 0, "multipleOf": 0.01 }),
        &["Thing = number Some(0.0)..None !"],
    );
    check(
        &json!({ "type": "number", "maximum": 9_007_199_254_740_993_u64 }),
        &["Thing = number None..Some(9007199254740992.0) !"],
    );
}

#[test]
fn shape_of_constant_or_enum_is_enumeration() {
    check(&json!({ "const": "on" }), &["Thing = on"]);
    check(
        &json!({ "const": "2700 K" }),
        &["Thing = text string(6..6) \"2700 K\""],
    );
    check(&json!({ "const": 2.0 }), &["Thing = integer 2..2"]);
    check(&json!({ "const": 2.5 }), &["Thing = any !"]);
    check(&json!({ "const": { "a": 1 } }), &["Thing = any !"]);
    check(&json!({ "enum": ["on", "off"] }), &["Thing = on | off"]);
    check(
        &json!({ "enum": ["on", "off", null] }),
        &["Thing = ThingValue?", "ThingValue = on | off"],
    );
    check(
        &json!({ "type": "string", "enum": ["on", null] }),
        &["Thing = on"],
    );
    check(
        &json!({ "type": "string", "enum": ["on", "off"], "minLength": 3 }),
        &["Thing = on | off !"],
    );
    check(&json!({ "enum": ["a-b", "a_b"] }), &["Thing = a-b | a_b"]);
    check(&json!({ "enum": [3, 1, 2] }), &["Thing = integer 1..3"]);
    check(&json!({ "enum": [1, 3] }), &["Thing = integer 1..3 !"]);
    check(&json!({ "enum": [false, true] }), &["Thing = bool"]);
    check(
        &json!({ "enum": ["a", 1] }),
        &["Thing = one of a | number: 1..1"],
    );
    check(&json!({ "enum": [] }), &["Thing = any !"]);
}

#[test]
fn shape_of_array_has_item_and_length() {
    check(&json!({ "type": "array" }), &["Thing = [any]"]);
    check(
        &json!({ "type": "array", "items": { "type": "boolean" }, "uniqueItems": true }),
        &["Thing = [bool] !"],
    );
    check(
        &json!({ "type": "array", "uniqueItems": false, "maxItems": 2 }),
        &["Thing = [any](0..2)"],
    );
    check(
        &json!({ "type": "array", "contains": { "const": 1 } }),
        &["Thing = [any] !"],
    );
    let pair = json!({ "type": "array", "prefixItems": [{ "type": "string" }], "items": { "type": "boolean" } });
    check(&pair, &["Thing = [any] !"]);
    check(
        &json!({ "type": "array", "items": false }),
        &["Thing = [any] !"],
    );
    check_older(
        &json!({ "type": "array", "items": [{ "type": "string" }] }),
        &["Thing = [any] !"],
    );
    // Values that an assertion compares are written as they were read.
    check(
        &json!({ "type": "array", "items": { "type": "object" }, "uniqueItems": true }),
        &["Thing = [ThingItem] !", "ThingItem = {..any}"],
    );
}
