//! Names of assertions: unique, and derived from the place of the schema.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::model::Name;
use crate::read::{Node, steps};

/// The names in use, each with the first suffix that may be free.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, u32>);

impl Names {
    /// A name that is not in use: this name, if necessary with a number as its suffix.
    pub(super) fn unique(&mut self, name: Name) -> Name {
        let wanted = name.snake();
        let Some(mut suffix) = self.0.get(&wanted).copied() else {
            self.0.insert(wanted, 2);
            return name;
        };
        loop {
            let numbered = name.with(&suffix.to_string());
            suffix += 1;
            if let Entry::Vacant(free) = self.0.entry(numbered.snake()) {
                free.insert(2);
                self.0.insert(wanted, suffix);
                return numbered;
            }
        }
    }
}

/// A name for the schema at a place: the name of the definition, or the name of the document and the keys after it.
pub(super) fn of(node: &Node<'_>) -> Name {
    let steps: Vec<String> = steps(&node.pointer).collect();
    let title = node.json.get("title").and_then(|title| title.as_str());
    match (&steps[..], title) {
        ([.., holder, key], _) if holder == "$defs" || holder == "definitions" => Name::of(key),
        ([], Some(title)) => Name::from_pascal(title).unwrap_or_else(|| document(node.file)),
        ([], None) => document(node.file),
        _ => {
            let told = steps
                .iter()
                .filter(|step| !matches!(&***step, "$defs" | "definitions"));
            told.fold(document(node.file), |name, step| name.join(&words(step)))
        }
    }
}

/// The words of a key. A word after the first may start with a digit.
fn words(key: &str) -> Name {
    let digits = key.starts_with(|c: char| c.is_ascii_digit());
    if digits && key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Name::new(vec![key.to_ascii_lowercase()])
    } else {
        Name::of(key)
    }
}

/// The name of a document: its file name without folder and extension.
fn document(file: &str) -> Name {
    let file = file.rsplit('/').find(|part| !part.is_empty());
    let file = file.unwrap_or("assertion");
    Name::of(file.strip_suffix(".json").unwrap_or(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_repeated_get_the_next_free_suffix() {
        let mut names = Names::default();
        let mut check = |wanted: &str, expected: &str| {
            assert_eq!(
                names.unique(Name::of(wanted)).snake(),
                Name::of(expected).snake()
            );
        };
        check("reply", "reply");
        check("reply_3", "reply_3");
        check("reply", "reply_2");
        check("reply", "reply_4");
        check("reply_3", "reply_3_2");
    }
}
