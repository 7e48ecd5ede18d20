//! Parts that the declarations of several kinds of types share.

use super::file::File;
use super::{docs, names};
use crate::model::TypeDef;
use crate::target::writer::Writer;

/// Writes the doc comment of a type, with a further paragraph unless `more` is empty.
pub(super) fn comment(file: &mut File<'_>, def: &TypeDef, more: &str) {
    let deprecated = docs::deprecated(def.deprecated);
    let schema = docs::schema(&def.source);
    file.writer.blank();
    docs::comment(
        &mut file.writer,
        &[&def.description, more, &schema, deprecated],
    );
}

/// Writes the method that reads a value, with the statements of `body`.
pub(super) fn read_method(file: &mut File<'_>, def: &TypeDef, body: impl FnOnce(&mut File<'_>)) {
    let reader = file.codec("Reader");
    let signature = format!(
        "func (v *{}) DecodeFrom(r *{reader})",
        names::exported(&def.name)
    );
    method(file, def, "r", &signature, body);
}

/// Writes the method that writes a value, with the statements of `body`.
pub(super) fn write_method(file: &mut File<'_>, def: &TypeDef, body: impl FnOnce(&mut File<'_>)) {
    let writer = file.codec("Writer");
    let signature = format!(
        "func (v *{}) EncodeTo(w *{writer})",
        names::exported(&def.name)
    );
    method(file, def, "w", &signature, body);
}

/// Writes a method. If the type has an assertion, the method also validates the value.
fn method(
    file: &mut File<'_>,
    def: &TypeDef,
    on: &str,
    signature: &str,
    body: impl FnOnce(&mut File<'_>),
) {
    let assertion = def.assertion.as_ref();
    let assertion = assertion.map(|name| file.local(super::ASSERTIONS, &names::exported(name)));
    file.writer.line("");
    file.block(&format!("{signature} {{"), "}", |file| {
        if assertion.is_some() {
            file.writer.line(&format!("start := {on}.Begin()"));
        }
        body(file);
        if let Some(assertion) = assertion {
            file.writer.line(&format!("{on}.Check(start, {assertion})"));
        }
    });
}

/// Writes the methods of a type that is a single value, in a single line each if gofmt keeps it.
pub(super) fn value_methods(file: &mut File<'_>, def: &TypeDef, read: &str, write: &str) {
    if def.assertion.is_some() {
        read_method(file, def, |file| file.writer.lines(read));
        write_method(file, def, |file| file.writer.lines(write));
        return;
    }
    let name = names::exported(&def.name);
    let (reader, writer) = (file.codec("Reader"), file.codec("Writer"));
    one_line(
        file,
        &format!("func (v *{name}) DecodeFrom(r *{reader})"),
        read,
    );
    one_line(
        file,
        &format!("func (v *{name}) EncodeTo(w *{writer})"),
        write,
    );
}

/// Writes the methods with which `encoding/json` reads and writes the type.
pub(super) fn json_methods(file: &mut File<'_>, name: &str) {
    let (marshal, unmarshal) = (file.codec("Marshal"), file.codec("Unmarshal"));
    one_line(
        file,
        &format!("func (v {name}) MarshalJSON() ([]byte, error)"),
        &format!("return {marshal}(&v)"),
    );
    one_line(
        file,
        &format!("func (v *{name}) UnmarshalJSON(text []byte) error"),
        &format!("return {unmarshal}(text, v)"),
    );
}

/// Writes a function, on a single line if gofmt keeps it there.
pub(super) fn one_line(file: &mut File<'_>, signature: &str, body: &str) {
    file.writer.line("");
    file.writer.lines(&super::value::function(signature, body));
}

/// Writes a switch over an index.
pub(super) fn switch(writer: &mut Writer, on: &str, cases: &[(String, String)]) {
    if cases.is_empty() {
        return;
    }
    if let [(label, body)] = cases
        && label == "default:"
    {
        writer.lines(body);
        return;
    }
    writer.line(&format!("switch {on} {{"));
    for (label, body) in cases {
        writer.block(label, "", |writer| writer.lines(body));
    }
    writer.line("}");
}
