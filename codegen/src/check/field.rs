//! Fields, values of enumerations and variants: each has a name of its own that code can use.

use std::collections::{HashMap, HashSet};

use super::Index;
use super::names::twice;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
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
                "the field name `{}` is a keyword of {}",
                field.name,
                languages.join(" and ")
            );
            let help = "set another name with `title`, e.g. `\"title\": \"event type\"`; the key stays the same";
            out.report(Code::ReservedName, field.source.clone(), message, help);
        }
        if matches!(shape.additional, AdditionalMembers::Flatten(_)) && field.name.snake() == REST {
            let message = "generated code uses the field name `fields` for the additional members";
            let help = "set another name with `title`";
            out.report(Code::ReservedName, field.source.clone(), message, help);
        }
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

fn variants(ty: &TypeDef, what: &str, texts: &[(&str, &Name)], out: &mut Diagnostics) {
    let mut seen = HashSet::new();
    if let Some((text, _)) = texts.iter().find(|(text, _)| !seen.insert(text)) {
        let message = format!("two {what} are {}", quoted(text));
        let help = "remove one of the two";
        out.report(Code::DuplicateEntry, ty.source.clone(), message, help);
    } else if let Some(names) = twice(texts.iter().map(|(_, name)| *name)) {
        let message = format!("two {what} have the same name in code: {names}");
        let help = "rename one of the two; case and separators do not tell names apart";
        out.report(Code::DuplicateName, ty.source.clone(), message, help);
    }
    let own = |name: &str| name == "Self" || ty.open && name == "Unknown";
    if let Some((text, name)) = texts.iter().find(|(_, name)| own(&name.pascal())) {
        let message = format!(
            "generated code uses the name `{1}` of {0}",
            quoted(text),
            name.pascal()
        );
        let help = "choose another text, or make it a string with a `pattern`";
        out.report(Code::ReservedName, ty.source.clone(), message, help);
    }
}
