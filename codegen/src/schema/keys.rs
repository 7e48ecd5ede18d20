//! Lists of property names, as under `required`.

use crate::diagnostic::{Diagnostics, quoted};
use crate::read::Node;

/// A list of keys and their places, none of them twice.
pub(crate) fn keys<'a>(node: &Node<'a>, out: &mut Diagnostics) -> Option<Vec<(&'a str, Node<'a>)>> {
    let mut keys: Vec<(&str, Node<'a>)> = Vec::new();
    for item in node.items(out)? {
        let Some(key) = item.text(out) else { continue };
        if keys.iter().any(|(known, _)| *known == key) {
            let message = format!("{} is listed twice", quoted(key));
            out.error(item.source(), message, "remove one of the two");
        } else {
            keys.push((key, item));
        }
    }
    Some(keys)
}
