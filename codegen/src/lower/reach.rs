//! Reachability: the types that other types contain.

use std::collections::HashMap;

use crate::model::{Name, TypeDef};

/// Whether each type is a root, or a reached type contains it. A type is reached only if `may_be` is true of it.
pub(super) fn reached<'n>(
    types: &[TypeDef],
    roots: impl Iterator<Item = &'n Name>,
    may_be: impl Fn(&TypeDef) -> bool,
) -> Vec<bool> {
    let places = types.iter().enumerate().map(|(at, ty)| (&ty.name, at));
    let places: HashMap<&Name, usize> = places.collect();
    let place = |name: &Name| places.get(name).copied();
    let mut waiting: Vec<usize> = roots.filter_map(place).collect();
    let mut reached = vec![false; types.len()];
    while let Some(at) = waiting.pop() {
        if !reached[at] && may_be(&types[at]) {
            reached[at] = true;
            waiting.extend(types[at].uses().filter_map(place));
        }
    }
    reached
}
