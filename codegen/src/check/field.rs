//! Fields, values of enumerations and variants: each has a name of its own that code can use.

use std::collections::{HashMap, HashSet};

use super::Index;
use super::names::twice;
use crate::diagnostic::{Diagnostics, quoted};
use crate::model::{AdditionalMembers, Name, Shape, Struct, TypeDef, Union};
use crate::reserved;

/// What the map of members that are not fields is called.
const REST: &str = "fields";

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    for ty in &index.protocol.types {
        match &ty.shape {
            Shape::Struct(shape) => fields(shape, out),
            Shape::Enum(values) => {
                let texts: Vec<(&str, &Name)> = values
                    .iter()
                    .map(|value| (&*value.text, &value.name))
                    .collect();
                variants(ty, "values", &texts, out);
            }
            Shape::Union(Union {
                variants: variants_of,
                ..
            }) => {
                let texts: Vec<(&str, &Name)> = variants_of
                    .iter()
                    .map(|one| (&*one.tag, &one.name))
                    .collect();
                variants(ty, "branches", &texts, out);
            }
            Shape::Text(_) | Shape::Integer(_) | Shape::Number(_) | Shape::Alias(_) => {}
        }
    }
}

fn fields(shape: &Struct, out: &mut Diagnostics) {
    let mut names: HashMap<String, &str> = HashMap::new();
    for field in &shape.fields {
        let languages = reserved::of_field(&field.name);
        if !languages.is_empty() {
            let message = format!(
                "no field can be called `{}`: it is a keyword of {}",
                field.name,
                languages.join(" and ")
            );
            let help = "give it another name by `title`, e.g. `\"title\": \"event type\"`; the key stays as it is";
            out.error(field.source.clone(), message, help);
        }
        if matches!(shape.additional, AdditionalMembers::Flatten(_)) && field.name.snake() == REST {
            let message = "generated code calls the members beside the fields `fields`";
            let help = "give the field another name by `title`";
            out.error(field.source.clone(), message, help);
        }
        match names.get(&*field.name.pascal()) {
            Some(other) => {
                let message = format!(
                    "the keys {} and {} give one name, `{}`",
                    quoted(other),
                    quoted(&field.key),
                    field.name
                );
                out.error(
                    field.source.clone(),
                    message,
                    "let the two differ in more than case and separators",
                );
            }
            None => drop(names.insert(field.name.pascal(), &field.key)),
        }
    }
}

fn variants(ty: &TypeDef, what: &str, texts: &[(&str, &Name)], out: &mut Diagnostics) {
    let mut seen = HashSet::new();
    if let Some((text, _)) = texts.iter().find(|(text, _)| !seen.insert(text)) {
        out.error(
            ty.source.clone(),
            format!("two {what} are {}", quoted(text)),
            "remove one of the two",
        );
    } else if let Some(names) = twice(texts.iter().map(|(_, name)| *name)) {
        let help = "write texts that differ in more than case and separators";
        out.error(
            ty.source.clone(),
            format!("two {what} give one name: {names}"),
            help,
        );
    }
    let own = |name: &str| name == "Self" || ty.open && name == "Unknown";
    if let Some((text, name)) = texts.iter().find(|(_, name)| own(&name.pascal())) {
        let message = format!(
            "{} would be called `{}`, which generated code uses",
            quoted(text),
            name.pascal()
        );
        let help = "choose another text, or make it a string with a `pattern`";
        out.error(ty.source.clone(), message, help);
    }
}
