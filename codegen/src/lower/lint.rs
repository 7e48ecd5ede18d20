//! Lint levels: `lints` in the manifest.

use std::collections::BTreeMap;

use crate::diagnostic::text::{nearest, quoted};
use crate::diagnostic::{Code, Diagnostics, Level, Severity};
use crate::read::{Node, Object};

/// Reads the levels by code. Only warnings have a level.
pub(super) fn levels(node: &Node<'_>, out: &mut Diagnostics) -> BTreeMap<Code, Level> {
    let mut levels = BTreeMap::new();
    let object = node.members();
    for (name, node) in object.iter().flat_map(Object::entries) {
        let code = code(name, &node, out);
        let level = node.json.as_str().and_then(level);
        levels.extend(code.zip(level));
    }
    levels
}

fn code(name: &str, node: &Node<'_>, out: &mut Diagnostics) -> Option<Code> {
    let (message, help) = match name.parse::<Code>() {
        Ok(code) if code.severity() == Severity::Warning => return Some(code),
        Ok(_) => (
            format!("{} is an error, so it has no level", quoted(name)),
            "remove it; only warnings have a level".to_owned(),
        ),
        Err(()) => {
            let warnings = Code::all().iter();
            let warnings = warnings.filter(|entry| entry.severity == Severity::Warning);
            let help = match nearest(name, warnings.map(|entry| entry.name)) {
                Some(near) => format!("did you mean {}?", quoted(near)),
                None => "remove it; `natsgen explain` lists all codes".to_owned(),
            };
            (format!("there is no code {}", quoted(name)), help)
        }
    };
    out.report(Code::InvalidLint, node.source(), message, help);
    None
}

/// The level of this name. The meta-schema reports other names.
fn level(text: &str) -> Option<Level> {
    match text {
        "allow" => Some(Level::Allow),
        "warn" => Some(Level::Warn),
        "deny" => Some(Level::Deny),
        _ => None,
    }
}
