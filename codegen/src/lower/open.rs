//! Openness: which types are read from newer peers, so that what they do not know yet is kept.

use std::collections::{HashMap, HashSet};

use crate::model::{Kind, Name, Operation, Rest, Shape, TypeDef, Union, Value};

/// Marks every type that a reply or a publication holds, constants excepted. A rule accepts nothing unknown, so that what
/// only a type with a rule holds is not open either.
pub(super) fn mark(operations: &[Operation], constants: &HashSet<Name>, types: &mut [TypeDef]) {
    let places: HashMap<Name, usize> = types
        .iter()
        .enumerate()
        .map(|(at, ty)| (ty.name.clone(), at))
        .collect();
    let roots = operations.iter().map(|operation| match &operation.kind {
        Kind::Request(request) => &request.reply,
        Kind::Publish(message) => message,
    });
    let mut waiting: Vec<usize> = roots.filter_map(|name| places.get(name).copied()).collect();
    while let Some(at) = waiting.pop() {
        let ty = &types[at];
        if !ty.open && ty.rule.is_none() && !constants.contains(&ty.name) {
            types[at].open = true;
            waiting.extend(
                types[at]
                    .uses()
                    .filter_map(|name| places.get(name).copied()),
            );
        }
    }
}

impl TypeDef {
    /// The types that this one holds, keys of maps included, each as often as it occurs.
    pub(crate) fn uses(&self) -> impl Iterator<Item = &Name> {
        let values: Vec<&Value> = match &self.shape {
            Shape::Struct(shape) => {
                let rest = match &shape.rest {
                    Rest::Keep(value) => Some(&**value),
                    Rest::Ignore | Rest::Deny => None,
                };
                shape
                    .fields
                    .iter()
                    .map(|field| &field.value)
                    .chain(rest)
                    .collect()
            }
            Shape::Union(Union { variants, .. }) => variants
                .iter()
                .filter_map(|variant| variant.value.as_ref())
                .collect(),
            Shape::Alias(value) => vec![value],
            Shape::Text(_) | Shape::Integer(_) | Shape::Number(_) | Shape::Enum(_) => Vec::new(),
        };
        values.into_iter().flat_map(|value| {
            let mut names = Vec::new();
            value.names(&mut names);
            names
        })
    }
}

impl Value {
    pub(crate) fn names<'v>(&'v self, names: &mut Vec<&'v Name>) {
        match self {
            Self::Named(name) => names.push(name),
            Self::Array { item, .. } | Self::Nullable(item) => item.names(names),
            Self::Map { key, value, .. } => {
                names.extend(key);
                value.names(names);
            }
            Self::Text(_)
            | Self::Integer(_)
            | Self::Number(_)
            | Self::Bool
            | Self::Only(_)
            | Self::Duration { .. }
            | Self::Any => {}
        }
    }
}
