//! Checks names for Python: keywords, and names that generated code uses itself.

use super::reserved;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Operation, Shape, Source, TypeDef};
use crate::plan::Plan;
use crate::read::escape;

const RENAME: &str = "choose another name";

pub(super) fn check(plan: &Plan<'_>, out: &mut Diagnostics) {
    let protocol = plan.protocol;
    for error in &protocol.errors {
        let is_keyword = reserved::KEYWORDS
            .binary_search(&&*error.code.snake())
            .is_ok();
        if is_keyword {
            let message = format!("the error name `{}` is a keyword of Python", error.code);
            out.report(Code::ReservedName, error.source.clone(), message, RENAME);
        }
        check_taken(
            "error",
            &error.code,
            reserved::ERRORS,
            &error.source,
            RENAME,
            out,
        );
    }
    for operation in &protocol.operations {
        check_taken(
            "operation",
            &operation.name,
            reserved::OPERATIONS,
            &operation.source,
            RENAME,
            out,
        );
        check_params(operation, out);
    }
    for def in &protocol.types {
        check_keys(def, out);
    }
}

fn check_params(operation: &Operation, out: &mut Diagnostics) {
    for param in &operation.params {
        let pointer = format!("/x-nats/params{}", escape(&param.name.snake()));
        let file = operation.source.file.clone();
        let source = Source { file, pointer };
        for names in [reserved::PARAMS, reserved::NAMES] {
            check_taken("parameter", &param.name, names, &source, RENAME, out);
        }
    }
}

/// Reports a name that generated code uses itself.
fn check_taken(
    what: &str,
    name: &Name,
    names: &[&str],
    source: &Source,
    help: &str,
    out: &mut Diagnostics,
) {
    if names.contains(&&*name.snake()) {
        let message = format!("the {what} name `{name}` is used by generated Python");
        out.report(Code::ReservedName, source.clone(), message, help);
    }
}

/// Reports keys that msgspec cannot read into an attribute.
fn check_keys(def: &TypeDef, out: &mut Diagnostics) {
    let Shape::Struct(shape) = &def.shape else {
        return;
    };
    let is_refused = |letter: char| matches!(letter, '"' | '\\' | '\0'..='\x1f');
    let fields = shape.fields.iter();
    for field in fields.filter(|field| field.key.contains(is_refused)) {
        let message = format!(
            "the key {} has a character that a member of a class in Python cannot have",
            quoted(&field.key)
        );
        let help = "choose another key, or remove `python` from the languages of the manifest";
        out.report(Code::ReservedName, field.source.clone(), message, help);
    }
}
