//! Subject parameters: as arguments, as tokens and as a struct.

use super::file::File;
use super::literal::text;
use super::value::integer_type;
use super::{docs, names};
use crate::model::{Operation, Param, Shape};
use crate::plan::{self, sentences};

/// The parameters as function arguments, each followed by `, `.
pub(super) fn arguments(file: &mut File<'_>, params: &[Param]) -> String {
    let arguments = params.iter().map(|param| {
        let ty = file.named(&param.ty);
        format!("{} {ty}, ", names::unexported(&param.name))
    });
    arguments.collect()
}

/// The tokens of the parameters, each after `, `.
pub(super) fn tokens<'p>(
    file: &mut File<'_>,
    params: impl IntoIterator<Item = &'p Param>,
) -> String {
    let tokens = params.into_iter().map(|param| {
        let name = names::unexported(&param.name);
        match integer_kind(file, param) {
            None => format!(", string({name})"),
            Some(kind) => format!(", {}({name})", file.runtime(&format!("{kind}Token"))),
        }
    });
    tokens.collect()
}

/// The expression of the subject of an operation.
pub(super) fn subject(file: &mut File<'_>, operation: &Operation) -> String {
    let template = file.local(super::SUBJECTS, &names::exported(&operation.name));
    let call = file.runtime("NewSubject");
    let params = operation.params.iter().map(|param| {
        let def = file.emitter.plan.get(&param.ty);
        if let Some(Shape::Enum(values)) = def.map(|def| &def.shape) {
            let texts: Vec<String> = values.iter().map(|value| text(&value.text)).collect();
            return format!(", {}({})", file.runtime("EnumParam"), texts.join(", "));
        }
        let ty = file.named(&param.ty);
        let kind = integer_kind(file, param).unwrap_or_default();
        format!(", {}[{ty}]", file.runtime(&format!("{kind}Param")))
    });
    let params: String = params.collect();
    format!("{call}({template}{params})")
}

/// Writes the struct of an operation's parameters, and the function that reads it from a subject.
pub(super) fn params_struct(file: &mut File<'_>, operation: &Operation, params: &[&Param]) {
    let name = names::exported(&plan::params(operation));
    file.writer.line("");
    let doc = format!(
        "{name} contains the subject parameters of `{}`.",
        operation.name
    );
    docs::comment(&mut file.writer, &[&doc]);
    fields(file, &name, params, "");
    let tokens = file.runtime("Tokens");
    let reads: Vec<String> = params
        .iter()
        .map(|param| {
            let at = operation
                .params
                .iter()
                .position(|other| other.name == param.name);
            let at = at.unwrap_or_default();
            let ty = file.named(&param.ty);
            let token = match integer_kind(file, param) {
                None => format!("t[{at}]"),
                Some(kind) => format!("t.{kind}({at})"),
            };
            format!("{}: {ty}({token})", names::exported(&param.name))
        })
        .collect();
    let signature = format!("func {}(t {tokens}) {name}", read_function(operation));
    let body = format!("return {name}{{{}}}", reads.join(", "));
    file.writer.line("");
    file.writer
        .lines(&super::value::function(&signature, &body));
}

/// The function that reads the parameters of an operation from a subject.
pub(super) fn read_function(operation: &Operation) -> String {
    format!("read{}", names::exported(&plan::params(operation)))
}

/// Writes the struct with which a subscriber selects messages.
pub(super) fn filter_struct(file: &mut File<'_>, operation: &Operation) {
    let name = names::exported(&plan::filter(operation));
    file.writer.line("");
    let doc = format!(
        "{name} selects events of `{}` by their subject parameters. Nil matches every value.",
        operation.name
    );
    docs::comment(&mut file.writer, &[&doc]);
    let params: Vec<&Param> = operation.params.iter().collect();
    fields(file, &name, &params, "*");
}

/// The filter tokens of the parameters, each after `, `.
pub(super) fn filters(file: &mut File<'_>, operation: &Operation) -> String {
    let filters = operation.params.iter().map(|param| {
        let kind = integer_kind(file, param).unwrap_or("Text");
        let call = file.runtime(&format!("{kind}Filter"));
        format!(", {call}(filter.{})", names::exported(&param.name))
    });
    filters.collect()
}

fn fields(file: &mut File<'_>, name: &str, params: &[&Param], pointer: &str) {
    if params.is_empty() {
        file.writer.line(&format!("type {name} struct{{}}"));
        return;
    }
    file.block(&format!("type {name} struct {{"), "}", |file| {
        for (at, param) in params.iter().enumerate() {
            if at > 0 {
                file.writer.line("");
            }
            let ty = file.named(&param.ty);
            docs::comment(&mut file.writer, &[&sentences::param(&param.name)]);
            let field = names::exported(&param.name);
            file.writer.line(&format!("{field} {pointer}{ty}"));
        }
    });
}

/// `Int` or `Uint` for a parameter that is an integer.
fn integer_kind(file: &File<'_>, param: &Param) -> Option<&'static str> {
    match file.emitter.plan.get(&param.ty).map(|def| &def.shape) {
        Some(Shape::Integer(range)) if integer_type(*range) == "uint64" => Some("Uint"),
        Some(Shape::Integer(_)) => Some("Int"),
        _ => None,
    }
}
