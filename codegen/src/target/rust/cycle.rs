//! Types that hold themselves: where one does so without a list or a map between, a `Box` gives it a size.

use std::collections::HashMap;

use syn::parse_quote;

use super::shape;
use crate::model::{Name, Shape, TypeDef, Value};

/// Who holds whom, and whom in turn.
pub(super) struct Cycles<'a> {
    /// The ring of each type among those that hold others in themselves.
    direct: HashMap<&'a Name, usize>,
    /// The same where only unions do so: a `Box` in a struct is enough for all other rings.
    unions: HashMap<&'a Name, usize>,
    /// The same where lists and maps count, too.
    any: HashMap<&'a Name, usize>,
}

impl<'a> Cycles<'a> {
    pub(super) fn of(types: &'a [TypeDef]) -> Self {
        Self {
            direct: rings_by_name(types, direct),
            unions: rings_by_name(types, |def| match &def.shape {
                Shape::Union(_) => direct(def),
                _ => Vec::new(),
            }),
            any: rings_by_name(types, |def| def.uses().collect()),
        }
    }

    /// The Rust type `ty` of a value that `owner` holds; in a `Box` where it holds an owner in turn, and no other `Box` is
    /// on the way.
    pub(super) fn sized(&self, owner: &TypeDef, value: &Value, mut ty: syn::Type) -> syn::Type {
        let rings = match &owner.shape {
            Shape::Union(_) => &self.unions,
            _ => &self.direct,
        };
        let is_endless = |name| rings.get(name) == rings.get(&owner.name);
        if named(value).is_some_and(is_endless) {
            let place = match value {
                Value::Nullable(_) => shape::last_argument(&mut ty),
                _ => Some(&mut ty),
            };
            if let Some(place) = place {
                *place = parse_quote!(Box<#place>);
            }
        }
        ty
    }

    /// Whether a value that `owner` holds may hold an owner in turn, however deep.
    pub(super) fn comes_back(&self, owner: &TypeDef, value: &Value) -> bool {
        let mut names = Vec::new();
        value.names(&mut names);
        let ring = self.any.get(&owner.name);
        names.into_iter().any(|name| self.any.get(name) == ring)
    }
}

fn rings_by_name<'a>(
    types: &'a [TypeDef],
    held: impl Fn(&'a TypeDef) -> Vec<&'a Name>,
) -> HashMap<&'a Name, usize> {
    let places: HashMap<&Name, usize> = types
        .iter()
        .enumerate()
        .map(|(place, def)| (&def.name, place))
        .collect();
    let targets = |def| {
        let names = held(def).into_iter();
        names.filter_map(|name| places.get(name).copied()).collect()
    };
    let arrows: Vec<_> = types.iter().map(targets).collect();
    let names = types.iter().map(|def| &def.name);
    names.zip(rings(&arrows)).collect()
}

/// The types that a value of this type has room for in itself.
fn direct(def: &TypeDef) -> Vec<&Name> {
    def.parts().into_iter().filter_map(named).collect()
}

/// The type that a value is, be it nullable or not.
fn named(value: &Value) -> Option<&Name> {
    match value {
        Value::Named(name) => Some(name),
        Value::Nullable(inner) => named(inner),
        _ => None,
    }
}

/// The ring of each node: two nodes have the same number where arrows lead from each to the other.
///
/// Tarjan's algorithm with a stack of its own, since schemas may be nested deeper than a thread's.
pub(super) fn rings(arrows: &[Vec<usize>]) -> Vec<usize> {
    let mut search = Search {
        order: vec![None; arrows.len()],
        low: vec![0; arrows.len()],
        ring: vec![None; arrows.len()],
        open: Vec::new(),
        seen: 0,
    };
    for start in 0..arrows.len() {
        if search.order[start].is_none() {
            search.from(start, arrows);
        }
    }
    search
        .ring
        .into_iter()
        .map(Option::unwrap_or_default)
        .collect()
}

/// A depth-first search over all nodes.
struct Search {
    /// When each node was first seen.
    order: Vec<Option<usize>>,
    /// The earliest node that each one is known to reach.
    low: Vec<usize>,
    ring: Vec<Option<usize>>,
    /// Nodes whose ring is not known yet.
    open: Vec<usize>,
    seen: usize,
}

impl Search {
    fn enter(&mut self, node: usize) {
        (self.order[node], self.low[node]) = (Some(self.seen), self.seen);
        self.seen += 1;
        self.open.push(node);
    }

    fn from(&mut self, start: usize, arrows: &[Vec<usize>]) {
        let mut path = vec![(start, 0)];
        self.enter(start);
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let Some(target) = arrows[node].get(*next).copied() else {
                path.pop();
                self.leave(node);
                if let Some((parent, _)) = path.last() {
                    self.low[*parent] = self.low[*parent].min(self.low[node]);
                }
                continue;
            };
            *next += 1;
            match (self.order[target], self.ring[target]) {
                (None, _) => {
                    self.enter(target);
                    path.push((target, 0));
                }
                (Some(order), None) => self.low[node] = self.low[node].min(order),
                (Some(_), Some(_)) => {}
            }
        }
    }

    fn leave(&mut self, node: usize) {
        if self.order[node] != Some(self.low[node]) {
            return;
        }
        while let Some(member) = self.open.pop() {
            self.ring[member] = Some(node);
            if member == node {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_that_reach_each_other_share_a_ring() {
        let check = |arrows: &[&[usize]], expected: &[&[usize]]| {
            let arrows: Vec<Vec<usize>> = arrows.iter().map(|targets| targets.to_vec()).collect();
            let found = rings(&arrows);
            for (one, other) in (0..arrows.len()).flat_map(|one| (0..one).map(move |o| (one, o))) {
                let together = expected
                    .iter()
                    .any(|ring| ring.contains(&one) && ring.contains(&other));
                assert_eq!(found[one] == found[other], together, "{one} and {other}");
            }
        };
        check(&[], &[]);
        check(&[&[0], &[0]], &[]);
        check(&[&[1], &[2], &[]], &[]);
        check(&[&[1], &[2], &[1], &[1], &[]], &[&[1, 2]]);
        check(&[&[1], &[2, 3], &[0], &[4], &[3]], &[&[0, 1, 2], &[3, 4]]);
        check(&[&[2], &[0], &[1, 0]], &[&[0, 1, 2]]);
        let long: Vec<Vec<usize>> = (0..200_000).map(|at| vec![(at + 1) % 200_000]).collect();
        assert!(rings(&long).windows(2).all(|pair| pair[0] == pair[1]));
    }
}
