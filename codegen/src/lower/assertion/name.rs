//! Names of assertions: unique, and such that a reader finds the schema.

use std::collections::HashSet;

use crate::model::Name;
use crate::read::{Node, steps};

/// The names that are given away.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// A name that nothing has yet: this one, or this one with a number.
    pub(super) fn unique(&mut self, name: Name) -> Name {
        let numbered = (2_u32..).map(|number| name.with(&number.to_string()));
        let mut candidates = std::iter::once(name.clone()).chain(numbered);
        let free = candidates.find(|name| self.0.insert(name.snake()));
        free.unwrap_or(name)
    }
}

/// A name for the schema at a place: that of the definition, or that of the document and what follows.
pub(super) fn of(node: &Node<'_>) -> Name {
    let steps: Vec<String> = steps(&node.pointer).collect();
    let title = node.json.get("title").and_then(|title| title.as_str());
    let name = match (&steps[..], title) {
        ([.., holder, key], _) if holder == "$defs" || holder == "definitions" => word(key),
        ([], Some(title)) => Name::from_pascal(title).or_else(|| document(node.file)),
        ([], None) => document(node.file),
        _ => {
            let told = steps
                .iter()
                .filter(|step| !matches!(&***step, "$defs" | "definitions"));
            let words = told.flat_map(|step| words(step));
            document(node.file).map(|name| {
                let words = name.words().iter().cloned().chain(words);
                Name::new(words.collect())
            })
        }
    };
    name.unwrap_or_else(|| Name::new(vec!["assertion".to_owned()]))
}

/// The name of a document: its file's, without folder and ending.
fn document(file: &str) -> Option<Name> {
    let file = file.rsplit('/').find(|part| !part.is_empty())?;
    word(file.strip_suffix(".json").unwrap_or(file))
}

/// What a key is called, if a name may start so.
fn word(key: &str) -> Option<Name> {
    let words = words(key);
    let starts = words
        .first()?
        .starts_with(|c: char| c.is_ascii_alphabetic());
    starts.then(|| Name::new(words))
}

/// The words of any text.
fn words(text: &str) -> Vec<String> {
    Name::spelt(text).words()[1..].to_vec()
}
