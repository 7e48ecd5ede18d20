//! The error catalogue.

use super::expression::Expression;
use super::file::File;
use super::{Emitter, docs, literal, module};
use crate::model::ErrorKind;
use crate::plan::sentences;

/// `error.py`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>) -> File<'e> {
    let mut file = File::new(emitter, "manifest.json", None, sentences::ERRORS);
    let constant = file.typing("Final");
    let errors = &emitter.plan.protocol.errors;
    for kind in errors {
        let name = kind.code.screaming();
        file.statement(&name);
        let call = Expression::call(&file.runtime("ErrorKind"), arguments(kind));
        call.write(&mut file.body, &format!("{name}: {constant} = "), "");
        docs::write(&mut file.body, &docs::paragraphs(&kind.description, &[]));
    }
    file.statement("CATALOGUE");
    let names = errors
        .iter()
        .map(|kind| Expression::plain(kind.code.screaming()));
    let all = Expression::call("", names.collect());
    let kind = Expression::plain(file.runtime("ErrorKind"));
    let tuple = vec![kind, Expression::plain("...")];
    let ty = Expression::subscript(&file.builtin("tuple"), tuple);
    let ty = Expression::subscript(&constant, vec![ty]).flat();
    all.write(&mut file.body, &format!("CATALOGUE: {ty} = "), "");
    docs::write(&mut file.body, &module::sentence(sentences::CATALOGUE));
    file
}

fn arguments(kind: &ErrorKind) -> Vec<Expression> {
    let detail = Expression::plain(literal::boolean(kind.has_detail));
    vec![
        Expression::plain(literal::text(&kind.code.snake())),
        Expression::plain(kind.status.to_string()),
        Expression::plain(literal::text(&kind.text)),
        Expression::keyword("has_detail", detail),
    ]
}
