//! The subjects of the operations, as the schemas declare them.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Map, Value as Json, json};

use crate::Error;
use crate::language::root;

/// The subjects by operation, in tokens. A token `{name}` is a parameter.
pub(super) struct Subjects(BTreeMap<String, Vec<String>>);

impl Subjects {
    pub(super) fn read() -> Result<Self, Error> {
        let schema = root().join("schema");
        let manifest: Json =
            serde_json::from_str(&fs::read_to_string(schema.join("manifest.json"))?)?;
        let prefix = manifest["prefix"].as_str().ok_or("no prefix")?;
        let mut subjects = BTreeMap::new();
        for role in ["coordinator", "raft", "worker"] {
            for file in fs::read_dir(schema.join(role))? {
                let file = file?.path();
                let document: Json = serde_json::from_str(&fs::read_to_string(&file)?)?;
                let subject = document["x-nats"]["subject"].as_str().ok_or("no subject")?;
                let subject = subject.replace("{prefix}", prefix);
                let name = file.file_stem().unwrap_or_default().to_string_lossy();
                let tokens = subject.split('.').map(str::to_owned).collect();
                subjects.insert(name.into_owned(), tokens);
            }
        }
        Ok(Self(subjects))
    }

    /// The subject of an operation with these parameters.
    pub(super) fn subject(
        &self,
        operation: &str,
        params: &Map<String, Json>,
    ) -> Result<String, Error> {
        let tokens = self.0.get(operation).ok_or("unknown operation")?;
        let tokens = tokens.iter().map(|token| match parameter(token) {
            None => token.clone(),
            Some(name) => match &params[name] {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            },
        });
        Ok(tokens.collect::<Vec<_>>().join("."))
    }

    /// The operation of a subject, and its parameters as strings.
    pub(super) fn operation(&self, subject: &str) -> Option<(&str, Map<String, Json>)> {
        let found: Vec<&str> = subject.split('.').collect();
        self.0.iter().find_map(|(operation, tokens)| {
            if tokens.len() != found.len() {
                return None;
            }
            let mut params = Map::new();
            for (token, found) in tokens.iter().zip(&found) {
                match parameter(token) {
                    Some(name) => {
                        params.insert(name.to_owned(), json!(found));
                    }
                    None if token == found => {}
                    None => return None,
                }
            }
            Some((operation.as_str(), params))
        })
    }
}

fn parameter(token: &str) -> Option<&str> {
    token.strip_prefix('{')?.strip_suffix('}')
}
