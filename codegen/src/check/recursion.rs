//! Recursion: types that hold themselves do so through a list or a map, or nothing could hold them.

use std::collections::HashMap;

use super::Index;
use crate::diagnostic::Diagnostics;
use crate::model::{Name, Shape, TypeDef, Union, Value};

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    let places: HashMap<&Name, usize> = index
        .protocol
        .types
        .iter()
        .enumerate()
        .map(|(at, ty)| (&ty.name, at))
        .collect();
    let room = |ty: &TypeDef| -> Vec<usize> {
        let names = direct(ty);
        names
            .into_iter()
            .filter_map(|name| places.get(name).copied())
            .collect()
    };
    let direct: Vec<Vec<usize>> = index.protocol.types.iter().map(room).collect();
    let is_alias = |ty: &TypeDef| matches!(ty.shape, Shape::Alias(_));
    let aliases = |ty: &TypeDef| -> Vec<usize> {
        let names = if is_alias(ty) {
            ty.uses().collect()
        } else {
            Vec::new()
        };
        let places = names
            .into_iter()
            .filter_map(|name| places.get(name).copied());
        places
            .filter(|at| is_alias(&index.protocol.types[*at]))
            .collect()
    };
    let aliases: Vec<Vec<usize>> = index.protocol.types.iter().map(aliases).collect();
    let mut rings = ringed(&direct);
    rings.extend(ringed(&aliases));
    rings.sort_unstable();
    rings.dedup();
    for at in rings {
        let ty = &index.protocol.types[at];
        let message = format!("`{}` holds itself", ty.name.pascal());
        let mend = "let it do so through an array or a map in an object with fields, or refer to it by an id";
        out.error(ty.source.clone(), message, mend);
    }
}

/// The types that a value of this type has room for in itself.
fn direct(ty: &TypeDef) -> Vec<&Name> {
    let values: Vec<&Value> = match &ty.shape {
        Shape::Struct(shape) => shape.fields.iter().map(|field| &field.value).collect(),
        Shape::Union(Union { variants, .. }) => variants
            .iter()
            .filter_map(|variant| variant.value.as_ref())
            .collect(),
        Shape::Alias(value) => vec![value],
        Shape::Text(_) | Shape::Integer(_) | Shape::Number(_) | Shape::Enum(_) => Vec::new(),
    };
    values.into_iter().filter_map(named).collect()
}

/// The type that a value is, be it nullable or not.
fn named(value: &Value) -> Option<&Name> {
    match value {
        Value::Named(name) => Some(name),
        Value::Nullable(inner) => named(inner),
        _ => None,
    }
}

/// The nodes that are on a ring or between two: what is left when nodes without an arrow in or out are taken away.
fn ringed(arrows: &[Vec<usize>]) -> Vec<usize> {
    let mut back: Vec<Vec<usize>> = vec![Vec::new(); arrows.len()];
    for (from, targets) in arrows.iter().enumerate() {
        for to in targets {
            back[*to].push(from);
        }
    }
    let mut left = vec![true; arrows.len()];
    for (one, other) in [(arrows, &back[..]), (&back[..], arrows)] {
        let count = |at: usize| one[at].iter().filter(|to| left[**to]).count();
        let mut counts: Vec<usize> = (0..one.len()).map(count).collect();
        let mut waiting: Vec<usize> = (0..one.len())
            .filter(|at| left[*at] && counts[*at] == 0)
            .collect();
        while let Some(at) = waiting.pop() {
            left[at] = false;
            for from in other[at].iter().copied().filter(|from| left[*from]) {
                counts[from] -= 1;
                if counts[from] == 0 {
                    waiting.push(from);
                }
            }
        }
    }
    (0..left.len()).filter(|at| left[*at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_are_found_without_what_leads_to_them() {
        let check = |arrows: &[&[usize]], expected: &[usize]| {
            let arrows: Vec<Vec<usize>> = arrows.iter().map(|targets| targets.to_vec()).collect();
            assert_eq!(ringed(&arrows), expected);
        };
        check(&[], &[]);
        check(&[&[0]], &[0]);
        check(&[&[1], &[2], &[]], &[]);
        check(&[&[1], &[2], &[1], &[1], &[]], &[1, 2]);
        check(&[&[1, 1], &[0, 2], &[2]], &[0, 1, 2]);
        let long: Vec<Vec<usize>> = (0..200_000).map(|at| vec![(at + 1) % 200_000]).collect();
        assert_eq!(ringed(&long).len(), 200_000);
    }
}
