//! Assertions that schemas are lowered to, and the diagnostics of invalid schemas.

use natsgen::model::{AssertionDef, Protocol};
use natsgen::{Diagnostics, Formats, Language, Schemas, Severity, compile};
use serde_json::{Value as Json, json};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const DRAFT_07: &str = "http://json-schema.org/draft-07/schema#";
/// The document with the tested types.
const THINGS: &str = "types/thing.json";

/// Compiles documents together with a manifest.
fn compiled(documents: &[(&str, Json)], formats: Formats) -> Result<Protocol, Diagnostics> {
    let manifest = json!({
        "name": "things",
        "version": "1.0.0",
        "description": "Things.",
        "prefix": "acme.things",
        "roles": { "maker": { "description": "Makes things." } },
    });
    let mut texts = vec![("manifest.json", manifest.to_string())];
    texts.extend(
        documents
            .iter()
            .map(|(path, json)| (*path, json.to_string())),
    );
    compile(&Schemas::from_texts(texts).formats(formats)).map(|(protocol, _)| protocol)
}

/// A document with the type `Thing`. Only an assertion can express its schema: `not` with the given schema.
fn thing(dialect: &str, schema: &Json) -> Json {
    let schema = json!({ "description": "A thing.", "not": schema });
    json!({ "$schema": dialect, "$defs": { "Thing": schema } })
}

/// The assertion of `Thing`, and all assertions.
fn judged(protocol: &Protocol) -> (Json, &[AssertionDef]) {
    let mut named = protocol.assertions.iter();
    let thing = named
        .find(|def| def.name.snake() == "thing")
        .expect("a thing has an assertion");
    let assertion = json!(thing.assertion);
    (assertion[0]["not"].clone(), &protocol.assertions)
}

/// The errors without the warnings.
fn errors(wrong: &Diagnostics) -> String {
    let errors = wrong.as_slice().iter();
    let errors = errors.filter(|found| found.severity == Severity::Error);
    let lines: Vec<String> = errors.map(ToString::to_string).collect();
    lines.join("\n")
}

/// Checks the keywords that a schema is lowered to.
fn check(dialect: &str, schema: &Json, expected: &Json) {
    let documents = [(THINGS, thing(dialect, schema))];
    let protocol = compiled(&documents, Formats::Assert).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(&judged(&protocol).0, expected, "{schema}");
}

/// Checks the errors of a schema.
fn refuse(dialect: &str, schema: &Json, expected: &str) {
    let documents = [(THINGS, thing(dialect, schema))];
    let reported = match compiled(&documents, Formats::Assert) {
        Ok(protocol) => json!(protocol.assertions).to_string(),
        Err(wrong) => errors(&wrong),
    };
    let reported = reported.replace("schema/types/thing.json#/$defs/Thing/not", "");
    assert_eq!(reported, expected, "{schema}");
}

#[path = "assertion/keyword.rs"]
mod keyword;
#[path = "assertion/pattern.rs"]
mod pattern;
#[path = "assertion/reference.rs"]
mod reference;
#[path = "assertion/wrong.rs"]
mod wrong;
