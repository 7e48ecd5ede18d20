//! Tests of the effect of each keyword on the shape of a type in the model.

use natsgen::{Schemas, compile};
use serde_json::{Value as Json, json};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Compiles a protocol with these types.
fn types(definitions: &Json) -> Json {
    let manifest = json!({
        "$schema": "meta/manifest.json",
        "name": "things",
        "version": "1.0.0",
        "description": "Things.",
        "prefix": "acme.things",
        "roles": { "maker": { "description": "Makes things." } },
    });
    let document = json!({ "$schema": DIALECT, "$comment": "For readers.", "title": "Things", "$defs": definitions });
    let texts = [
        ("manifest.json", manifest.to_string()),
        ("types/thing.json", document.to_string()),
    ];
    let (protocol, _) =
        compile(&Schemas::from_texts(texts)).unwrap_or_else(|errors| panic!("{errors}"));
    let mut types = json!(protocol.types);
    strip(&mut types);
    types
}

/// Removes members that have their default: a missing title, and `deprecated: false`.
fn strip(json: &mut Json) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(strip),
        Json::Object(members) => {
            members.retain(|key, value| match &**key {
                "title" => !value.is_null(),
                "deprecated" => *value != false,
                _ => true,
            });
            members.values_mut().for_each(strip);
        }
        _ => {}
    }
}

/// Checks that the type `Thing` with this schema has this shape, beside a string type `Key`.
fn check(schema: &Json, expected: &Json) {
    let types = types(&json!({ "Thing": schema, "Key": { "type": "string", "maxLength": 8 } }));
    assert_eq!(&types[0]["shape"], expected, "{schema}");
}

/// Checks that a property with this schema becomes this field, except for the key and the name.
fn check_field(key: &str, schema: &Json, required: bool, expected: &Json) {
    let required = if required { vec![key] } else { vec![] };
    let thing = json!({ "type": "object", "properties": { key: schema }, "required": required });
    let types =
        types(&json!({ "Thing": thing, "Key": { "description": "A key.", "type": "string" } }));
    assert_eq!(
        types[0]["shape"]["struct"]["fields"],
        json!([expected]),
        "{schema}"
    );
}

fn text(length: &Json, pattern: &Json, format: &Json, constant: &Json, sensitive: bool) -> Json {
    json!({ "length": length, "pattern": pattern, "format": format, "constant": constant, "sensitive": sensitive })
}

fn unlimited() -> Json {
    json!({ "min": 0, "max": null })
}

#[test]
fn keywords_of_strings_become_constraints() {
    let any = &Json::Null;
    check(
        &json!({ "type": "string" }),
        &json!({ "text": text(&unlimited(), any, any, any, false) }),
    );
    check(
        &json!({ "type": "string", "minLength": 2, "maxLength": 4, "sensitive": true }),
        &json!({ "text": text(&json!({ "min": 2, "max": 4 }), any, any, any, true) }),
    );
    check(
        &json!({ "type": "string", "pattern": "^\\d+:[a-f-]{2,}$" }),
        &json!({ "text": text(&unlimited(), &json!({ "regex": "^\\d+:[a-f-]{2,}$", "runs": [
            { "class": "0-9", "min": 1, "max": null },
            { "class": ":", "min": 1, "max": 1 },
            { "class": "a-f-", "min": 2, "max": null },
        ] }), any, any, false) }),
    );
    for format in ["uuid", "date-time"] {
        check(
            &json!({ "type": "string", "format": format }),
            &json!({ "text": text(&unlimited(), any, &json!(format), any, false) }),
        );
    }
    check(
        &json!({ "const": "go" }),
        &json!({ "enum": [{ "text": "go", "name": ["go"], "description": "" }] }),
    );
}

