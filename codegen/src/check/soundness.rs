//! Random schemas and values: a type decodes each valid value. Without an assertion, it refuses each invalid value. A
//! decoded value encodes to a valid value.

use std::collections::BTreeMap;

use natsgen_runtime::Side;
use natsgen_runtime::codec::decode;
use serde_json::{Map, Value as Json, json};

use super::Index;
use super::decode::Decoder;
use super::random::{Random, document};
use crate::diagnostic::{Code, Diagnostics};
use crate::lower::lower;
use crate::model::{AdditionalMembers, Protocol, Shape, Struct, Tagging, TypeDef, Value};
use crate::read::{Contents, Formats};

/// The encoding of a decoded value: without the members that the type ignores.
fn encoded(index: &Index<'_>, value: &Value, json: &Json) -> Json {
    match (value, json) {
        (Value::Named(name), _) => {
            let def = index.resolve(name).expect("the type exists");
            encoded_type(index, &def.shape, json)
        }
        (Value::Array { item, .. }, Json::Array(items)) => items
            .iter()
            .map(|json| encoded(index, item, json))
            .collect(),
        (Value::Map { value, .. }, Json::Object(members)) => {
            let members = members.iter();
            let member = |(key, json): (&String, &Json)| (key.clone(), encoded(index, value, json));
            Json::Object(members.map(member).collect())
        }
        (Value::Nullable(value), json) if !json.is_null() => encoded(index, value, json),
        _ => json.clone(),
    }
}

fn encoded_type(index: &Index<'_>, shape: &Shape, json: &Json) -> Json {
    match (shape, json) {
        (Shape::Struct(shape), Json::Object(members)) => encoded_object(index, shape, members),
        (Shape::Union(union), json) => {
            let content = Decoder { index }.content(union, json);
            match (content, &union.tagging) {
                (Some((value, content)), Tagging::External) => {
                    let tag = json.as_object().and_then(|members| members.keys().next());
                    json!({ tag.expect("the union has a tag"): encoded(index, value, content) })
                }
                (Some((value, content)), _) => encoded(index, value, content),
                (None, _) => json.clone(),
            }
        }
        (Shape::Alias(value), json) => encoded(index, value, json),
        _ => json.clone(),
    }
}

fn encoded_object(index: &Index<'_>, shape: &Struct, members: &Map<String, Json>) -> Json {
    let members = members.iter().filter_map(|(key, json)| {
        let field = shape.fields.iter().find(|field| field.key == *key);
        let value = match (field, &shape.additional) {
            (Some(_), _) if json.is_null() => &Value::Any,
            (Some(field), _) => &field.value,
            (None, AdditionalMembers::Flatten(value)) => value,
            (None, AdditionalMembers::Ignore | AdditionalMembers::Deny) => return None,
        };
        Some((key.clone(), encoded(index, value, json)))
    });
    Json::Object(members.collect())
}

/// The model of a document, with all errors and warnings.
fn compiled(document: &Json) -> (Option<Protocol>, Diagnostics) {
    let manifest = json!({
        "name": "things",
        "version": "1.0.0",
        "description": "Things.",
        "prefix": "acme",
        "roles": { "maker": { "description": "Makes things." } },
    });
    let parsed = BTreeMap::from([
        ("manifest.json", Some(manifest)),
        ("types/thing.json", Some(document.clone())),
    ]);
    let mut out = Diagnostics::default();
    let mut lowered = lower(&parsed, Contents::Protocol, Formats::Assert, &mut out);
    if let Some(lowered) = &mut lowered {
        super::check(lowered, &mut out);
    }
    let protocol = lowered.filter(|_| !out.has_errors());
    (protocol.map(|lowered| lowered.protocol), out)
}

/// The type of a document's root. A document with only `$defs` has no such type.
fn root(protocol: &Protocol) -> Option<&TypeDef> {
    let mut types = protocol.types.iter();
    types.find(|def| def.source.pointer.is_empty())
}

