//! Members of types: each field, value and variant has a name of its own in its type.

use std::collections::HashMap;

use super::taken::folded;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Shape, Source, TypeDef, Union};
use crate::target;

/// The variant of open types for values of newer peers.
const UNKNOWN: &str = "Unknown";

/// Gives another name to each member whose name another member of the type has, or no language can have.
pub(super) fn rename(types: &mut [TypeDef], out: &mut Diagnostics) {
    for ty in types {
        let mut members = Members::default();
        let source = &ty.source;
        match &mut ty.shape {
            Shape::Struct(shape) => {
                for field in &mut shape.fields {
                    members.rename(&field.key, &mut field.name, &field.source, out);
                }
            }
            Shape::Enum(values) => {
                for value in values {
                    avoid_reserved(&mut value.name, ty.open);
                    members.rename(&value.text, &mut value.name, source, out);
                }
            }
            Shape::Union(Union { variants, .. }) => {
                for variant in variants {
                    avoid_reserved(&mut variant.name, ty.open);
                    members.rename(&variant.tag, &mut variant.name, &variant.source, out);
                }
            }
            Shape::Text(_) | Shape::Integer(_) | Shape::Number(_) | Shape::Alias(_) => {}
        }
    }
}

/// Appends a word to the name of a variant that is a keyword, or that is the name of an open type's own variant.
fn avoid_reserved(name: &mut Name, open: bool) {
    let pascal = name.pascal();
    if target::reserved_variants().any(|word| word == pascal) || open && pascal == UNKNOWN {
        *name = name.with("value");
    }
}

/// The names of the members of a type, with their keys.
#[derive(Default)]
struct Members(HashMap<String, String>);

impl Members {
    /// Takes the name of a member, or the name with the first number that makes it free.
    fn rename(&mut self, key: &str, name: &mut Name, source: &Source, out: &mut Diagnostics) {
        let wanted = name.clone();
        let mut number = 2;
        while self.0.get(&folded(name)).is_some_and(|other| other != key) {
            *name = wanted.with(&number.to_string());
            number += 1;
        }
        if *name != wanted {
            let other = &self.0[&folded(&wanted)];
            let message = format!(
                "{} and {} have the same name in code, so {} is `{name}`",
                quoted(other),
                quoted(key),
                quoted(key)
            );
            let help = "set another name for one of the two with `title`";
            out.report(Code::RenamedItem, source.clone(), message, help);
        }
        self.0.insert(folded(name), key.to_owned());
    }
}
