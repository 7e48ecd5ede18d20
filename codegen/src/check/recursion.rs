//! Recursion: a recursive type must have a finite value.

use std::collections::HashMap;

use super::Index;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Presence, Shape, TypeDef, Union, Value};

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    for ty in endless(index) {
        let message = format!(
            "no value of `{}` is finite: each contains another one",
            ty.name.pascal()
        );
        let help = "end the recursion with an array or map that may be empty, an optional member, or `null`";
        out.report(Code::EndlessType, ty.source.clone(), message, help);
    }
}

/// The types without a finite value. A type is visited again after a type that it uses has a finite value.
fn endless<'a>(index: &Index<'a>) -> Vec<&'a TypeDef> {
    let types = &index.protocol.types;
    let mut waiting: HashMap<&Name, Vec<usize>> = HashMap::new();
    for (at, ty) in types.iter().enumerate() {
        for name in ty.uses() {
            waiting.entry(name).or_default().push(at);
        }
    }
    let mut ends = vec![false; types.len()];
    let mut places: HashMap<&Name, usize> = HashMap::new();
    for (at, ty) in types.iter().enumerate() {
        places.insert(&ty.name, at);
    }
    let mut queue: Vec<usize> = (0..types.len()).collect();
    while let Some(at) = queue.pop() {
        // A type that could not be lowered has been reported already.
        let known = |name: &Name| places.get(name).is_none_or(|at| ends[*at]);
        if !ends[at] && finite(&types[at].shape, &known) {
            ends[at] = true;
            queue.extend(waiting.get(&types[at].name).into_iter().flatten());
        }
    }
    let endless = types.iter().zip(ends).filter(|(_, ends)| !ends);
    endless.map(|(ty, _)| ty).collect()
}

/// Whether the shape has a finite value; `known` says which types have a finite value.
fn finite(shape: &Shape, known: &dyn Fn(&Name) -> bool) -> bool {
    match shape {
        Shape::Struct(shape) => shape.fields.iter().all(|field| {
            let always = field.presence != Presence::Optional && !field.nullable;
            !always || ends(&field.value, known)
        }),
        Shape::Union(Union { variants, .. }) => variants.iter().any(|variant| {
            variant
                .value
                .as_ref()
                .is_none_or(|value| ends(value, known))
        }),
        Shape::Alias(value) => ends(value, known),
        Shape::Text(_) | Shape::Integer(_) | Shape::Number(_) | Shape::Enum(_) => true,
    }
}

fn ends(value: &Value, known: &dyn Fn(&Name) -> bool) -> bool {
    match value {
        Value::Named(name) => known(name),
        Value::Array { item, length } => length.min == 0 || ends(item, known),
        Value::Map { value, length, .. } => length.min == 0 || ends(value, known),
        _ => true,
    }
}
