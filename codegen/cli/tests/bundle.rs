//! Tests of bundles: a bundle accepts the same documents as the schemas, and contains local references only.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use natsgen::model::{Protocol, TypeDef};
use natsgen::{BundleError, BundleForm, Bundler, Schemas};
use natsgen_vectors::{Corpus, Invalid, Valid};
use serde_json::{Value as Json, json};

const FORMS: [BundleForm; 2] = [BundleForm::Faithful, BundleForm::Strict];

fn root(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(relative)
}

/// The bundle of the whole protocol.
fn bundle(schemas: &Schemas, protocol: &Protocol, form: BundleForm) -> Result<Json, BundleError> {
    let text = Bundler::new(schemas, protocol, form).protocol(None)?;
    Ok(serde_json::from_str(&text).expect("a bundle is JSON"))
}

fn validator(bundle: &Json) -> Validator {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(bundle).expect("a bundle is a schema")
}

/// The corpora below a directory.
fn corpora(directory: &Path) -> Vec<Corpus> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("the directory is readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(corpora(&path));
        } else {
            let text = fs::read_to_string(&path).expect("the corpus is readable");
            found.push(serde_json::from_str(&text).expect("a corpus"));
        }
    }
    found
}

/// The type of a corpus.
fn type_of<'p>(protocol: &'p Protocol, corpus: &Corpus) -> &'p TypeDef {
    let place = |def: &&TypeDef| format!("{}#{}", def.source.file, def.source.pointer);
    let mut types = protocol.types.iter();
    let found = types.find(|def| place(def) == corpus.schema);
    found.expect("the corpus has a type")
}

#[test]
fn bundle_accepts_and_refuses_the_corpora() {
    let mut documents = 0;
    for (directory, corpus) in [
        ("schema", "varpulis"),
        ("tests/keyvalue/schema", "keyvalue"),
    ] {
        let schemas = Schemas::read_dir(root(directory)).expect("the schemas are readable");
        let (protocol, _) = natsgen::compile(&schemas).expect("the schemas are valid");
        let validators = FORMS.map(|form| {
            let bundle = bundle(&schemas, &protocol, form).expect("a bundle");
            for keyword in ["x-nats", "x-unit", "sensitive"] {
                let member = format!("\"{keyword}\":");
                // Programs that show messages read this one.
                let may_stand = keyword == "sensitive" && form == BundleForm::Faithful;
                let stands = bundle.to_string().contains(&member);
                assert!(may_stand || !stands, "{keyword}");
            }
            validator(&bundle)
        });
        for corpus in corpora(&root("tests/vectors/corpus").join(corpus)) {
            let member = type_of(&protocol, &corpus).name.snake();
            let valid = corpus.valid.iter().map(|case| (Valid::full(case), true));
            let invalid = corpus.invalid.iter();
            let invalid = invalid.map(|case| (Invalid::full(case), false));
            for (document, expected) in valid.chain(invalid) {
                documents += 1;
                let document = json!({ &member: document });
                for validator in &validators {
                    let found = validator.is_valid(&document);
                    assert_eq!(found, expected, "{}: {document:.200}", corpus.message);
                }
            }
        }
    }
    assert!(documents > 7_000, "{documents} documents");
}

/// The schemas of a small protocol with these documents beside its own.
fn schemas(documents: &[(&str, &Json)]) -> Schemas {
    let base = [
        "manifest.json",
        "lamp/dim.json",
        "panel/glow.json",
        "types/lamp.json",
    ];
    let base = base.map(|path| {
        let text = fs::read_to_string(root("tests/invalid/base").join(path));
        (path.to_owned(), text.expect("the base is readable"))
    });
    let own = documents
        .iter()
        .map(|(path, json)| ((*path).to_owned(), json.to_string()));
    Schemas::from_texts(base.into_iter().chain(own))
}

/// The definitions of the bundle of a small protocol.
fn definitions(documents: &[(&str, &Json)], form: BundleForm) -> Result<Json, BundleError> {
    let schemas = schemas(documents);
    let (protocol, _) = natsgen::compile(&schemas).expect("the schemas are valid");
    bundle(&schemas, &protocol, form).map(|mut bundle| bundle["$defs"].take())
}

