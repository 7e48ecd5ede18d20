//! Type cycles: types that contain themselves, directly or through other types.

use std::collections::HashMap;

use crate::model::{Name, Shape, TypeDef, Value};

/// The cycles of a protocol. A ring is a set of types that contain each other; types of the same ring have the same
/// number.
#[derive(Debug)]
pub(crate) struct Cycles<'a> {
    /// The ring of each type, for values that are stored in their owner: arrays and maps do not count.
    direct: HashMap<&'a Name, usize>,
    /// The ring of each type through values of unions only: an indirection in a struct breaks all other rings.
    unions: HashMap<&'a Name, usize>,
}

impl<'a> Cycles<'a> {
    pub(super) fn of(types: &'a [TypeDef]) -> Self {
        Self {
            direct: rings_by_name(types, direct),
            unions: rings_by_name(types, |def| match &def.shape {
                Shape::Union(_) => direct(def),
                _ => Vec::new(),
            }),
        }
    }

    /// Whether a value in `owner` can contain an `owner` without an array, a map or another indirection in between. A
    /// language with values of a fixed size needs an indirection there.
    pub(crate) fn needs_indirection(&self, owner: &TypeDef, value: &Value) -> bool {
        let rings = match &owner.shape {
            Shape::Union(_) => &self.unions,
            _ => &self.direct,
        };
        named(value).is_some_and(|name| rings.get(name) == rings.get(&owner.name))
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

/// The types of the values that are stored in a value of this type.
fn direct(def: &TypeDef) -> Vec<&Name> {
    def.parts().into_iter().filter_map(named).collect()
}

/// The type of a value, nullable or not.
fn named(value: &Value) -> Option<&Name> {
    match value {
        Value::Named(name) => Some(name),
        Value::Nullable(inner) => named(inner),
        _ => None,
    }
}

/// The ring of each node. Two nodes have the same number if each can reach the other.
///
/// This is Tarjan's algorithm. It keeps its own stack because schemas can be nested deeper than a thread's stack allows.
pub(crate) fn rings(arrows: &[Vec<usize>]) -> Vec<usize> {
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
    /// The position of each node in the order of discovery.
    order: Vec<Option<usize>>,
    /// The earliest known node that each node reaches.
    low: Vec<usize>,
    ring: Vec<Option<usize>>,
    /// Nodes without a known ring.
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
    fn rings_of_nodes_that_reach_each_other_are_equal() {
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
