//! The description of a request: its types, subject, timeout and ordering.

use super::expression::Expression;
use super::file::File;
use super::{literal, module, params};
use crate::model::{Operation, Request, Shape};
use crate::plan;

/// Writes the class of a request's parameters and its description.
pub(super) fn items(file: &mut File<'_>, operation: &Operation, request: &Request) {
    let handler_params = file.emitter.plan.handler_params(operation);
    let params_class = if handler_params.is_empty() {
        None
    } else {
        Some(params::class(file, operation, &handler_params))
    };
    let name = operation.name.screaming();
    file.statement(&name);
    let types = vec![file.named(&request.request), file.named(&request.reply)];
    let class = Expression::subscript(&file.runtime("Operation"), types.clone()).flat();
    let mut arguments = Arguments::of(file, operation);
    let caller = Expression::plain(literal::text(&operation.from.snake()));
    arguments.add("caller", caller);
    let roles = Expression::plain(file.in_module("subject", "ROLES"));
    arguments.add("roles", roles);
    let [input, reply] = &types[..] else { return };
    arguments.add("request", input.clone());
    arguments.add("reply", reply.clone());
    if !request.errors.is_empty() {
        let fault = plan::fault(operation).pascal();
        arguments.add("fault", Expression::plain(fault));
    }
    if file.emitter.plan.protocol.error_form.is_some() {
        let form = file.in_module("error", "ERROR_FORM");
        arguments.add("error_form", Expression::plain(form));
    }
    let timeout = std::time::Duration::from_millis(request.timeout_ms).as_secs_f64();
    arguments.add("timeout", Expression::plain(literal::float(timeout)));
    let yes = || Expression::plain(literal::boolean(true));
    if request.idempotent {
        arguments.add("idempotent", yes());
    }
    if request.control {
        arguments.add("control", yes());
    }
    if let Some(member) = ordering(file, request) {
        arguments.add("ordering", Expression::plain(literal::text(&member)));
    }
    if let Some(class) = params_class {
        arguments.add("params", Expression::plain(class));
    }
    arguments.write(file, &name, &class, operation);
}

/// The attribute of the ordering key.
fn ordering(file: &File<'_>, request: &Request) -> Option<String> {
    let name = request.ordering.as_ref()?;
    let def = file.emitter.plan.get(&request.request)?;
    let Shape::Struct(shape) = &def.shape else {
        return None;
    };
    let field = shape.fields.iter().find(|field| field.name == *name)?;
    Some(super::structs::attribute(shape, field))
}

/// The arguments of a description.
pub(super) struct Arguments(Vec<Expression>);

impl Arguments {
    /// The arguments that requests and events have: name, subject and the types of the subject's parameters.
    pub(super) fn of(file: &mut File<'_>, operation: &Operation) -> Self {
        let name = Expression::plain(literal::text(&operation.name.snake()));
        let template = file.in_module("subject", &operation.name.screaming());
        let mut arguments = Self(Vec::new());
        arguments.add("name", name);
        arguments.add("template", Expression::plain(template));
        if !operation.params.is_empty() {
            let tokens = params::types(file, &operation.params);
            arguments.add("tokens", tokens);
        }
        arguments
    }

    pub(super) fn add(&mut self, name: &str, value: Expression) {
        self.0.push(Expression::keyword(name, value));
    }

    /// Writes the description.
    pub(super) fn write(self, file: &mut File<'_>, name: &str, class: &str, operation: &Operation) {
        let constant = file.typing("Final");
        let call = Expression::call(class, self.0);
        call.write(&mut file.body, &format!("{name}: {constant} = "), "");
        let text = format!("Description of the operation `{}`.", operation.name);
        super::docs::write(&mut file.body, &module::sentence(&text));
    }
}
