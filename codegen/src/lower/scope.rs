//! Dynamic references: what they mean is decided by the outermost schema, so that the outermost type judges.

use std::collections::{HashMap, HashSet};

use super::schema::Lowering;
use crate::diagnostic::Diagnostics;
use crate::model::{Name, RuleDef};

impl Lowering<'_> {
    /// Gives a rule to every type that holds one whose rule refers dynamically.
    pub(super) fn judge_outermost(&mut self, out: &mut Diagnostics) {
        let dynamic = dynamic(self.rules.so_far());
        if dynamic.is_empty() {
            return;
        }
        let arrows = self
            .types
            .iter()
            .flat_map(|ty| ty.uses().map(|name| (name.clone(), ty.name.clone())));
        let holders = backwards(arrows);
        let judged = |ty: &&crate::model::TypeDef| {
            ty.rule.as_ref().is_some_and(|rule| dynamic.contains(rule))
        };
        let roots = self.types.iter().filter(judged).map(|ty| ty.name.clone());
        let outer = closure(roots.collect(), &holders);
        for ty in self.types.iter_mut().filter(|ty| outer.contains(&ty.name)) {
            self.searching.insert(ty.name.clone());
            if ty.rule.is_none() {
                let source = &ty.source;
                ty.rule = self
                    .rules
                    .rule(&source.file, &source.pointer, Some(&ty.name), out);
            }
        }
    }
}

/// The rules that lead to a dynamic reference.
fn dynamic(rules: &[RuleDef]) -> HashSet<Name> {
    let mut roots = Vec::new();
    let mut arrows = Vec::new();
    for def in rules {
        for (target, dynamic) in def.rule.references() {
            arrows.push((target.clone(), def.name.clone()));
            if dynamic {
                roots.push(def.name.clone());
            }
        }
    }
    closure(roots, &backwards(arrows))
}

/// What points to each name.
fn backwards(arrows: impl IntoIterator<Item = (Name, Name)>) -> HashMap<Name, Vec<Name>> {
    let mut back: HashMap<Name, Vec<Name>> = HashMap::new();
    for (to, from) in arrows {
        back.entry(to).or_default().push(from);
    }
    back
}

/// All that is reached from these.
fn closure(roots: Vec<Name>, arrows: &HashMap<Name, Vec<Name>>) -> HashSet<Name> {
    let mut reached = HashSet::new();
    let mut waiting = roots;
    while let Some(name) = waiting.pop() {
        if reached.insert(name.clone()) {
            waiting.extend(arrows.get(&name).into_iter().flatten().cloned());
        }
    }
    reached
}
