//! Assertions, as a JSON Schema with which the runtime validates values.

use serde_json::{Map, Value as Json, json};

use super::file::File;
use super::{Emitter, docs, literal};
use crate::model::{Assertion, AssertionDef, Keyword, Name, Protocol};
use crate::plan::sentences;

/// The identifier of the whole schema. Only schemas with resources need it.
const ROOT: &str = "natsgen:root";

/// `assertion.py`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>) -> File<'e> {
    let mut file = File::new(emitter, "**", None, sentences::ASSERTIONS);
    let protocol = emitter.plan.protocol;
    let (constant, schemas) = (file.typing("Final"), file.runtime("Schemas"));
    file.statement("_SCHEMAS");
    let text = format!("{:#}", document(protocol));
    file.body
        .line(&format!("_SCHEMAS: {constant} = {schemas}(r\"\"\""));
    file.body.line(&text);
    file.body.line("\"\"\")");
    for def in &protocol.assertions {
        let name = def.name.screaming();
        file.statement(&name);
        let key = literal::text(&def.name.pascal());
        file.body
            .line(&format!("{name}: {constant} = _SCHEMAS[{key}]"));
        docs::write(&mut file.body, &[docs::schema(&def.source)]);
    }
    file
}

/// A schema with all assertions under `$defs`.
///
/// A schema resource with dynamic anchors is a resource again: its assertions are in its own `$defs`.
fn document(protocol: &Protocol) -> Json {
    let mut all = Map::new();
    for resource in &protocol.resources {
        let inside = protocol.assertions.iter();
        let inside = inside.filter(|def| def.resource.as_ref() == Some(&resource.name));
        let inside: Map<String, Json> = inside
            .map(|def| (def.name.pascal(), schema(protocol, def)))
            .collect();
        let id = resource_id(&resource.name);
        all.insert(
            resource.name.pascal(),
            json!({ "$id": id, "$defs": inside }),
        );
    }
    for def in &protocol.assertions {
        let value = match &def.resource {
            Some(_) => json!({ "$ref": reference(protocol, &def.name) }),
            None => schema(protocol, def),
        };
        all.insert(def.name.pascal(), value);
    }
    if protocol.resources.is_empty() {
        json!({ "$defs": all })
    } else {
        json!({ "$id": ROOT, "$defs": all })
    }
}

fn resource_id(name: &Name) -> String {
    format!("natsgen:{}", name.snake())
}

/// The reference to an assertion.
fn reference(protocol: &Protocol, name: &Name) -> String {
    let mut all = protocol.assertions.iter();
    let resource = all.find(|def| def.name == *name);
    let resource = resource.and_then(|def| def.resource.as_ref());
    let root = if protocol.resources.is_empty() {
        ""
    } else {
        ROOT
    };
    let base = resource.map_or_else(|| root.to_owned(), resource_id);
    format!("{base}#/$defs/{}", name.pascal())
}

fn schema(protocol: &Protocol, def: &AssertionDef) -> Json {
    let mut resources = protocol.resources.iter();
    let resource = resources.find(|resource| Some(&resource.name) == def.resource.as_ref());
    let anchors = resource.into_iter().flat_map(|resource| &resource.anchors);
    let anchors = anchors.filter(|(_, assertion)| *assertion == def.name);
    let value = assertion(protocol, &def.assertion);
    // A schema has a single dynamic anchor; each further anchor gets a schema around it.
    anchors.fold(value, |value, (anchor, _)| match value {
        Json::Object(mut members) if !members.contains_key("$dynamicAnchor") => {
            members.insert("$dynamicAnchor".to_owned(), json!(anchor));
            Json::Object(members)
        }
        value => json!({ "$dynamicAnchor": anchor, "allOf": [value] }),
    })
}

/// The keywords of an assertion as a schema. A keyword that occurs twice gets a schema of its own.
fn assertion(protocol: &Protocol, assertion: &Assertion) -> Json {
    let mut schema = Map::new();
    let mut more = Vec::new();
    for keyword in &assertion.0 {
        for (key, value) in members(protocol, keyword) {
            if schema.contains_key(&key) {
                more.push(json!({ key: value }));
            } else {
                schema.insert(key, value);
            }
        }
    }
    if let Some(Json::Array(all)) = schema.get_mut("allOf") {
        all.append(&mut more);
    } else if !more.is_empty() {
        schema.insert("allOf".to_owned(), Json::Array(more));
    }
    Json::Object(schema)
}

