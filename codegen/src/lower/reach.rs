//! Reach: which types others hold.

use std::collections::HashMap;

use crate::model::{Name, TypeDef};

/// Which of the types are among the roots, or held by one that is reached; only those that may be.
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
