//! Operations: the constant that names the messages, the subject and the options of a request or an event.

use super::code::Code;
use super::file::File;
use super::literal::integer;
use super::{docs, fault, names};
use crate::model::{Delivery, Kind, Name, Operation, Request};
use crate::plan::sentences;

/// Writes the subject parameters, the errors and the constant of an operation.
pub(super) fn items(file: &mut File<'_>, operation: &Operation) {
    params(file, operation);
    match &operation.kind {
        Kind::Request(request) => {
            fault::items(file, operation, request);
            self::request(file, operation, request);
        }
        Kind::Publish(message) => event(file, operation, message),
    }
}

/// Writes the interface of the subject parameters.
fn params(file: &mut File<'_>, operation: &Operation) {
    if operation.params.is_empty() {
        return;
    }
    file.writer.blank();
    docs::comment(&mut file.writer, &[sentences::params(operation)]);
    let types: Vec<String> = operation
        .params
        .iter()
        .map(|param| file.ty(param.ty.pascal()))
        .collect();
    file.writer.block(
        &format!("export interface {} {{", names::params(operation)),
        "}",
        |writer| {
            for (param, ty) in operation.params.iter().zip(types) {
                writer.line(&format!("{}: {ty};", param.name.snake()));
            }
        },
    );
}

/// The type of the subject parameters.
fn params_type(operation: &Operation) -> String {
    if operation.params.is_empty() {
        "rt.Empty".to_owned()
    } else {
        names::params(operation)
    }
}

fn request(file: &mut File<'_>, operation: &Operation, request: &Request) {
    let name = operation.name.snake();
    let errors: Vec<_> = file.emitter.plan.errors_of(request);
    let errors: Vec<Code> = errors
        .iter()
        .map(|kind| file.item("error", &kind.code.screaming()))
        .collect();
    let has_errors = !errors.is_empty();
    let [input, reply] = [&request.request, &request.reply].map(Name::pascal);
    let flag = |is_set: bool| is_set.then(|| Code::text("true"));
    let mut members = common(file, operation);
    members.push(("from", Some(Code::string(&operation.from.snake()))));
    members.push(("roles", Some(file.item("subject", "ROLES"))));
    members.push(("request", Some(Code::text(file.value(input.clone())))));
    members.push(("reply", Some(Code::text(file.value(reply.clone())))));
    members.push((
        "fault",
        has_errors.then(|| Code::text(names::fault(operation))),
    ));
    members.push(("errors", has_errors.then_some(Code::List(errors))));
    members.push(("catalogue", Some(file.item("error", "CATALOGUE"))));
    let has_form = file.emitter.plan.protocol.error_form.is_some();
    let form = has_form.then(|| file.item("error", "ERROR_FORM"));
    members.push(("errorForm", form));
    members.push((
        "timeout",
        Some(Code::text(integer(request.timeout_ms.into()))),
    ));
    members.push(("idempotent", flag(request.idempotent)));
    members.push(("control", flag(request.control)));
    members.push((
        "ordering",
        request
            .ordering
            .as_ref()
            .map(|field| Code::string(&ordering(file, request, field))),
    ));
    let before = format!(
        "export const {}: rt.Request<{}, {input}, {reply}>",
        names::operation(operation),
        params_type(operation)
    );
    constant(file, operation, &before, "request", &name, members);
}

/// The key of the member that orders requests.
fn ordering(file: &File<'_>, request: &Request, field: &Name) -> String {
    let def = file.emitter.plan.get(&request.request);
    let key = def.and_then(|def| match &def.shape {
        crate::model::Shape::Struct(shape) => {
            shape.fields.iter().find(|found| found.name == *field)
        }
        _ => None,
    });
    key.map_or_else(|| field.snake(), |field| field.key.clone())
}

fn event(file: &mut File<'_>, operation: &Operation, message: &Name) {
    let name = operation.name.snake();
    let queue = match &operation.delivery {
        Delivery::Queue(group) => Some(Code::string(group)),
        Delivery::Instance | Delivery::Broadcast => None,
    };
    let mut members = common(file, operation);
    members.push(("prefix", Some(file.item("subject", "PREFIX"))));
    members.push(("queue", queue));
    let message = message.pascal();
    members.push(("message", Some(Code::text(file.value(message.clone())))));
    let before = format!(
        "export const {}: rt.Event<{}, {message}>",
        names::operation(operation),
        params_type(operation)
    );
    constant(file, operation, &before, "event", &name, members);
}

/// The members that requests and events share.
fn common(file: &mut File<'_>, operation: &Operation) -> Vec<(&'static str, Option<Code>)> {
    let subject = file.item("subject", &operation.name.screaming());
    let params = operation.params.iter();
    let params = params.map(|param| {
        (
            param.name.snake(),
            Code::text(file.value(param.ty.pascal())),
        )
    });
    let params = Code::Object(params.collect());
    vec![("subject", Some(subject)), ("params", Some(params))]
}

fn constant(
    file: &mut File<'_>,
    operation: &Operation,
    before: &str,
    function: &str,
    name: &str,
    members: Vec<(&'static str, Option<Code>)>,
) {
    let members = members.into_iter();
    let members = members.filter_map(|(key, value)| Some((key.to_owned(), value?)));
    let table = Code::Table(members.collect());
    file.writer.blank();
    docs::comment(
        &mut file.writer,
        &[
            operation.description.clone(),
            docs::deprecated(operation.deprecated),
        ],
    );
    file.assign(
        before,
        &Code::call(function, vec![Code::string(name), table.thunk()]),
    );
}