#[test]
fn random_type_decodes_the_valid_values() {
    let mut random = Random(3);
    let (mut exact, mut with_assertion, mut refused) = (0, 0, 0);
    for _ in 0..2_000 {
        let document = document(random.schema(3));
        let Some(protocol) = compiled(&document).0 else {
            refused += 1;
            continue;
        };
        let reference = jsonschema::validator_for(&document).expect("natsgen accepts the schema");
        let is_exact = protocol.types.iter().all(|def| def.assertion.is_none());
        *(if is_exact {
            &mut exact
        } else {
            &mut with_assertion
        }) += 1;
        let index = Index::new(&protocol);
        let decoder = Decoder { index: &index };
        let Some(root) = root(&protocol) else {
            continue;
        };
        let root = Value::Named(root.name.clone());
        for _ in 0..20 {
            let value = random.like(&document, &document, 4);
            let result = decoder.value(&root, &value);
            let is_valid = reference.is_valid(&value);
            let context = || format!("{value}\n{document:#}\n{:?}", protocol.types);
            assert!(result.is_ok() || !is_valid, "{result:?}: {}", context());
            assert!(result.is_err() || is_valid || !is_exact, "{}", context());
            let encoded = encoded(&index, &root, &value);
            assert!(
                !is_valid || reference.is_valid(&encoded),
                "{encoded}: {}",
                context()
            );
        }
    }
    assert!(
        exact > 200 && with_assertion > 200,
        "{exact} exact, {with_assertion} with assertions, {refused} refused"
    );
}

/// The lowered type of a field decodes its default, and each valid default is accepted.
#[test]
fn random_type_decodes_the_valid_defaults() {
    let mut random = Random(5);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..4_000 {
        let inner = random.schema(2);
        let default = random.like(&inner, &document(json!({})), 3);
        let Json::Object(mut property) = inner else {
            continue;
        };
        property.insert("default".to_owned(), default.clone());
        let object = json!({ "type": "object", "properties": { "a": property } });
        let document = document(object);
        let (protocol, out) = compiled(&document);
        let reference = jsonschema::validator_for(&document);
        let is_valid =
            reference.is_ok_and(|reference| reference.is_valid(&json!({ "a": default })));
        let is_reported = out
            .as_slice()
            .iter()
            .any(|found| found.code == Code::InvalidDefault);
        assert!(!is_reported || !is_valid, "{out}\n{document:#}");
        let Some(protocol) = protocol.filter(|_| !is_reported) else {
            refused += usize::from(is_reported);
            continue;
        };
        let index = Index::new(&protocol);
        let Some(root) = root(&protocol) else {
            continue;
        };
        let decoded = Decoder { index: &index }
            .value(&Value::Named(root.name.clone()), &json!({ "a": default }));
        assert!(is_valid && decoded.is_ok(), "{decoded:?}\n{document:#}");
        accepted += 1;
    }
    assert!(
        accepted > 400 && refused > 100,
        "{accepted} accepted, {refused} refused"
    );
}

/// The runtime decodes an accepted default from the text that the emitter writes.
#[test]
fn runtime_decodes_the_accepted_default() {
    for (schema, text) in [
        (
            json!({ "type": "integer", "minimum": 0, "maximum": 255 }),
            "1.0",
        ),
        (
            json!({ "type": "integer", "minimum": 0, "maximum": 255 }),
            "-0",
        ),
        (
            json!({ "type": "integer", "minimum": 0, "maximum": 255 }),
            "2.5e1",
        ),
        (json!({ "type": "integer", "minimum": 0 }), "1e19"),
        (
            json!({ "type": "integer", "minimum": 0 }),
            "18446744073709551615",
        ),
        (json!({ "type": "integer" }), "-9223372036854775808"),
        (json!({ "type": "integer" }), "-9.2e18"),
    ] {
        let mut property = schema.clone();
        property["default"] = text.parse().expect("the default is JSON");
        let written = property["default"].to_string();
        let object = json!({ "type": "object", "properties": { "a": property } });
        let (protocol, out) = compiled(&document(object));
        assert!(protocol.is_some(), "{text}: {out}");
        let is_decoded = match (schema["maximum"].is_null(), schema["minimum"].is_null()) {
            (false, _) => decode::<u8>(written.as_bytes(), Side::Reply).is_ok(),
            (true, false) => decode::<u64>(written.as_bytes(), Side::Reply).is_ok(),
            (true, true) => decode::<i64>(written.as_bytes(), Side::Reply).is_ok(),
        };
        assert!(is_decoded, "{written}");
    }
}
