//! Texts: `type: string`.

use super::node::Object;
use super::{array, pattern};
use crate::diagnostic::{Diagnostics, quoted};
use crate::model::{Format, Length, Text};

/// Reads a string schema.
pub(super) fn lower(object: &Object<'_>, out: &mut Diagnostics) -> Option<Text> {
    let length = array::length(object, "minLength", "maxLength", out);
    let regex = match object.get("pattern") {
        None => Some(None),
        Some(node) => match pattern::parse(node.text(out)?) {
            Ok(pattern) => Some(Some(pattern)),
            Err((message, help)) => {
                out.error(node.source(), message, help);
                None
            }
        },
    };
    let format = match object.get("format") {
        None => Some(None),
        Some(node) => match node.text(out)? {
            "date-time" => Some(Some(Format::DateTime)),
            "uuid" => Some(Some(Format::Uuid)),
            other => {
                let message = format!("the format {} is not asserted for a string", quoted(other));
                out.error(
                    node.source(),
                    message,
                    "use `date-time` or `uuid`, or write a `pattern`",
                );
                None
            }
        },
    };
    let sensitive = object
        .members
        .get("sensitive")
        .and_then(serde_json::Value::as_bool)
        .unwrap_or(false);
    let text = Text {
        length: length?,
        pattern: regex?,
        format: format?,
        constant: None,
        sensitive,
    };
    satisfiable(object, text, out)
}

/// Refuses lengths that the pattern can never have.
fn satisfiable(object: &Object<'_>, text: Text, out: &mut Diagnostics) -> Option<Text> {
    let Some(pattern) = &text.pattern else {
        return Some(text);
    };
    let Length { min, max } = pattern.length();
    let impossible = text.length.max.is_some_and(|longest| longest < min)
        || max.is_some_and(|longest| longest < text.length.min);
    if impossible {
        let message = "no text has both this pattern and this length";
        out.error(
            object.node.source(),
            message,
            "mend `pattern`, `minLength` or `maxLength`",
        );
        return None;
    }
    Some(text)
}
