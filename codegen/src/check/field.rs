//! Enumeration values and variants: each text is unique in its type.

use std::collections::HashSet;

use super::Index;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Shape, Tagging, TypeDef, Union};

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    for ty in &index.protocol.types {
        match &ty.shape {
            Shape::Enum(values) => {
                let values = values.iter();
                let texts: Vec<_> = values.map(|value| &*value.text).collect();
                distinct(ty, "values", &texts, out);
            }
            // The tags of an untagged union are JSON types.
            Shape::Union(union) if union.tagging == Tagging::Untagged => {}
            Shape::Union(Union { variants: all, .. }) => {
                let texts: Vec<_> = all.iter().map(|one| &*one.tag).collect();
                distinct(ty, "branches", &texts, out);
            }
            Shape::Struct(_)
            | Shape::Text(_)
            | Shape::Integer(_)
            | Shape::Number(_)
            | Shape::Alias(_) => {}
        }
    }
}

fn distinct(ty: &TypeDef, what: &str, texts: &[&str], out: &mut Diagnostics) {
    let mut seen = HashSet::new();
    if let Some(text) = texts.iter().find(|text| !seen.insert(**text)) {
        let message = format!("two {what} are {}", quoted(text));
        let help = "remove one of the two";
        out.report(Code::DuplicateEntry, ty.source.clone(), message, help);
    }
}
