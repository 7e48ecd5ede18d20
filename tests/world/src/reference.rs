//! The reference validator of a family: the `jsonschema` crate.

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value as Json, json};

use crate::Failure;
use crate::family::Compiled;

/// The base URI of schemas without `$id`.
const BASE: &str = "world:///";

/// The reference validator of a family. Formats are asserted, as natsgen does.
///
/// # Errors
/// If the reference validator refuses the schemas.
pub(crate) fn validator(compiled: &Compiled<'_>) -> Result<Validator, Failure> {
    let mut registry = Registry::new().draft(Draft::Draft202012);
    let mut root = String::new();
    let files = compiled.family.schemas.iter();
    for (index, (file, text)) in files.zip(&compiled.texts).enumerate() {
        let file = file.rsplit('/').next().unwrap_or_default();
        let document: Json = serde_json::from_str(text)?;
        let id = document.get("$id").or_else(|| document.get("id"));
        let id = id.and_then(Json::as_str).filter(|id| id.contains(':'));
        let uri = id.map_or_else(|| format!("{BASE}{file}"), str::to_owned);
        let uri = uri.trim_end_matches('#').to_owned();
        if index == 0 {
            root.clone_from(&uri);
        }
        registry = registry.add(uri, document)?;
    }
    let registry = registry.prepare()?;
    let dialect = compiled.dialect();
    let draft = Draft::Draft202012;
    let draft = draft.detect(&json!({ "$schema": dialect }));
    Ok(jsonschema::options()
        .with_draft(draft)
        .with_registry(&registry)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .build(&json!({ "$ref": root }))?)
}
