//! The errors of an operation: an exception with a constructor for each declared error.

use super::expression::Expression;
use super::file::File;
use super::{docs, literal, module, value};
use crate::model::{ErrorKind, Operation, Request};
use crate::plan::{self, sentences};

/// Writes the exception of an operation's errors.
pub(super) fn item(file: &mut File<'_>, operation: &Operation, request: &Request) {
    if request.errors.is_empty() {
        return;
    }
    let name = plan::fault(operation).pascal();
    let kinds = file.emitter.plan.errors_of(request);
    file.class(&name, kinds.iter().map(|kind| kind.code.snake()));
    let codes: Vec<String> = kinds.iter().map(|kind| kind.code.snake()).collect();
    let codes = value::literals(file, codes.iter().map(String::as_str));
    let base = Expression::subscript(&file.runtime("Fault"), vec![codes]);
    let catalogue = Expression::plain(file.in_module("error", "CATALOGUE"));
    let bases = vec![base, Expression::keyword("catalogue", catalogue)];
    let text = file.builtin("str");
    Expression::call(&format!("class {name}"), bases).write(&mut file.body, "", ":");
    file.body.indented(|out| {
        docs::write(out, &module::sentence(&sentences::fault(operation)));
        for kind in kinds {
            out.blank();
            constructor(out, &name, kind, &text);
        }
    });
}

/// Writes the constructor of an error.
fn constructor(out: &mut super::super::writer::Writer, class: &str, kind: &ErrorKind, text: &str) {
    let code = kind.code.snake();
    let (argument, detail) = if kind.has_detail {
        (format!(", detail: {text}"), ", detail")
    } else {
        (String::new(), "")
    };
    out.line("@classmethod");
    let head = format!("def {code}(cls{argument}) -> {class}:");
    out.block(&head, "", |out| {
        docs::write(out, &docs::paragraphs(&kind.description, &[]));
        out.line(&format!("return cls({}{detail})", literal::text(&code)));
    });
}
