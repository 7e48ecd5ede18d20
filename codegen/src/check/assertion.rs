//! Assertions: a chain of references must not return to its start on the same value, because validation would not end.

use std::collections::{HashMap, HashSet};

use super::Index;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Assertion, Keyword, Name};

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    let assertions = &index.protocol.assertions;
    let places = assertions
        .iter()
        .enumerate()
        .map(|(at, def)| (&def.name, at));
    let places: HashMap<&Name, usize> = places.collect();
    let mut leads = vec![Vec::new(); assertions.len()];
    let mut comes = leads.clone();
    for (at, def) in assertions.iter().enumerate() {
        let mut led = HashSet::new();
        collect(&def.assertion, &mut led);
        for to in led.into_iter().filter_map(|name| places.get(name).copied()) {
            leads[at].push(to);
            comes[to].push(at);
        }
    }
    let (leading, reached) = (endless(&leads, &comes), endless(&comes, &leads));
    for (at, def) in assertions.iter().enumerate() {
        if leading[at] && reached[at] {
            let message =
                "the references lead back to this schema without descending into the value";
            let help =
                "refer to it under `properties`, `items` or another keyword for parts of a value";
            out.report(Code::EndlessReference, def.source.clone(), message, help);
        }
    }
}

/// Whether an endless path starts at each node; `back` has the same edges in the opposite direction.
fn endless(ways: &[Vec<usize>], back: &[Vec<usize>]) -> Vec<bool> {
    let mut left: Vec<usize> = ways.iter().map(Vec::len).collect();
    let mut ends: Vec<usize> = (0..left.len()).filter(|at| left[*at] == 0).collect();
    while let Some(end) = ends.pop() {
        for &at in &back[end] {
            left[at] -= 1;
            if left[at] == 0 {
                ends.push(at);
            }
        }
    }
    left.into_iter().map(|left| left > 0).collect()
}

/// Collects the assertions that validate the same value.
fn collect<'r>(assertion: &'r Assertion, led: &mut HashSet<&'r Name>) {
    for keyword in &assertion.0 {
        match keyword {
            Keyword::Ref(name)
            | Keyword::DynamicRef {
                assertion: name, ..
            } => {
                led.insert(name);
            }
            Keyword::AllOf(assertions)
            | Keyword::AnyOf(assertions)
            | Keyword::OneOf(assertions) => {
                for assertion in assertions {
                    collect(assertion, led);
                }
            }
            Keyword::Not(assertion) => collect(assertion, led),
            Keyword::DependentSchemas(assertions) => {
                for (_, assertion) in assertions {
                    collect(assertion, led);
                }
            }
            Keyword::If {
                condition,
                then,
                otherwise,
            } => {
                let parts = [Some(condition), then.as_ref(), otherwise.as_ref()];
                for assertion in parts.into_iter().flatten() {
                    collect(assertion, led);
                }
            }
            _ => {}
        }
    }
}
