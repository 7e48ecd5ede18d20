//! Rules: none leads back to itself before it looks at a part of the value, or judging would never end.

use std::collections::{HashMap, HashSet};

use super::Index;
use crate::diagnostic::Diagnostics;
use crate::model::{Keyword, Name, Rule};

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    let rules = &index.protocol.rules;
    let mut leads: HashMap<&Name, HashSet<&Name>> = HashMap::new();
    for def in rules {
        let mut led = HashSet::new();
        collect(&def.rule, &mut led);
        leads.insert(&def.name, led);
    }
    // What leads nowhere, or is led to from nowhere, is on no ring; what is left when all of that is gone, is.
    loop {
        let reached: HashSet<&Name> = leads.values().flatten().copied().collect();
        let ringed =
            |name: &&Name, led: &HashSet<&Name>| !led.is_empty() && reached.contains(*name);
        let kept: HashSet<&Name> = leads
            .iter()
            .filter(|(name, led)| ringed(name, led))
            .map(|(name, _)| *name)
            .collect();
        if kept.len() == leads.len() {
            break;
        }
        leads.retain(|name, _| kept.contains(name));
        for led in leads.values_mut() {
            led.retain(|name| kept.contains(name));
        }
    }
    for def in rules.iter().filter(|def| leads.contains_key(&def.name)) {
        let message = "the reference leads back here before it looks at a part of the value";
        let help = "let it do so under `properties`, `items` or another keyword about parts";
        out.error(def.source.clone(), message, help);
    }
}

/// The rules that are judged on the same value.
fn collect<'r>(rule: &'r Rule, led: &mut HashSet<&'r Name>) {
    for keyword in &rule.0 {
        match keyword {
            Keyword::Ref(name) | Keyword::DynamicRef { rule: name, .. } => {
                led.insert(name);
            }
            Keyword::AllOf(rules) | Keyword::AnyOf(rules) | Keyword::OneOf(rules) => {
                for rule in rules {
                    collect(rule, led);
                }
            }
            Keyword::Not(rule) => collect(rule, led),
            Keyword::DependentSchemas(rules) => {
                for (_, rule) in rules {
                    collect(rule, led);
                }
            }
            Keyword::If {
                condition,
                then,
                otherwise,
            } => {
                let parts = [Some(condition), then.as_ref(), otherwise.as_ref()];
                for rule in parts.into_iter().flatten() {
                    collect(rule, led);
                }
            }
            _ => {}
        }
    }
}
