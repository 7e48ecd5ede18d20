//! Cycles of types and of modules.
//!
//! Python evaluates an alias when its module is imported, but the annotations of a class later. An alias that contains
//! itself is deferred: the runtime evaluates it when a value is first read. A module imports the modules whose names it
//! evaluates at its beginning, and the other modules of its cycle at its end.

use std::collections::{HashMap, HashSet};

use crate::model::{Name, Shape, Tagging, TypeDef, Union};
use crate::plan::{Plan, rings};

/// The cycles of a protocol.
pub(super) struct Cycles<'a> {
    /// The types that must not be evaluated when their module is imported.
    deferred: HashSet<&'a Name>,
    /// The pairs of documents of which the first imports the second at its end.
    late: HashSet<(&'a str, &'a str)>,
}

impl<'a> Cycles<'a> {
    pub(super) fn of(plan: &Plan<'a>) -> Self {
        let defs: Vec<&TypeDef> = plan.protocol.types.iter().collect();
        let documents: Vec<&str> = plan.documents.keys().copied().collect();
        let types = by_place(defs.iter().map(|def| &def.name));
        let places = by_place(documents.iter().copied());
        let document = |def: &TypeDef| places.get(&*def.module).copied();

        let evaluated = defs.iter().map(|def| {
            let names = evaluated(def).into_iter();
            names.filter_map(|name| types.get(name).copied()).collect()
        });
        let evaluated: Vec<Vec<usize>> = evaluated.collect();
        let between = |arrows: &dyn Fn(usize) -> Vec<usize>| {
            let mut all = vec![Vec::new(); documents.len()];
            for (at, def) in defs.iter().enumerate() {
                let others = arrows(at).into_iter().filter_map(|to| document(defs[to]));
                if let Some(from) = document(def) {
                    all[from].extend(others.filter(|to| *to != from));
                }
            }
            all
        };
        let type_rings = rings(&evaluated);
        let document_rings = rings(&between(&|at| evaluated[at].clone()));
        let ring = |def: &TypeDef| document(def).map(|place| document_rings[place]);
        let is_deferred = |at: usize, to: usize| {
            let (def, other) = (defs[at], defs[to]);
            type_rings[at] == type_rings[to]
                || (def.module != other.module && ring(def) == ring(other))
        };
        let deferred: HashSet<usize> = (0..defs.len())
            .filter(|at| evaluated[*at].iter().any(|to| is_deferred(*at, *to)))
            .collect();

        let early = between(&|at| {
            if deferred.contains(&at) {
                Vec::new()
            } else {
                evaluated[at].clone()
            }
        });
        let uses = between(&|at| {
            let names = defs[at].uses();
            names.filter_map(|name| types.get(name).copied()).collect()
        });
        Self {
            late: late(&documents, &uses, &early),
            deferred: deferred.into_iter().map(|at| &defs[at].name).collect(),
        }
    }

    /// Whether a type must not be evaluated when its module is imported.
    pub(super) fn is_deferred(&self, name: &Name) -> bool {
        self.deferred.contains(name)
    }

    /// Whether a document imports another document at its end.
    pub(super) fn is_late(&self, from: &str, to: &str) -> bool {
        !self.late.is_empty() && self.late.contains(&(from, to))
    }
}

/// The pairs of documents in a cycle of which the first does not evaluate names of the second.
fn late<'a>(
    documents: &[&'a str],
    uses: &[Vec<usize>],
    early: &[Vec<usize>],
) -> HashSet<(&'a str, &'a str)> {
    let rings = rings(uses);
    let mut late = HashSet::new();
    for (at, arrows) in uses.iter().enumerate() {
        let arrows = arrows.iter().filter(|to| rings[at] == rings[**to]);
        let arrows = arrows.filter(|to| !early[at].contains(to));
        late.extend(arrows.map(|to| (documents[at], documents[*to])));
    }
    late
}

fn by_place<K: Eq + std::hash::Hash>(keys: impl Iterator<Item = K>) -> HashMap<K, usize> {
    keys.enumerate().map(|(at, key)| (key, at)).collect()
}

/// The types that the definition of a type evaluates.
pub(super) fn evaluated(def: &TypeDef) -> Vec<&Name> {
    match &def.shape {
        Shape::Alias(_)
        | Shape::Union(Union {
            tagging: Tagging::Member(_) | Tagging::Untagged,
            ..
        }) => def.uses().collect(),
        _ => Vec::new(),
    }
}