#[test]
fn keywords_of_numbers_and_booleans_become_ranges() {
    check(
        &json!({ "type": "integer", "minimum": -3, "maximum": 7 }),
        &json!({ "integer": { "min": -3, "max": 7 } }),
    );
    check(
        &json!({ "type": "integer", "format": "uint64", "minimum": 0, "maximum": u64::MAX }),
        &json!({ "integer": { "min": 0, "max": u64::MAX } }),
    );
    check(
        &json!({ "type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX }),
        &json!({ "integer": { "min": i64::MIN, "max": i64::MAX } }),
    );
    check(
        &json!({ "const": 5, "type": "integer" }),
        &json!({ "integer": { "min": 5, "max": 5 } }),
    );
    check(
        &json!({ "type": "number" }),
        &json!({ "alias": { "number": { "min": null, "max": null } } }),
    );
    check(
        &json!({ "type": "number", "minimum": 0, "maximum": 0.5 }),
        &json!({ "number": { "min": 0.0, "max": 0.5 } }),
    );
    check(&json!({ "type": "boolean" }), &json!({ "alias": "bool" }));
    check(
        &json!({ "const": true, "type": "boolean" }),
        &json!({ "alias": { "only": true } }),
    );
}

#[test]
fn keywords_without_type_become_any_or_nullable() {
    check(&json!(true), &json!({ "alias": "any" }));
    check(
        &json!({ "description": "Anything." }),
        &json!({ "alias": "any" }),
    );
    check(
        &json!({ "$ref": "#/$defs/Key" }),
        &json!({ "alias": { "named": ["key"] } }),
    );
    let nullable = json!({ "alias": { "nullable": { "named": ["key"] } } });
    check(
        &json!({ "oneOf": [{ "$ref": "#/$defs/Key" }, { "type": "null" }] }),
        &nullable,
    );
    check(
        &json!({ "oneOf": [{ "type": "null" }, { "$ref": "thing.json#/$defs/Key" }] }),
        &nullable,
    );
    check(
        &json!({ "type": ["null", "boolean"] }),
        &json!({ "alias": { "nullable": "bool" } }),
    );
}

#[test]
fn keywords_of_arrays_and_maps_become_aliases() {
    check(
        &json!({ "type": "array", "items": { "$ref": "#/$defs/Key" }, "minItems": 1, "maxItems": 3 }),
        &json!({ "alias": { "array": { "item": { "named": ["key"] }, "length": { "min": 1, "max": 3 } } } }),
    );
    check(
        &json!({ "type": "array", "items": { "type": ["boolean", "null"] } }),
        &json!({ "alias": { "array": { "item": { "nullable": "bool" }, "length": unlimited() } } }),
    );
    check(
        &json!({ "type": "object", "additionalProperties": true }),
        &json!({ "alias": { "map": { "key": null, "value": "any", "length": unlimited() } } }),
    );
    check(
        &json!({
            "type": "object",
            "additionalProperties": { "type": "boolean" },
            "propertyNames": { "$ref": "#/$defs/Key" },
            "minProperties": 1,
            "maxProperties": 2,
        }),
        &json!({ "alias": { "map": { "key": ["key"], "value": "bool", "length": { "min": 1, "max": 2 } } } }),
    );
}

#[test]
fn keywords_of_objects_become_structs() {
    check(
        &json!({ "type": "object" }),
        &json!({ "struct": { "fields": [], "additional": "ignore" } }),
    );
    check(
        &json!({ "type": "object", "additionalProperties": false }),
        &json!({ "struct": { "fields": [], "additional": "deny" } }),
    );
    check(
        &json!({ "type": "object", "properties": {}, "additionalProperties": { "type": "boolean" } }),
        &json!({ "struct": { "fields": [], "additional": { "flatten": "bool" } } }),
    );
}

/// Checks the field of a boolean property with these additional keywords. `expected` lists only the differences to a
/// plain field.
fn check_flag(key: &str, extra: &Json, required: bool, expected: &Json) {
    let merge = |mut base: Json, extra: &Json| {
        for (key, value) in extra.as_object().into_iter().flatten() {
            base[key] = value.clone();
        }
        base
    };
    let schema = merge(
        json!({ "description": "A flag.", "type": "boolean" }),
        extra,
    );
    let field = json!({
        "key": key,
        "name": [key],
        "description": "A flag.",
        "value": "bool",
        "nullable": false,
        "presence": "required",
    });
    check_field(key, &schema, required, &merge(field, expected));
}

#[test]
fn keywords_of_presence_become_field_presence() {
    let nullable = json!(["boolean", "null"]);
    check_flag("a", &json!({}), true, &json!({}));
    check_flag("a", &json!({}), false, &json!({ "presence": "optional" }));
    check_flag(
        "a",
        &json!({ "default": false }),
        false,
        &json!({ "presence": { "default": false } }),
    );
    check_flag(
        "a",
        &json!({ "type": nullable }),
        true,
        &json!({ "nullable": true }),
    );
    let null = json!({ "type": nullable, "default": null });
    check_flag(
        "a",
        &null,
        false,
        &json!({ "nullable": true, "presence": { "default": null } }),
    );
}

#[test]
fn keywords_of_annotations_become_docs_and_names() {
    for annotation in [
        json!({ "deprecated": false }),
        json!({ "examples": [true] }),
        json!({ "$comment": "Why." }),
    ] {
        check_flag("a", &annotation, true, &json!({}));
    }
    check_flag(
        "a",
        &json!({ "deprecated": true }),
        true,
        &json!({ "deprecated": true }),
    );
    check_flag(
        "isOn",
        &json!({ "title": "On or off" }),
        true,
        &json!({ "name": ["on", "or", "off"], "title": "On or off" }),
    );
    check_flag(
        "type",
        &json!({ "title": "kind of flag" }),
        true,
        &json!({ "name": ["kind", "of", "flag"], "title": "kind of flag" }),
    );
    check_flag(
        "\u{e9}t\u{e9}",
        &json!({ "title": "summer" }),
        true,
        &json!({ "name": ["summer"], "title": "summer" }),
    );
}

#[test]
fn keywords_of_reference_take_description_of_its_type() {
    let key = json!({ "$ref": "#/$defs/Key" });
    let mut expected = json!({
        "key": "a",
        "name": ["a"],
        "description": "A key.",
        "value": { "named": ["key"] },
        "nullable": false,
        "presence": "required",
    });
    check_field("a", &key, true, &expected);
    expected["nullable"] = json!(true);
    check_field(
        "a",
        &json!({ "oneOf": [key, { "type": "null" }] }),
        true,
        &expected,
    );
}

#[test]
fn keywords_of_units_become_durations() {
    for (key, unit, expected) in [
        ("fade_secs", "s", "secs"),
        ("fade_ms", "ms", "millis"),
        ("fade_us", "us", "micros"),
        ("fade_ns", "ns", "nanos"),
        ("fade", "ms", "millis"),
    ] {
        let range = json!({ "type": "integer", "minimum": 1, "maximum": 9, "x-unit": unit });
        let value = json!({ "duration": { "unit": expected, "range": { "min": 1, "max": 9 } } });
        let expected = json!({ "name": ["fade"], "value": value });
        check_flag(key, &range, true, &expected);
    }
    // A suffix alone only causes a warning: the field is a plain integer and keeps its name.
    let range = json!({ "type": "integer", "minimum": 1, "maximum": 9 });
    let value = json!({ "integer": { "min": 1, "max": 9 } });
    let expected = json!({ "name": ["fade", "ms"], "value": value });
    check_flag("fade_ms", &range, true, &expected);
    let range = json!({ "type": "integer", "minimum": 1, "maximum": 9, "x-unit": "s" });
    let value = json!({ "duration": { "unit": "secs", "range": { "min": 1, "max": 9 } } });
    let expected = json!({ "name": ["fade", "ms"], "value": value });
    check_flag("fade_ms", &range, true, &expected);
}

#[test]
fn keywords_of_choices_become_enums_and_unions() {
    let values = json!({ "enum": [
        { "text": "on", "name": ["on"], "description": "" },
        { "text": "stand-by", "name": ["stand", "by"], "description": "" },
    ] });
    check(
        &json!({ "type": "string", "enum": ["on", "stand-by"] }),
        &values,
    );
    let described = json!({ "enum": [{ "text": "on", "name": ["on"], "description": "Bright." }] });
    check(
        &json!({ "oneOf": [{ "const": "on", "description": "Bright." }] }),
        &described,
    );
    check(
        &json!({ "type": "string", "oneOf": [{ "const": "on", "type": "string", "description": "Bright." }] }),
        &described,
    );
    check(
        &json!({ "oneOf": [
            { "const": "Off", "title": "Dark", "deprecated": true },
            {
                "description": "So bright.",
                "type": "object",
                "properties": { "On": { "type": "integer", "minimum": 0, "maximum": 255 } },
                "required": ["On"],
                "additionalProperties": false,
            },
        ] }),
        &json!({ "union": { "tagging": "external", "variants": [
            { "tag": "Off", "name": ["dark"], "description": "", "value": null, "deprecated": true },
            {
                "tag": "On",
                "name": ["on"],
                "description": "So bright.",
                "value": { "integer": { "min": 0, "max": 255 } },
            },
        ] } }),
    );
}

#[test]
fn keywords_of_property_enum_name_it_after_the_property() {
    let thing = json!({ "type": "object", "properties": {
        "mode": {
            "description": "How it runs.",
            "type": ["string", "null"],
            "enum": ["fast", "slow", null],
            "default": null,
        },
    } });
    let types = types(&json!({ "Thing": thing, "Key": { "type": "string" } }));
    let names: Vec<&Json> = types
        .as_array()
        .into_iter()
        .flatten()
        .map(|ty| &ty["name"])
        .collect();
    assert_eq!(
        names,
        [
            &json!(["thing"]),
            &json!(["thing", "mode"]),
            &json!(["key"])
        ]
    );
    assert_eq!(
        types[0]["shape"]["struct"]["fields"][0]["value"],
        json!({ "named": ["thing", "mode"] })
    );
    assert_eq!(types[1]["description"], "How it runs.");
    assert_eq!(
        types[1]["source"]["pointer"],
        "/$defs/Thing/properties/mode"
    );
}
