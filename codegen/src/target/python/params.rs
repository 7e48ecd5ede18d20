//! Subject parameters: as arguments, as a tuple and as a class.

use super::expression::Expression;
use super::file::File;
use super::{docs, module};
use crate::model::{Operation, Param};
use crate::plan::{self, sentences};

/// The parameters as arguments of a method.
pub(super) fn arguments(file: &mut File<'_>, params: &[Param]) -> Vec<String> {
    let argument = |param: &Param| format!("{}: {}", param.name, file.named(&param.ty).flat());
    params.iter().map(argument).collect()
}

/// The arguments as a tuple.
pub(super) fn tuple(params: &[Param]) -> Expression {
    let names = params
        .iter()
        .map(|param| Expression::plain(param.name.snake()));
    Expression::call("", names.collect())
}

/// The types of the parameters as a tuple.
pub(super) fn types(file: &mut File<'_>, params: &[Param]) -> Expression {
    let types = params.iter().map(|param| file.named(&param.ty));
    Expression::call("", types.collect())
}

/// Writes the class of these parameters, and returns its name.
pub(super) fn class(file: &mut File<'_>, operation: &Operation, params: &[&Param]) -> String {
    let name = plan::params(operation).pascal();
    file.class(&name, params.iter().map(|param| param.name.snake()));
    let base = file.runtime("Params");
    let types: Vec<_> = params.iter().map(|param| file.named(&param.ty)).collect();
    let head = format!("class {name}({base}, frozen=True):");
    file.body.block(&head, "", |out| {
        docs::write(out, &module::sentence(&sentences::params(operation)));
        for (param, ty) in params.iter().zip(types) {
            out.blank();
            ty.write(out, &format!("{}: ", param.name), "");
            docs::write(out, &module::sentence(&sentences::param(&param.name)));
        }
    });
    name
}
