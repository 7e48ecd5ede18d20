//! The error catalogue: every error is told from every other, by its code and by its text.

use std::collections::HashMap;

use super::Index;
use crate::diagnostic::{Diagnostics, quoted};
use crate::model::Source;
use crate::read::escape;

/// Errors that every server answers with by itself, with their texts.
const STANDARD: [(&str, &str); 8] = [
    ("bad_request", "bad request: "),
    ("unknown_command", "unknown command: "),
    ("deadline_exceeded", "deadline exceeded"),
    ("overloaded", "overloaded"),
    ("draining", "draining"),
    ("internal", "internal error"),
    ("reply_too_large", "reply too large: "),
    ("reply_forgotten", "executed before, reply forgotten"),
];

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    let mut texts: HashMap<&str, String> = HashMap::new();
    let mut names: HashMap<String, String> = HashMap::new();
    for error in &index.protocol.errors {
        let code = error.code.snake();
        if let Some(other) = names.insert(error.code.pascal(), code.clone()) {
            let message = format!("the codes `{other}` and `{code}` give one name in code");
            out.error(
                error.source.clone(),
                message,
                "let the two differ in more than where words end",
            );
        }
        if STANDARD.iter().any(|(standard, _)| *standard == code) {
            let help = "remove it: every operation may answer with it; or choose another code";
            out.error(
                error.source.clone(),
                format!("the code `{code}` belongs to the runtime"),
                help,
            );
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
                "the text {} is that of the runtime's `{standard}`",
                quoted(text)
            );
            out.error(
                source(),
                message,
                "choose another text; peers that send no code are understood by it",
            );
        }
        match texts.get(text) {
            Some(other) => {
                let message = format!("the text {} is also that of `{other}`", quoted(text));
                out.error(
                    source(),
                    message,
                    "choose another text; peers that send no code are understood by it",
                );
            }
            None => drop(texts.insert(text, code)),
        }
    }
}
