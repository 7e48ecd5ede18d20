//! Strings: `type: string`.

use super::keyword;
use super::kind::Kind;
use super::schema::LoweredSchema;
use super::{array, pattern};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Length, Shape, Text};
use crate::read::{Formats, Object};
use crate::schema::dialect::Draft;
use crate::schema::format::asserted;

/// Lowers a string schema.
pub(super) fn lower(
    object: &Object<'_>,
    draft: Draft,
    formats: Formats,
    out: &mut Diagnostics,
) -> Option<LoweredSchema> {
    let length = array::length(object, "minLength", "maxLength", out);
    let mut known = vec!["type", "minLength", "maxLength", "sensitive", "format"];
    let regex = match object.get("pattern") {
        None => Some(None),
        Some(node) => node.text(out).map(pattern::parse),
    };
    if regex.iter().any(Option::is_some) {
        known.push("pattern");
    }
    let format = match object.get("format") {
        Some(node) if formats == Formats::Assert => {
            let format = asserted(node.text(out)?);
            format.unwrap_or_else(|problem| {
                out.add(node.source(), problem);
                None
            })
        }
        _ => None,
    };
    let sensitive = match object.get("sensitive") {
        None => Some(false),
        Some(node) => node.boolean(out),
    };
    let only = keyword::only(object, &known, Some(Kind::Text), draft, out);
    let text = Text {
        length: length?,
        pattern: regex?,
        format,
        constant: None,
        sensitive: sensitive?,
    };
    satisfiable(object, &text, out)?;
    Some(LoweredSchema::new(Shape::Text(text), only?))
}

/// Rejects lengths that no match of the pattern has.
fn satisfiable(object: &Object<'_>, text: &Text, out: &mut Diagnostics) -> Option<()> {
    let Some(pattern) = &text.pattern else {
        return Some(());
    };
    let Length { min, max } = pattern.length();
    let impossible = text.length.max.is_some_and(|longest| longest < min)
        || max.is_some_and(|longest| longest < text.length.min);
    if impossible {
        let message = "no string matches the pattern and has this length";
        let help = "correct `pattern`, `minLength` or `maxLength`";
        out.report(
            Code::UnsatisfiableBounds,
            object.node.source(),
            message,
            help,
        );
        return None;
    }
    Some(())
}
