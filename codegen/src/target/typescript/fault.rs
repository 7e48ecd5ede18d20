//! The errors of an operation: a class with a function for each error.

use super::code::WIDTH;
use super::file::File;
use super::literal::string;
use super::{docs, names};
use crate::model::{ErrorKind, Operation, Request};
use crate::plan::sentences;
use crate::target::writer::Writer;

/// Writes the class of the errors, if the operation declares errors.
pub(super) fn items(file: &mut File<'_>, operation: &Operation, request: &Request) {
    let errors = file.emitter.plan.errors_of(request);
    if errors.is_empty() {
        return;
    }
    let name = names::fault(operation);
    let codes: Vec<String> = errors
        .iter()
        .map(|kind| string(&kind.code.snake()))
        .collect();
    for kind in &errors {
        file.item("error", &kind.code.screaming());
    }
    let writer = &mut file.writer;
    writer.blank();
    docs::comment(writer, &[sentences::fault(operation)]);
    head(writer, &name, &codes);
    writer.indented(|writer| {
        for (at, kind) in errors.iter().enumerate() {
            if at > 0 {
                writer.blank();
            }
            function(writer, &name, kind);
        }
    });
    writer.line("}");
}

/// Writes the first line of the class, or its first lines if it has many errors.
fn head(writer: &mut Writer, name: &str, codes: &[String]) {
    let union = codes.join(" | ");
    let line = format!("export class {name} extends rt.Fault<{union}> {{");
    if writer.fits(&line, WIDTH) {
        return writer.line(&line);
    }
    writer.block(
        &format!("export class {name} extends rt.Fault<"),
        "> {",
        |writer| {
            if writer.fits(&union, WIDTH) {
                writer.line(&union);
            } else {
                for code in codes {
                    writer.line(&format!("| {code}"));
                }
            }
        },
    );
}

fn function(writer: &mut Writer, name: &str, kind: &ErrorKind) {
    let (function, constant) = (names::camel(&kind.code), kind.code.screaming());
    let (parameter, argument) = if kind.has_detail {
        ("detail: string", ", detail")
    } else {
        ("", "")
    };
    docs::comment(writer, std::slice::from_ref(&kind.description));
    writer.block(
        &format!("static {function}({parameter}): {name} {{"),
        "}",
        |writer| {
            writer.line(&format!("return new {name}(error.{constant}{argument});"));
        },
    );
}
