//! Finds the types with a borrowed form: types that contain a string or any JSON value, at any depth.

use std::collections::{HashMap, HashSet};

use crate::model::{AdditionalMembers, Name, Shape, Struct, TypeDef, Union, Value};

/// The types with a borrowed form.
pub(super) fn borrowed(types: &[TypeDef]) -> HashSet<&Name> {
    let mut holders: HashMap<&Name, Vec<&Name>> = HashMap::new();
    for def in types {
        for held in def.uses() {
            holders.entry(held).or_default().push(&def.name);
        }
    }
    let seeds = types.iter().filter(|def| holds_text(def));
    let mut waiting: Vec<&Name> = seeds.map(|def| &def.name).collect();
    let mut found: HashSet<&Name> = waiting.iter().copied().collect();
    while let Some(name) = waiting.pop() {
        for holder in holders.get(name).into_iter().flatten().copied() {
            if found.insert(holder) {
                waiting.push(holder);
            }
        }
    }
    found
}

/// Whether the type itself contains a string or any JSON value.
fn holds_text(def: &TypeDef) -> bool {
    match &def.shape {
        Shape::Struct(Struct { fields, additional }) => {
            matches!(additional, AdditionalMembers::Flatten(_))
                || fields.iter().any(|field| is_text(&field.value))
        }
        Shape::Text(_) => true,
        Shape::Union(Union { variants, .. }) => {
            let mut values = variants.iter().filter_map(|variant| variant.value.as_ref());
            def.open || values.any(is_text)
        }
        Shape::Alias(value) => is_text(value),
        Shape::Integer(_) | Shape::Number(_) | Shape::Enum(_) => false,
    }
}

fn is_text(value: &Value) -> bool {
    match value {
        Value::Text(_) | Value::Map { .. } | Value::Any => true,
        Value::Array { item, .. } | Value::Nullable(item) => is_text(item),
        Value::Named(_)
        | Value::Integer(_)
        | Value::Number(_)
        | Value::Bool
        | Value::Only(_)
        | Value::Duration { .. } => false,
    }
}
