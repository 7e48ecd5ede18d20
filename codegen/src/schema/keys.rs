//! Arrays of property names, as under `required`.

use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::read::Node;

/// The keys of an array with their places, without duplicates.
pub(crate) fn keys<'a>(node: &Node<'a>, out: &mut Diagnostics) -> Option<Vec<(&'a str, Node<'a>)>> {
    let mut keys: Vec<(&str, Node<'a>)> = Vec::new();
    for item in node.items(out)? {
        let Some(key) = item.text(out) else { continue };
        if keys.iter().any(|(known, _)| *known == key) {
            let message = format!("duplicate entry {}", quoted(key));
            let help = "remove one of the two entries";
            out.report(Code::DuplicateEntry, item.source(), message, help);
        } else {
            keys.push((key, item));
        }
    }
    Some(keys)
}
