//! The error catalogue.

use super::expression::Expression;
use super::file::File;
use super::{Emitter, docs, literal, module};
use crate::model::{ErrorForm, ErrorKind};
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
    if let Some(form) = &emitter.plan.protocol.error_form {
        file.statement("ERROR_FORM");
        let call = Expression::call(&file.runtime("ErrorForm"), members(form, errors));
        call.write(&mut file.body, &format!("ERROR_FORM: {constant} = "), "");
        docs::write(&mut file.body, &module::sentence(sentences::ERROR_FORM));
    }
    file
}

/// The members of the form of errors.
fn members(form: &ErrorForm, errors: &[ErrorKind]) -> Vec<Expression> {
    let pointers = [
        ("text", &form.text),
        ("code", &form.code),
        ("status", &form.status),
    ];
    let pointers = pointers.iter().filter_map(|(name, pointer)| {
        let pointer = literal::text(pointer.as_deref()?);
        Some(Expression::keyword(name, Expression::plain(pointer)))
    });
    let mut members: Vec<Expression> = pointers.collect();
    let values = [("when", &form.when), ("unless", &form.unless)];
    for (name, values) in values.iter().filter(|(_, values)| !values.is_empty()) {
        let values = values.iter().map(|(pointer, json)| {
            let json = Expression::plain(literal::text(&json.to_string()));
            (literal::text(pointer), json)
        });
        members.push(Expression::keyword(
            name,
            Expression::dict(values.collect()),
        ));
    }
    let codes = errors.iter().filter_map(|error| {
        let code = error.wire_code.as_ref()?;
        let code = code
            .as_str()
            .map_or_else(|| code.to_string(), literal::text);
        Some((literal::text(&error.code.snake()), Expression::plain(code)))
    });
    let codes: Vec<_> = codes.collect();
    if !codes.is_empty() {
        members.push(Expression::keyword("codes", Expression::dict(codes)));
    }
    members
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
