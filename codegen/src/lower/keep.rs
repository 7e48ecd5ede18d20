//! What rules look at is kept: a member that is read over and not written would change what a rule says of the value.

use std::collections::{HashMap, HashSet};

use crate::model::{Name, Rest, Shape, Struct, TypeDef, Value};

/// Lets objects below these types keep members that are no fields.
pub(super) fn below(searching: &HashSet<Name>, types: &mut [TypeDef]) {
    let places: HashMap<Name, usize> = types
        .iter()
        .enumerate()
        .map(|(at, ty)| (ty.name.clone(), at))
        .collect();
    let place = |name: &Name| places.get(name).copied();
    let mut waiting: Vec<usize> = searching.iter().filter_map(place).collect();
    let mut seen = vec![false; types.len()];
    while let Some(at) = waiting.pop() {
        if !std::mem::replace(&mut seen[at], true) {
            waiting.extend(types[at].uses().filter_map(place));
        }
    }
    for (ty, _) in types.iter_mut().zip(seen).filter(|(_, seen)| *seen) {
        if let Shape::Struct(Struct { rest, .. }) = &mut ty.shape
            && matches!(rest, Rest::Ignore)
        {
            *rest = Rest::Keep(Box::new(Value::Any));
        }
    }
}
