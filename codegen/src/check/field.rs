//! Fields, enumeration values and variants: each name is unique in its type.

use std::collections::{HashMap, HashSet};

use super::Index;
use super::names::repeated;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Shape, Struct, Tagging, TypeDef, Union};

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    for ty in &index.protocol.types {
        match &ty.shape {
            Shape::Struct(shape) => fields(shape, out),
            Shape::Enum(values) => {
                let values = values.iter();
                let texts: Vec<_> = values.map(|value| (&*value.text, &value.name)).collect();
                variants(ty, "values", &texts, out);
            }
            // The tags of an untagged union are JSON types.
            Shape::Union(union) if union.tagging == Tagging::Untagged => {
                names(
                    ty,
                    "branches",
                    union.variants.iter().map(|one| &one.name),
                    out,
                );
            }
            Shape::Union(Union { variants: all, .. }) => {
                let texts: Vec<_> = all.iter().map(|one| (&*one.tag, &one.name)).collect();
                variants(ty, "branches", &texts, out);
            }
            Shape::Text(_) | Shape::Integer(_) | Shape::Number(_) | Shape::Alias(_) => {}
        }
    }
}

fn fields(shape: &Struct, out: &mut Diagnostics) {
    let mut names: HashMap<String, &str> = HashMap::new();
    for field in &shape.fields {
        match names.get(&*field.name.pascal()) {
            Some(other) => {
                let message = format!(
                    "the keys {} and {} have the same field name `{}`",
                    quoted(other),
                    quoted(&field.key),
                    field.name
                );
                let help = "set another name for one of the two with `title`";
                out.report(Code::DuplicateName, field.source.clone(), message, help);
            }
            None => drop(names.insert(field.name.pascal(), &field.key)),
        }
    }
}

fn names<'n>(ty: &TypeDef, what: &str, all: impl Iterator<Item = &'n Name>, out: &mut Diagnostics) {
    if let Some(names) = repeated(all) {
        let message = format!("two {what} have the same name in code: {names}");
        let help = "rename one of the two; case and separators do not tell names apart";
        out.report(Code::DuplicateName, ty.source.clone(), message, help);
    }
}

fn variants(ty: &TypeDef, what: &str, texts: &[(&str, &Name)], out: &mut Diagnostics) {
    let mut seen = HashSet::new();
    if let Some((text, _)) = texts.iter().find(|(text, _)| !seen.insert(text)) {
        let message = format!("two {what} are {}", quoted(text));
        let help = "remove one of the two";
        out.report(Code::DuplicateEntry, ty.source.clone(), message, help);
    } else {
        names(ty, what, texts.iter().map(|(_, name)| *name), out);
    }
    // An open type has a variant for values of newer peers.
    let is_unknown = |(_, name): &&(&str, &Name)| ty.open && name.pascal() == "Unknown";
    if let Some((text, _)) = texts.iter().find(is_unknown) {
        let message = format!(
            "{} has the name of the variant for unknown values, `Unknown`",
            quoted(text)
        );
        let help = "choose another text, or make it a string with a `pattern`";
        out.report(Code::ReservedName, ty.source.clone(), message, help);
    }
}
