//! Schema documents, and the targets of their references.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use natsgen::internal::{AppliesTo, References, applies_to, whole};
use natsgen::model::Source;

/// All documents of a schema directory.
pub(super) struct Documents<'s> {
    parsed: &'s BTreeMap<&'s str, Option<Json>>,
    references: References<'s>,
}

/// A schema with its document.
#[derive(Clone, Copy)]
pub(super) struct Schema<'s> {
    documents: &'s Documents<'s>,
    file: &'s str,
    json: &'s Json,
}

impl<'s> Documents<'s> {
    pub(super) fn new(parsed: &'s BTreeMap<&'s str, Option<Json>>) -> Self {
        let references = References::new(parsed);
        Self { parsed, references }
    }

    /// The schema at a place.
    pub(super) fn at(&'s self, source: &Source) -> Option<Schema<'s>> {
        let (file, document) = self.parsed.get_key_value(&*source.file)?;
        Some(Schema {
            documents: self,
            file,
            json: document.as_ref()?.pointer(&source.pointer)?,
        })
    }
}

impl<'s> Schema<'s> {
    /// The keywords of the schema. Returns `None` for `true` and `false`.
    pub(super) fn keywords(self) -> Option<&'s Map<String, Json>> {
        self.json.as_object()
    }

    /// The value of a keyword.
    pub(super) fn get(self, keyword: &str) -> Option<&'s Json> {
        self.json.get(keyword)
    }

    /// Whether this is the schema `false`.
    pub(super) fn is_false(self) -> bool {
        *self.json == Json::Bool(false)
    }

    /// Whether the schema allows every value: `true`, or no assertion.
    pub(super) fn allows_any(self) -> bool {
        *self.json == Json::Bool(true) || self.json.is_object() && self.assertions().is_empty()
    }

    /// The keywords that constrain values.
    pub(super) fn assertions(self) -> Vec<&'s str> {
        let keywords = self.keywords().into_iter().flatten();
        let keys = keywords.map(|(key, _)| key.as_str());
        keys.filter(|key| *key != "sensitive" && applies_to(key) != Some(AppliesTo::Nothing))
            .collect()
    }

    /// The identity of the schema: distinct for each schema in the documents.
    pub(super) fn identity(self) -> *const Json {
        self.json
    }

    /// A schema inside the document of this schema.
    fn with(self, json: &'s Json) -> Self {
        Self { json, ..self }
    }

    /// The schema under a keyword.
    pub(super) fn subschema(self, keyword: &str) -> Option<Self> {
        let json = self.get(keyword)?;
        (json.is_object() || json.is_boolean()).then(|| self.with(json))
    }

    /// The schemas in the array under a keyword.
    pub(super) fn list(self, keyword: &str) -> Vec<Self> {
        let list = self.get(keyword).and_then(Json::as_array);
        list.into_iter()
            .flatten()
            .map(|json| self.with(json))
            .collect()
    }

    /// The schemas in the object under a keyword.
    pub(super) fn map(self, keyword: &str) -> Vec<(&'s str, Self)> {
        let map = self.get(keyword).and_then(Json::as_object);
        let members = map.into_iter().flatten();
        members
            .map(|(key, json)| (key.as_str(), self.with(json)))
            .collect()
    }

    /// The strings in the array under a keyword, or the single string.
    pub(super) fn texts(self, keyword: &str) -> Vec<&'s str> {
        match self.get(keyword) {
            Some(Json::String(text)) => vec![text],
            Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The values in the array under a keyword.
    pub(super) fn values(self, keyword: &str) -> impl Iterator<Item = &'s Json> {
        self.get(keyword)
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
    }

    /// The only values allowed, each with the keyword that lists it.
    pub(super) fn constants(self) -> Vec<(&'static str, &'s Json)> {
        let constant = self.get("const").map(|value| ("const", value));
        let values = self.values("enum").map(|value| ("enum", value));
        constant.into_iter().chain(values).collect()
    }

    /// The number of characters, items or members under a keyword.
    pub(super) fn count(self, keyword: &str) -> Option<usize> {
        usize::try_from(whole(self.get(keyword)?)?).ok()
    }

    /// The target of `$ref` or `$dynamicRef`.
    pub(super) fn target(self) -> Option<Self> {
        let reference = self
            .get("$ref")
            .or_else(|| self.get("$dynamicRef"))?
            .as_str()?;
        let target = self.documents.references.target(self.file, reference);
        let (file, pointer) = target?;
        let file = file.to_owned();
        self.documents.at(&Source { file, pointer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use natsgen::{Schemas, internal};

    #[test]
    fn reference_resolves_to_pointers_and_anchors() {
        let schemas = Schemas::from_texts([
            (
                "a.json",
                r##"{"$defs": {"X": {"$ref": "t/b.json#/$defs/Y"}, "Z": {"$ref": "#z"}, "W": {"$anchor": "z", "title": "w"}}}"##,
            ),
            (
                "t/b.json",
                r#"{"$id": "https://example.com/b", "$defs": {"Y": {"title": "y"}}}"#,
            ),
        ]);
        let parsed = internal::documents(&schemas);
        let documents = Documents::new(&parsed);
        let check = |key: &str, expected: &str| {
            let source = Source {
                file: "a.json".to_owned(),
                pointer: format!("/$defs/{key}"),
            };
            let target = documents.at(&source).and_then(Schema::target);
            assert_eq!(
                target
                    .and_then(|target| target.get("title"))
                    .and_then(Json::as_str),
                Some(expected)
            );
        };
        check("X", "y");
        check("Z", "w");
    }
}
