//! The Rust types of the manifest and of `x-nats` are those that typify generates from `schema/meta`.
//!
//! `UPDATE_EXPECT=1 cargo test -p natsgen --test meta` writes them, and the copies of the meta-schemas beside them.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Map, Value as Json, json};
use syn::{Attribute, Fields, Item, Meta};
use typify::{TypeSpace, TypeSpaceSettings};

const HEADER: &str = "\
// Generated from schema/meta by `UPDATE_EXPECT=1 cargo test -p natsgen --test meta`; do not edit.

//! The manifest and the members of `x-nats`.

use std::collections::BTreeMap;

use serde::Deserialize;

";
const TARGET: &str = "src/lower/meta";
const FILES: [&str; 2] = ["manifest.json", "operation.json"];
const ALL: [&str; 3] = ["manifest.json", "operation.json", "types.json"];

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// Reads a meta-schema of `schema/meta`.
fn meta_schema(file: &str) -> String {
    fs::read_to_string(path("../schema/meta").join(file)).expect("the meta-schema is readable")
}

/// The definitions of both meta-schemas in one draft-07 document, as typify requires it.
fn definitions() -> Map<String, Json> {
    let mut all = Map::new();
    for file in FILES {
        let document: Json = serde_json::from_str(&meta_schema(file)).expect("JSON");
        let definitions = document["$defs"].as_object().expect("definitions");
        all.extend(definitions.clone());
        if file == "manifest.json" {
            let mut root = document.clone();
            root["title"] = json!("Manifest");
            all.insert("Manifest".to_owned(), root);
        }
    }
    let objects = all
        .iter()
        .filter(|(_, schema)| schema["type"] == "object" && schema.get("properties").is_some());
    objects
        .map(|(name, schema)| (name.clone(), simplified(schema, &all)))
        .collect()
}

/// A schema without constraints on values: natsgen validates a document before it deserializes it.
fn simplified(schema: &Json, all: &Map<String, Json>) -> Json {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        let target = &all[name];
        if target.get("properties").is_some() {
            return json!({ "$ref": format!("#/definitions/{name}") });
        }
        let mut target = simplified(target, all);
        if let Some(description) = schema.get("description") {
            target["description"] = description.clone();
        }
        return target;
    }
    if let Some(constant) = schema.get("const") {
        return json!({ "type": "string", "description": format!("Always `{}`.", constant.as_str().unwrap_or_default()) });
    }
    let mut simple = json!({});
    for key in [
        "type",
        "description",
        "required",
        "minimum",
        "maximum",
        "default",
    ] {
        if let Some(value) = schema.get(key) {
            simple[key] = value.clone();
        }
    }
    if schema.get("enum").is_some() {
        simple["type"] = json!("string");
    }
    if let Some(properties) = schema["properties"].as_object() {
        let properties = properties.iter();
        simple["properties"] = properties
            .map(|(key, schema)| (key.clone(), simplified(schema, all)))
            .collect();
    }
    match &schema["additionalProperties"] {
        Json::Null => {}
        Json::Bool(additional) => simple["additionalProperties"] = json!(additional),
        schema => simple["additionalProperties"] = simplified(schema, all),
    }
    if let Some(items) = schema.get("items") {
        simple["items"] = simplified(items, all);
    }
    simple
}

/// The structs that typify generates, without its implementations of traits.
fn generated() -> String {
    let document = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": definitions(),
    });
    let document = serde_json::from_value(document).expect("a draft-07 schema");
    let mut settings = TypeSpaceSettings::default();
    settings.with_map_type("BTreeMap");
    let mut space = TypeSpace::new(&settings);
    space.add_root_schema(document).expect("typify accepts it");
    let mut file: syn::File = syn::parse2(space.to_stream()).expect("typify generates Rust");
    file.items.retain(|item| matches!(item, Item::Struct(_)));
    for item in &mut file.items {
        let Item::Struct(item) = item else { continue };
        item.vis = syn::parse_quote!(pub(crate));
        item.attrs.retain(is_kept);
        item.attrs.iter_mut().for_each(shorten);
        let derive = syn::parse_quote!(#[derive(Debug, Deserialize)]);
        item.attrs.insert(1, derive);
        if let Fields::Named(fields) = &mut item.fields {
            for field in &mut fields.named {
                field.vis = syn::parse_quote!(pub(crate));
                field.attrs.iter_mut().for_each(shorten);
                field.attrs.retain(is_kept);
            }
        }
    }
    let source = prettyplease::unparse(&file);
    let source = source
        .replace("::std::string::", "")
        .replace("::std::option::", "")
        .replace("::std::vec::", "");
    HEADER.to_owned() + &source
}

/// Whether an attribute is for deserializing: typify also writes attributes for serializing.
fn is_kept(attribute: &Attribute) -> bool {
    !attribute.path().is_ident("derive")
}

/// Removes the schema that typify repeats in the documentation, and the attributes for serializing.
fn shorten(attribute: &mut Attribute) {
    if let Meta::NameValue(meta) = &attribute.meta
        && let syn::Expr::Lit(literal) = &meta.value
        && let syn::Lit::Str(text) = &literal.lit
    {
        let text = text.value();
        let text = text.split("\n\n<details>").next().unwrap_or_default();
        let text = format!(" {}", text.trim());
        let text = if text.trim().is_empty() {
            " A part of the document.".to_owned()
        } else {
            text
        };
        *attribute = syn::parse_quote!(#[doc = #text]);
    }
    let source = attribute.clone();
    if attribute.path().is_ident("serde") {
        let tokens = quote::quote!(#source).to_string();
        if tokens.contains("\"$schema\"") {
            *attribute = syn::parse_quote!(#[serde(rename = "$schema", default)]);
        } else if tokens.contains("skip_serializing_if") {
            *attribute = syn::parse_quote!(#[serde(default)]);
        }
    }
}

#[test]
fn meta_schemas_and_their_types_are_up_to_date() {
    let mut expected = vec![("types.rs", generated())];
    expected.extend(FILES.map(|file| (file, meta_schema(file))));
    for (file, text) in expected {
        let path = path(TARGET).join(file);
        if env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&path, &text).expect("the file is writable");
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == text,
            "{} is out of date: run `UPDATE_EXPECT=1 cargo test -p natsgen --test meta`",
            path.display()
        );
    }
}

#[test]
fn meta_schemas_need_no_other_document() {
    let mut shared: Map<String, Json> = Map::new();
    for file in ALL {
        let text = meta_schema(file);
        let local = text.matches("\"$ref\": \"#/$defs/").count();
        let draft_07 = text.matches("\"$ref\": \"http://json-schema.org/draft-07/schema#\"");
        let all = text.matches("\"$ref\": \"").count();
        assert_eq!(all, local + draft_07.count(), "{file}");
        let document: Json = serde_json::from_str(&text).expect("JSON");
        for (name, definition) in document["$defs"].as_object().expect("definitions") {
            let first = shared.entry(name).or_insert_with(|| definition.clone());
            assert_eq!(
                first, definition,
                "{name} in {file} differs from another file"
            );
        }
    }
}

#[test]
fn meta_schema_lists_the_supported_keywords() {
    let document: Json = serde_json::from_str(&meta_schema("types.json")).expect("JSON");
    let keywords = document["$defs"]["Schema"]["properties"].as_object();
    for keyword in keywords.expect("keywords").keys() {
        assert!(
            natsgen::internal::applies_to(keyword).is_some(),
            "{keyword}"
        );
    }
}
