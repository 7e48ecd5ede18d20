//! Parameters: a value cannot contain a separator or a wildcard of a subject.

use super::token::{Strings, is_token};
use super::{Index, at};
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::Shape;

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
                Shape::Text(text) => {
                    unsafe_text(&name, Strings::of(index, text, ty.assertion.as_ref()))
                }
                Shape::Enum(values) => values
                    .iter()
                    .find(|value| !is_token(&value.text))
                    .map(|value| {
                        let text = quoted(&value.text);
                        let help = "use other values: printable ASCII without `.`, `*`, `>`, quotes, braces and backslashes";
                        (format!("{name} has the value {text}"), help)
                    }),
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

/// The reason why a string is unsafe in a subject, and the fix. The runtime limits the length of a parameter, and refuses
/// characters outside of printable ASCII.
fn unsafe_text(name: &str, strings: Strings) -> Option<(String, &'static str)> {
    if !strings.stay_in_token() {
        let help = "restrict it with a `pattern`, e.g. `^[^.*>\\s]+$`, or with an `enum`";
        let message = format!("{name} does not exclude `.`, `*`, `>` and white space");
        Some((message, help))
    } else if strings.may_be_empty() {
        Some((
            format!("{name} may be empty"),
            "set its `minLength` to 1 or more",
        ))
    } else {
        None
    }
}
