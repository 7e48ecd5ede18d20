//! Import cycles: documents of shared types can refer to each other.
//!
//! Python evaluates an alias when a module is imported, but the annotations of a class later. A module of a cycle imports
//! the modules whose names it evaluates at its beginning, and the other modules at its end.

use std::collections::{HashMap, HashSet};

use super::types;
use crate::model::{Name, TypeDef};
use crate::plan::{Plan, rings};

/// The documents, with their references to each other.
pub(super) struct Documents<'a> {
    paths: Vec<&'a str>,
    /// The documents that each document refers to.
    arrows: Vec<Vec<usize>>,
    /// The documents whose names each document evaluates when it is imported.
    evaluated: Vec<Vec<usize>>,
}

impl<'a> Documents<'a> {
    pub(super) fn of(plan: &Plan<'a>) -> Self {
        let paths: Vec<&str> = plan.documents.keys().copied().collect();
        let places: HashMap<&str, usize> = paths
            .iter()
            .enumerate()
            .map(|(at, path)| (*path, at))
            .collect();
        let place = |name: &Name| plan.get(name).and_then(|def| places.get(&*def.module));
        let mut arrows = Vec::new();
        let mut evaluated = Vec::new();
        for (at, document) in plan.documents.values().enumerate() {
            let others = |names: &dyn Fn(&'a TypeDef) -> Vec<&'a Name>| -> Vec<usize> {
                let names = document.types.iter().flat_map(|def| names(def));
                let places = names.filter_map(place).copied();
                places.filter(|other| *other != at).collect()
            };
            arrows.push(others(&|def| def.uses().collect()));
            evaluated.push(others(&|def| types::evaluated(def)));
        }
        Self {
            paths,
            arrows,
            evaluated,
        }
    }

    /// The pairs of documents of which the first imports the second at its end.
    pub(super) fn late(&self) -> HashSet<(String, String)> {
        let rings = rings(&self.arrows);
        let mut late = HashSet::new();
        for (at, arrows) in self.arrows.iter().enumerate() {
            for to in arrows {
                if rings[at] == rings[*to] && !self.evaluated[at].contains(to) {
                    late.insert((self.paths[at].to_owned(), self.paths[*to].to_owned()));
                }
            }
        }
        late
    }

    /// The documents that evaluate each other's names.
    pub(super) fn impossible(&self) -> Vec<&'a str> {
        let rings = rings(&self.evaluated);
        let all = self.paths.iter().enumerate();
        let all = all.filter(|(at, _)| {
            let mut arrows = self.evaluated[*at].iter();
            arrows.any(|to| rings[*to] == rings[*at])
        });
        all.map(|(_, path)| *path).collect()
    }
}