/// A keyword as members of a schema.
fn members(protocol: &Protocol, keyword: &Keyword) -> Vec<(String, Json)> {
    let schema = |assertion: &Assertion| self::assertion(protocol, assertion);
    let schemas = |all: &[Assertion]| Json::Array(all.iter().map(schema).collect());
    let by_key = |all: &[(String, Assertion)]| {
        let members = all.iter().map(|(key, one)| (key.clone(), schema(one)));
        Json::Object(members.collect())
    };
    let one = |key: &str, value: Json| vec![(key.to_owned(), value)];
    match keyword {
        Keyword::Never => one("not", json!({})),
        Keyword::PrefixItems(all) => one("prefixItems", schemas(all)),
        Keyword::Items { assertion, .. } => one("items", schema(assertion)),
        Keyword::Contains {
            assertion,
            min,
            max,
        } => {
            let mut members = one("contains", schema(assertion));
            members.push(("minContains".to_owned(), json!(min)));
            members.extend(max.map(|max| ("maxContains".to_owned(), json!(max))));
            members
        }
        Keyword::UnevaluatedItems(assertion) => one("unevaluatedItems", schema(assertion)),
        Keyword::Properties(all) => one("properties", by_key(all)),
        Keyword::PatternProperties(all) => {
            let members = all.iter();
            let members = members.map(|(regex, one)| (regex.source.clone(), schema(one)));
            one("patternProperties", Json::Object(members.collect()))
        }
        Keyword::AdditionalProperties { assertion, .. } => {
            one("additionalProperties", schema(assertion))
        }
        Keyword::PropertyNames(assertion) => one("propertyNames", schema(assertion)),
        Keyword::DependentSchemas(all) => one("dependentSchemas", by_key(all)),
        Keyword::UnevaluatedProperties(assertion) => {
            one("unevaluatedProperties", schema(assertion))
        }
        Keyword::AllOf(all) => one("allOf", schemas(all)),
        Keyword::AnyOf(all) => one("anyOf", schemas(all)),
        Keyword::OneOf(all) => one("oneOf", schemas(all)),
        Keyword::Not(assertion) => one("not", schema(assertion)),
        Keyword::If {
            condition,
            then,
            otherwise,
        } => {
            let parts = [("then", then), ("else", otherwise)];
            let parts = parts
                .into_iter()
                .filter_map(|(key, part)| Some((key.to_owned(), schema(part.as_deref()?))));
            one("if", schema(condition))
                .into_iter()
                .chain(parts)
                .collect()
        }
        Keyword::Ref(name) => one("$ref", json!(reference(protocol, name))),
        Keyword::DynamicRef { anchor, assertion } => {
            let target = reference(protocol, assertion);
            let base = target.split('#').next().unwrap_or_default();
            one("$dynamicRef", json!(format!("{base}#{anchor}")))
        }
        keyword => scalar(keyword),
    }
}

/// A keyword without assertions as a member of a schema.
fn scalar(keyword: &Keyword) -> Vec<(String, Json)> {
    let (key, value) = match keyword {
        Keyword::Type(types) => ("type", json!(types)),
        Keyword::Const(value) => ("const", value.clone()),
        Keyword::Enum(values) => ("enum", json!(values)),
        Keyword::Minimum(limit) => ("minimum", number(limit)),
        Keyword::Maximum(limit) => ("maximum", number(limit)),
        Keyword::ExclusiveMinimum(limit) => ("exclusiveMinimum", number(limit)),
        Keyword::ExclusiveMaximum(limit) => ("exclusiveMaximum", number(limit)),
        Keyword::MultipleOf(divisor) => ("multipleOf", number(divisor)),
        Keyword::MinLength(least) => ("minLength", json!(least)),
        Keyword::MaxLength(most) => ("maxLength", json!(most)),
        Keyword::Pattern(regex) => ("pattern", json!(regex.source)),
        Keyword::Format(format) => ("format", json!(format)),
        Keyword::MinItems(least) => ("minItems", json!(least)),
        Keyword::MaxItems(most) => ("maxItems", json!(most)),
        Keyword::UniqueItems => ("uniqueItems", json!(true)),
        Keyword::Required(names) => ("required", json!(names)),
        Keyword::MinProperties(least) => ("minProperties", json!(least)),
        Keyword::MaxProperties(most) => ("maxProperties", json!(most)),
        Keyword::DependentRequired(dependents) => {
            let members = dependents.iter();
            let members = members.map(|(key, names)| (key.clone(), json!(names)));
            ("dependentRequired", Json::Object(members.collect()))
        }
        _ => return Vec::new(),
    };
    vec![(key.to_owned(), value)]
}

/// A number in the notation of the schema.
fn number(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or(Json::Null)
}
