//! What holds the values of a schema, in words, and which types have a rule beside them.

use natsgen::model::{
    Field, Length, Name, Presence, Rest, Shape, Tagging, Text, TypeDef, Union, Value,
};
use natsgen::{Schemas, compile};
use serde_json::{Value as Json, json};

const NEWER: &str = "https://json-schema.org/draft/2020-12/schema";
const OLDER: &str = "http://json-schema.org/draft-07/schema#";

/// The types of the document `types/thing.json`, each in a line: `Name = shape`, and `!` where a rule is judged beside it.
fn lines(document: &Json) -> Vec<String> {
    let manifest = json!({
        "name": "things",
        "version": "1.0.0",
        "prefix": "acme.things",
        "roles": { "maker": {} },
    });
    let texts = [
        ("manifest.json", manifest.to_string()),
        ("types/thing.json", document.to_string()),
    ];
    let (protocol, _) = compile(&Schemas::from_texts(texts))
        .unwrap_or_else(|errors| panic!("{document}{errors:?}"));
    for ty in &protocol.types {
        let rule = protocol
            .rules
            .iter()
            .find(|rule| Some(&rule.name) == ty.rule.as_ref());
        assert_eq!(
            rule.map(|rule| &rule.source),
            ty.rule.as_ref().map(|_| &ty.source)
        );
    }
    protocol.types.iter().map(line).collect()
}

/// A document of this dialect, whose schema this is.
fn root(dialect: &str, schema: &Json) -> Json {
    let mut document = json!({ "$schema": dialect });
    for (key, value) in schema.as_object().into_iter().flatten() {
        document[key] = value.clone();
    }
    document
}

fn check(schema: &Json, expected: &[&str]) {
    assert_eq!(lines(&root(NEWER, schema)), expected, "{schema}");
}

fn check_older(schema: &Json, expected: &[&str]) {
    assert_eq!(lines(&root(OLDER, schema)), expected, "{schema}");
}

fn line(ty: &TypeDef) -> String {
    let rule = if ty.rule.is_some() { " !" } else { "" };
    format!("{} = {}{rule}", ty.name.pascal(), shape(&ty.shape))
}

fn shape(shape: &Shape) -> String {
    match shape {
        Shape::Struct(shape) => {
            let rest = match &shape.rest {
                Rest::Ignore => "..".to_owned(),
                Rest::Deny => String::new(),
                Rest::Keep(rest) => format!("..{}", value(rest)),
            };
            let fields = shape.fields.iter().map(field);
            let parts: Vec<String> = fields
                .chain([rest])
                .filter(|part| !part.is_empty())
                .collect();
            format!("{{{}}}", parts.join(", "))
        }
        Shape::Text(rule) => format!("text {}", text(rule)),
        Shape::Integer(range) => format!("integer {}..{}", range.min, range.max),
        Shape::Number(range) => format!("number {:?}..{:?}", range.min, range.max),
        Shape::Enum(values) => {
            let texts: Vec<&str> = values.iter().map(|value| &*value.text).collect();
            texts.join(" | ")
        }
        Shape::Union(Union { tagging, variants }) => {
            let forms: Vec<String> = variants
                .iter()
                .map(|one| match &one.value {
                    Some(held) => format!("{}: {}", one.tag, value(held)),
                    None => one.tag.clone(),
                })
                .collect();
            match tagging {
                Tagging::External => forms.join(" | "),
                Tagging::Member(key) => format!("by {key} {}", forms.join(" | ")),
            }
        }
        Shape::Alias(held) => value(held),
    }
}

fn field(field: &Field) -> String {
    let null = if field.nullable { "?" } else { "" };
    let (mark, default) = match &field.presence {
        Presence::Required => ("", String::new()),
        Presence::Optional => ("?", String::new()),
        Presence::Default(default) => ("", format!(" = {default}")),
    };
    format!("{}{mark} {}{null}{default}", field.key, value(&field.value))
}

fn value(held: &Value) -> String {
    match held {
        Value::Named(name) => Name::pascal(name),
        Value::Text(rule) => text(rule),
        Value::Integer(range) => format!("{}..{}", range.min, range.max),
        Value::Number(_) => "number".to_owned(),
        Value::Bool => "bool".to_owned(),
        Value::Only(only) => only.to_string(),
        Value::Duration { range, .. } => format!("duration {}..{}", range.min, range.max),
        Value::Array { item, length } => format!("[{}]{}", value(item), bounds(*length)),
        Value::Map {
            key,
            value: held,
            length,
        } => {
            let key = key.as_ref().map_or("string".to_owned(), Name::pascal);
            format!("{{{key}: {}}}{}", value(held), bounds(*length))
        }
        Value::Any => "any".to_owned(),
        Value::Nullable(held) => format!("{}?", value(held)),
    }
}

fn text(rule: &Text) -> String {
    let mut words = vec![format!("string{}", bounds(rule.length))];
    words.extend(rule.pattern.as_ref().map(|pattern| pattern.regex.clone()));
    words.extend(rule.format.map(|format| format!("{format:?}")));
    words.extend(rule.constant.as_ref().map(|text| format!("{text:?}")));
    words.extend(rule.sensitive.then(|| "secret".to_owned()));
    words.join(" ")
}

fn bounds(length: Length) -> String {
    match length {
        Length { min: 0, max: None } => String::new(),
        Length { min, max: None } => format!("({min}..)"),
        Length {
            min,
            max: Some(max),
        } => format!("({min}..{max})"),
    }
}

#[test]
fn texts() {
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
fn numbers() {
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
fn constants_and_lists_of_values() {
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
    check(
        &json!({ "enum": ["a-b", "a_b"] }),
        &["Thing = text string(3..3) !"],
    );
    check(&json!({ "enum": [3, 1, 2] }), &["Thing = integer 1..3"]);
    check(&json!({ "enum": [1, 3] }), &["Thing = integer 1..3 !"]);
    check(&json!({ "enum": [false, true] }), &["Thing = bool"]);
    check(&json!({ "enum": ["a", 1] }), &["Thing = any !"]);
    check(&json!({ "enum": [] }), &["Thing = any !"]);
}

#[test]
fn lists() {
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
    // What a rule compares is written as it was read.
    check(
        &json!({ "type": "array", "items": { "type": "object" }, "uniqueItems": true }),
        &["Thing = [ThingItem] !", "ThingItem = {..any}"],
    );
}

#[test]
fn objects() {
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
        &["Thing = {..any} !"],
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
fn members_that_may_be_absent_or_null() {
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
    // Whether `null` is valid is for the rule to say.
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
fn names_come_from_places() {
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
    // Beside a schema at the root, definitions are types only where something needs one.
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

/// Types beside `Base`, an object with `id`, and `Word`, a text.
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
fn parts_of_objects_are_put_together() {
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
fn choices() {
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
        &["Thing = any !"],
    );
    check(
        &json!({ "anyOf": [of("circle", "r"), of("circle", "side")] }),
        &["Thing = any !"],
    );
    check(
        &json!({ "anyOf": [{ "type": "string" }, { "type": "boolean" }] }),
        &["Thing = any !"],
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
        &["Thing = any !"],
    );
}

#[test]
fn what_has_no_type() {
    check(
        &json!({ "properties": { "a": { "type": "boolean" } } }),
        &["Thing = any !"],
    );
    check(
        &json!({ "type": ["string", "integer"] }),
        &["Thing = any !"],
    );
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
fn types_that_hold_themselves() {
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
fn the_outermost_type_judges_what_refers_dynamically() {
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
