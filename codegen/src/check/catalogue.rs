//! The error catalogue: the codes and the texts of errors are unique.

use std::collections::HashMap;

use super::Index;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::Source;
use crate::read::escape;

/// The help for a duplicate error text.
const ANOTHER_TEXT: &str =
    "choose another text; it identifies the error of peers that send no code";
/// The runtime's own errors with their texts.
const STANDARD: [(&str, &str); 11] = [
    ("bad_request", "bad request: "),
    ("unknown_command", "unknown command: "),
    ("deadline_exceeded", "deadline exceeded"),
    ("overloaded", "overloaded"),
    ("draining", "draining"),
    ("internal", "internal error"),
    ("reply_too_large", "reply too large: "),
    ("reply_forgotten", "executed before, reply forgotten"),
    (
        "key_overloaded",
        "overloaded: too many requests with this ordering key",
    ),
    ("cancelled", "cancelled"),
    ("aborted", "aborted"),
];

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    let mut texts: HashMap<&str, String> = HashMap::new();
    let mut names: HashMap<String, String> = HashMap::new();
    for error in &index.protocol.errors {
        let code = error.code.snake();
        if let Some(other) = names.insert(error.code.pascal(), code.clone()) {
            let message = format!("the codes `{other}` and `{code}` have the same name in code");
            let help = "rename one of the two; `_` alone does not tell names apart";
            out.report(Code::DuplicateName, error.source.clone(), message, help);
        }
        if STANDARD.iter().any(|(standard, _)| *standard == code) {
            let message = format!("the runtime already has the error `{code}`");
            let help = "remove it, because every operation may return it, or choose another code";
            out.report(Code::ReservedError, error.source.clone(), message, help);
        }
        if identified_by_code(index) {
            continue;
        }
        let text = error.text.trim_end();
        let source = || Source {
            file: error.source.file.clone(),
            pointer: format!("{}{}", error.source.pointer, escape("text")),
        };
        if let Some((standard, _)) = STANDARD
            .iter()
            .find(|(_, standard)| standard.trim_end() == text)
        {
            let message = format!(
                "the text {} is the text of the runtime's error `{standard}`",
                quoted(text)
            );
            out.report(Code::ReservedError, source(), message, ANOTHER_TEXT);
        }
        match texts.get(text) {
            Some(other) => {
                let message = format!(
                    "duplicate error text {}: `{other}` has it too",
                    quoted(text)
                );
                out.report(Code::DuplicateErrorText, source(), message, ANOTHER_TEXT);
            }
            None => drop(texts.insert(text, code)),
        }
    }
}

/// Whether each error has a code on the wire, so that the texts need not tell errors apart.
fn identified_by_code(index: &Index<'_>) -> bool {
    let form = index.protocol.error_form.as_ref();
    form.is_some_and(|form| form.code.is_some())
}
