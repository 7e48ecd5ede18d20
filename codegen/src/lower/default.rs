//! Defaults that an assertion could refuse: their members stay absent, so that a message that was read can be written.

use std::collections::HashSet;

use super::reach::reached;
use crate::model::{Name, Presence, Shape, TypeDef};

/// Makes the members with a default optional in each object whose assertion could depend on them: an object with an
/// assertion of its own, and each object below the types in `searching`. Their descriptions name the default.
pub(super) fn keep_absent(searching: &HashSet<Name>, types: &mut [TypeDef]) {
    let below = reached(types, searching.iter(), |_| true);
    for (ty, below) in types.iter_mut().zip(below) {
        let Shape::Struct(shape) = &mut ty.shape else {
            continue;
        };
        if ty.assertion.is_none() && !below {
            continue;
        }
        for field in &mut shape.fields {
            let Presence::Default(default) = &field.presence else {
                continue;
            };
            let sentence = format!("An absent member means `{default}`.");
            let paragraphs = [field.description.clone(), sentence];
            let paragraphs = paragraphs.into_iter().filter(|text| !text.is_empty());
            field.description = paragraphs.collect::<Vec<_>>().join("\n\n");
            field.presence = Presence::Optional;
        }
    }
}
