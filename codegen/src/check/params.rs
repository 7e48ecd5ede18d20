//! Parameters: a value cannot contain a separator or a wildcard of a subject.

use super::{Index, at};
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::lower::characters;
use crate::model::{Format, Shape, Text};

/// The characters without a meaning in NATS subjects.
const SAFE: &str = "A-Za-z0-9_-";
/// The maximal length of a parameter, in characters.
const LONGEST: u64 = 128;

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    for operation in &index.protocol.operations {
        for param in &operation.params {
            let Some(ty) = index.get(&param.ty) else {
                continue;
            };
            let name = quoted(&ty.name.pascal());
            let refused = match &ty.shape {
                Shape::Integer(range) if range.min < 0 => Some((
                    format!("{name} may be negative"),
                    "set its `minimum` to 0 or more",
                )),
                Shape::Integer(_) => None,
                Shape::Text(text) if text.sensitive => Some((
                    format!("{name} is sensitive, and subjects are visible on the server"),
                    "put it into the message",
                )),
                Shape::Text(text) => unsafe_text(&name, text),
                _ => Some((
                    format!("{name} is neither a string nor an integer"),
                    "refer to a string type with a `pattern`, or to an integer type",
                )),
            };
            if let Some((message, help)) = refused {
                let source = at(operation, &format!("/x-nats/params/{}", param.name));
                let message = format!(
                    "the parameter `{}` is not safe in a subject: {message}",
                    param.name
                );
                out.report(Code::UnsafeParameter, source, message, help);
            }
        }
    }
}

/// The reason why a string is unsafe in a subject, and the fix.
fn unsafe_text(name: &str, text: &Text) -> Option<(String, &'static str)> {
    let by_pattern = text
        .pattern
        .as_ref()
        .map(crate::model::Pattern::length)
        .unwrap_or_default();
    let fixed = |text: &String| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| characters(SAFE) & (1 << (byte & 127)) != 0 && byte < 128)
    };
    let is_uuid = text.format == Some(Format::Uuid);
    let contained = is_uuid
        || text.constant.as_ref().is_some_and(fixed)
        || text.pattern.as_ref().is_some_and(|pattern| {
            pattern
                .runs
                .iter()
                .all(|run| characters(&run.class) & !characters(SAFE) == 0)
        });
    let longest = [text.length.max, by_pattern.max, is_uuid.then_some(36)]
        .into_iter()
        .flatten()
        .min();
    if !contained {
        let help = "restrict it with a `pattern`, e.g. `^[A-Za-z0-9_-]+$`";
        Some((format!("{name} allows more than `[A-Za-z0-9_-]`"), help))
    } else if text.length.min.max(by_pattern.min) == 0 && !is_uuid {
        Some((
            format!("{name} may be empty"),
            "set its `minLength` to 1 or more",
        ))
    } else if longest.is_none_or(|longest| longest > LONGEST) {
        Some((
            format!("{name} may be longer than 128 characters"),
            "set its `maxLength` to 128 or less",
        ))
    } else {
        None
    }
}