#[test]
fn bundle_in_strict_form_suits_strict_tools() {
    let odd = json!({
        "$schema": "../meta/types.json", "title": "Odd", "description": "Odd types.",
        "$defs": {
            "Choice": { "description": "A choice.", "oneOf": [{ "const": "a", "description": "First." }, { "const": "b" }] },
            "Wide": { "description": "A number.", "type": "integer", "format": "uint64", "minimum": 0 },
            "Mixed": { "description": "A mixture.", "type": ["string", "integer"], "maxLength": 3, "minimum": 0 },
            "Same": { "description": "The same.", "$ref": "#/$defs/Wide" },
            "Thing": { "description": "A thing.", "type": "object", "properties": {
                "mode": { "title": "Way", "description": "A mode.", "enum": ["x", "y"], "default": "x" },
                "wide": { "description": "How wide.", "$ref": "#/$defs/Wide" } } }
        }
    });
    let documents = [("types/odd.json", &odd)];
    let faithful = definitions(&documents, BundleForm::Faithful).expect("a bundle");
    assert_eq!(
        faithful["Thing"],
        json!({ "title": "Thing", "description": "A thing.", "type": "object", "properties": {
            "mode": { "$ref": "#/$defs/ThingMode", "default": "x" },
            "wide": { "description": "How wide.", "$ref": "#/$defs/Wide" } } })
    );
    assert_eq!(faithful["Wide"]["format"], "uint64");
    let strict = definitions(&documents, BundleForm::Strict).expect("a bundle");
    for (name, expected) in [
        (
            "Choice",
            json!({ "title": "Choice", "description": "A choice.\n\n- `a`: First.", "enum": ["a", "b"], "type": "string" }),
        ),
        (
            "Wide",
            json!({ "title": "Wide", "description": "A number.", "type": "integer", "minimum": 0 }),
        ),
        (
            "Mixed",
            json!({ "title": "Mixed", "description": "A mixture.", "anyOf": [
            { "type": "string", "maxLength": 3 }, { "type": "integer", "minimum": 0 }] }),
        ),
        (
            "Same",
            json!({ "title": "Same", "description": "The same.", "allOf": [{ "$ref": "#/$defs/Wide" }] }),
        ),
        (
            "Thing",
            json!({ "title": "Thing", "description": "A thing.\n\n- `wide`: How wide.", "type": "object", "properties": {
            "mode": { "$ref": "#/$defs/ThingMode", "default": "x" }, "wide": { "$ref": "#/$defs/Wide" } } }),
        ),
        (
            "ThingMode",
            json!({ "title": "ThingMode", "description": "A mode.", "enum": ["x", "y"], "type": "string" }),
        ),
    ] {
        assert_eq!(strict[name], expected, "{name}");
    }
}

#[test]
fn bundle_translates_draft_07_and_other_references() {
    let old = json!({
        "$schema": "http://json-schema.org/draft-07/schema#", "title": "Old", "description": "Old types.",
        "definitions": {
            "Pair": { "description": "A pair.", "type": "array", "items": [{ "type": "string" }, { "$ref": "#/definitions/Size" }],
                      "additionalItems": false },
            "Size": { "description": "A size.", "type": "integer", "minimum": 0 },
            "Open": { "description": "An object.", "type": "object", "dependencies": { "a": ["b"], "c": { "required": ["d"] } } }
        }
    });
    let new = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.com/new.json", "title": "New",
        "description": "New types.",
        "$defs": {
            "Named": { "description": "A text.", "type": "string", "not": { "$ref": "#taboo" } },
            "Taboo": { "$anchor": "taboo", "description": "Not allowed.", "type": "string", "const": "no" },
            "Meta": { "description": "A schema.", "allOf": [{ "$ref": "https://json-schema.org/draft/2020-12/schema" }] },
            "Part": { "description": "Not a number.", "not": { "$ref": "old.json#/definitions/Pair/items/0" } }
        }
    });
    let documents = [("types/old.json", &old), ("types/new.json", &new)];
    let found = definitions(&documents, BundleForm::Faithful).expect("a bundle");
    assert_eq!(
        found["Pair"]["prefixItems"][1],
        json!({ "$ref": "#/$defs/Size" })
    );
    assert_eq!(found["Pair"]["items"], json!(false));
    assert_eq!(found["Open"]["dependentRequired"], json!({ "a": ["b"] }));
    assert_eq!(
        found["Open"]["dependentSchemas"],
        json!({ "c": { "required": ["d"] } })
    );
    assert_eq!(found["Named"]["not"], json!({ "$ref": "#/$defs/Taboo" }));
    assert_eq!(
        found["Meta"]["allOf"][0]["$ref"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    let name = found["Part"]["not"]["$ref"].as_str().expect("a reference");
    let name = name.strip_prefix("#/$defs/").expect("a local reference");
    assert_eq!(found[name], json!({ "title": name, "type": "string" }));
}

#[test]
fn bundle_refuses_dynamic_references() {
    let tree = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Tree", "description": "Trees.",
        "$defs": { "Tree": { "$dynamicAnchor": "node", "description": "A tree.", "type": "array", "maxItems": 9,
                             "items": { "$dynamicRef": "#node" } } }
    });
    let error =
        definitions(&[("types/tree.json", &tree)], BundleForm::Strict).expect_err("an error");
    let text = "types/tree.json#/$defs/Tree/items/$dynamicRef: a bundle cannot hold a `$dynamicRef` with several targets\n  \
                help: write a `$ref` to the schema that applies";
    assert_eq!(error.to_string(), text);
}
