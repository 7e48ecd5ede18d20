//! Signatures of methods.

use super::super::writer::Writer;
use super::expression::COLUMNS;
use super::reserved;
use crate::model::Operation;

/// The name of the method of an operation.
pub(super) fn method_name(operation: &Operation) -> String {
    reserved::identifier(&operation.name.snake())
}

/// Writes a method with these arguments after `self`. Long signatures have a line for each argument.
pub(super) fn method(
    out: &mut Writer,
    name: &str,
    arguments: &[String],
    returns: &str,
    body: impl FnOnce(&mut Writer),
) {
    let open = format!("{name}(");
    let close = format!(") -> {returns}:");
    let mut all = vec!["self".to_owned()];
    all.extend(arguments.iter().cloned());
    out.list(&open, &all, &close, COLUMNS);
    out.indented(body);
}
