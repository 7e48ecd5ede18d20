//! The declared properties of a schema, and those that become typed fields.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use natsgen::Schemas;
use natsgen::internal::{self, References, escape};
use natsgen::model::{Protocol, Shape, Source, Tagging, TypeDef, Value};
use serde_json::Value as Json;

/// A schema, by file and JSON pointer.
type Place = (String, String);

/// The keywords whose schema describes a part of the value.
const PARTS: [&str; 5] = [
    "additionalProperties",
    "unevaluatedProperties",
    "items",
    "additionalItems",
    "unevaluatedItems",
];
/// The keywords with an object of schemas for parts of the value.
const PART_MAPS: [&str; 2] = ["properties", "patternProperties"];
/// The keywords with schemas for the value itself.
const BRANCHES: [&str; 5] = ["allOf", "anyOf", "oneOf", "then", "else"];
/// The keywords with an object of schemas for the value itself.
const BRANCH_MAPS: [&str; 2] = ["dependentSchemas", "dependencies"];

/// The declared properties that the schema can reach. Properties below `not` and `if` are conditions, and a property
/// that is `false` is forbidden; they do not count.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    pub(crate) declared: usize,
    /// Properties with a field whose value is not any JSON value, or whose schema allows any value.
    pub(crate) with_field: usize,
    /// The properties without such a field, as `file#pointer`.
    pub(crate) missing: Vec<String>,
    /// The number of declared properties with each key.
    pub(crate) keys: BTreeMap<String, usize>,
}

/// Counts the properties that the schema in `file` declares, and those that are typed in a model.
pub(crate) fn count(schemas: &Schemas, protocol: Option<&Protocol>, file: &str) -> Typed {
    let parsed = internal::documents(schemas);
    let mut search = Search {
        references: References::new(&parsed),
        parsed: &parsed,
        fields: protocol.map(fields).unwrap_or_default(),
        visited: HashSet::new(),
        declared: BTreeMap::new(),
    };
    search.schema(&(file.to_owned(), String::new()), &[]);
    let missing = search.declared.iter().filter(|(_, typed)| !**typed);
    let mut keys = BTreeMap::new();
    for (_, pointer) in search.declared.keys() {
        let key = pointer.rsplit('/').next().unwrap_or_default();
        *keys.entry(unescaped(key)).or_default() += 1;
    }
    Typed {
        declared: search.declared.len(),
        with_field: search.declared.values().filter(|typed| **typed).count(),
        keys,
        missing: missing
            .map(|((file, pointer), _)| format!("{file}#{pointer}"))
            .collect(),
    }
}

/// The fields of each type, by the place of its schema, and whether their values are typed.
type Fields = HashMap<Place, HashMap<String, bool>>;

fn fields(protocol: &Protocol) -> Fields {
    let types: HashMap<_, &TypeDef> = protocol.types.iter().map(|def| (&def.name, def)).collect();
    let is_any = |value: &Value| match value {
        Value::Any => true,
        Value::Named(name) => types
            .get(name)
            .is_some_and(|def| matches!(def.shape, Shape::Alias(Value::Any))),
        _ => false,
    };
    let place = |source: &Source| (source.file.clone(), source.pointer.clone());
    let mut fields = Fields::new();
    for def in &protocol.types {
        match &def.shape {
            Shape::Struct(shape) => {
                let found = fields.entry(place(&def.source)).or_default();
                for field in &shape.fields {
                    *found.entry(field.key.clone()).or_default() |= !is_any(&field.value);
                }
                for field in &shape.fields {
                    if let Some((owner, key)) = field.source.pointer.rsplit_once("/properties/") {
                        let found = fields.entry((field.source.file.clone(), owner.to_owned()));
                        let key = unescaped(key);
                        *found.or_default().entry(key).or_default() |= !is_any(&field.value);
                    }
                }
            }
            Shape::Union(union) => {
                let Tagging::Member(tag) = &union.tagging else {
                    continue;
                };
                for variant in &union.variants {
                    let value = match &variant.value {
                        Some(Value::Named(name)) => types.get(name).map(|def| place(&def.source)),
                        _ => None,
                    };
                    for place in value.into_iter().chain([place(&variant.source)]) {
                        fields.entry(place).or_default().insert(tag.clone(), true);
                    }
                }
            }
            _ => {}
        }
    }
    fields
}

struct Search<'a> {
    parsed: &'a BTreeMap<&'a str, Option<Json>>,
    references: References<'a>,
    fields: Fields,
    visited: HashSet<(Place, Option<Place>)>,
    /// Whether each property is typed.
    declared: BTreeMap<Place, bool>,
}

impl Search<'_> {
    /// Visits a schema. The schemas `around` describe the same value.
    fn schema(&mut self, place: &Place, around: &[Place]) {
        if !self
            .visited
            .insert((place.clone(), around.first().cloned()))
        {
            return;
        }
        let document = self.parsed.get(place.0.as_str()).and_then(Option::as_ref);
        let Some(Json::Object(members)) = document.and_then(|json| json.pointer(&place.1)) else {
            return;
        };
        let mut value = around.to_vec();
        value.push(place.clone());
        let is_old = document
            .and_then(|json| json["$schema"].as_str())
            .is_some_and(|dialect| dialect.contains("draft-0"));
        let mut below = Vec::new();
        for (key, json) in members {
            if is_old && members.contains_key("$ref") && key != "$ref" {
                continue;
            }
            let at = |path: &str| (place.0.clone(), format!("{}/{key}{path}", place.1));
            let in_map = || {
                let members = json.as_object().into_iter().flatten();
                members
                    .filter(|(_, json)| !json.is_array())
                    .map(|(key, json)| (key, at(&escape(key)), json))
            };
            match key.as_str() {
                "$ref" => below.extend(self.target(place, json).map(|target| (target, true))),
                _ if PART_MAPS.contains(&key.as_str()) => {
                    for (name, inner, json) in in_map() {
                        if key == "properties" && !is_forbidden(json) {
                            self.declare(&inner, name, json, &value);
                        }
                        below.push((inner, false));
                    }
                }
                _ if BRANCH_MAPS.contains(&key.as_str()) => {
                    below.extend(in_map().map(|(_, inner, _)| (inner, true)));
                }
                _ if BRANCHES.contains(&key.as_str()) => below.extend(each(json, at, true)),
                "prefixItems" => below.extend(each(json, at, false)),
                _ if PARTS.contains(&key.as_str()) => below.extend(each(json, at, false)),
                _ => {}
            }
        }
        for (inner, is_same) in below {
            self.schema(&inner, if is_same { &value } else { &[] });
        }
    }

    fn target(&self, (file, _): &Place, reference: &Json) -> Option<Place> {
        let (file, pointer) = self.references.target(file, reference.as_str()?)?;
        Some((file.to_owned(), pointer))
    }

    fn declare(&mut self, place: &Place, key: &str, json: &Json, owners: &[Place]) {
        let owners: BTreeSet<&Place> = owners.iter().collect();
        let fields = owners
            .iter()
            .filter_map(|owner| self.fields.get(*owner)?.get(key));
        let typed = fields.copied().reduce(|left, right| left | right);
        let typed = typed.is_some_and(|typed| typed || allows_any(json));
        *self.declared.entry(place.clone()).or_default() |= typed;
    }
}

/// The schema, or each schema of a list.
fn each(json: &Json, at: impl Fn(&str) -> Place, is_same: bool) -> Vec<(Place, bool)> {
    match json {
        Json::Array(items) => (0..items.len())
            .map(|index| (at(&format!("/{index}")), is_same))
            .collect(),
        _ => vec![(at(""), is_same)],
    }
}

/// The key of a step of a JSON pointer.
fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// Whether no value satisfies the schema of a property.
fn is_forbidden(json: &Json) -> bool {
    *json == Json::Bool(false)
        || json["not"] == Json::Bool(true)
        || json.get("not").is_some_and(is_empty)
}

fn is_empty(json: &Json) -> bool {
    json.as_object().is_some_and(serde_json::Map::is_empty)
}

/// Whether a schema says nothing of validity.
fn allows_any(json: &Json) -> bool {
    const ANNOTATIONS: [&str; 9] = [
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$comment",
        "markdownDescription",
    ];
    let object = json.as_object();
    *json == Json::Bool(true)
        || object.is_some_and(|object| {
            object
                .keys()
                .all(|key| ANNOTATIONS.contains(&key.as_str()) || key.starts_with("x-"))
        })
}

#[cfg(test)]
mod tests {
    use natsgen::Language;

    use super::*;

    #[test]
    fn typed_counts_reachable_properties_by_their_fields() {
        let schema = r##"{
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "properties": {
                "text": { "type": "string" },
                "free": { "description": "Any value." },
                "mixed": { "not": { "type": "string" } },
                "forbidden": false,
                "part": { "$ref": "#/definitions/part", "properties": { "hidden": {} } }
            },
            "oneOf": [{ "properties": { "branch": { "type": "integer" } } }, {}],
            "not": { "required": ["a"], "properties": { "a": {} } },
            "definitions": {
                "part": { "type": "object", "properties": { "inner": { "type": "boolean" } } },
                "other": { "type": "object", "properties": { "unreachable": {} } }
            }
        }"##;
        let schemas = Schemas::from_texts([("folder/schema.json", schema)]);
        let schemas = schemas.types_only().language(Language::Rust);
        let (protocol, _) = natsgen::compile(&schemas).expect("natsgen accepts the schema");
        let typed = count(&schemas, Some(&protocol), "folder/schema.json");
        let keys: Vec<_> = typed.keys.keys().map(String::as_str).collect();
        assert_eq!(keys, ["branch", "free", "inner", "mixed", "part", "text"]);
        assert_eq!(typed.missing, ["folder/schema.json#/properties/mixed"]);
        assert_eq!((typed.declared, typed.with_field), (6, 5));
    }
}
