//! The client of a role, with a method for each operation of the role.

use super::expression::Expression;
use super::file::File;
use super::function::method_name;
use super::{Emitter, docs, function, module, params};
use crate::model::{Kind, Name, Operation, Request};
use crate::plan::{self, Peer, sentences};

/// `<role>/client.py`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>, peer: &Peer<'_>) -> File<'e> {
    let folder = peer.role.name.snake();
    let summary = sentences::client(peer.role);
    let source = format!("{folder}/*.json");
    let mut file = File::new(emitter, &source, Some(&folder), &summary);
    let name = plan::client(peer.role).pascal();
    let operations = &peer.operations;
    let methods = operations.iter().map(|operation| method_name(operation));
    file.class(&name, methods);
    file.body.line(&format!("class {name}:"));
    file.body
        .indented(|out| docs::write(out, &module::sentence(&summary)));
    constructor(&mut file);
    for operation in operations {
        match &operation.kind {
            Kind::Request(request) => call(&mut file, operation, request),
            Kind::Publish(message) => publish(&mut file, operation, message),
        }
    }
    file
}

fn constructor(file: &mut File<'_>) {
    let connection = format!("connection: {}", file.runtime("Connection"));
    let options = format!("options: {} | None = None", file.runtime("CallOptions"));
    let (caller, prefix) = (file.runtime("Caller"), file.in_module("subject", "PREFIX"));
    file.body.blank();
    file.body.indented(|out| {
        function::method(out, "def __init__", &[connection, options], "None", |out| {
            out.line(&format!(
                "self._caller = {caller}(connection, {prefix}, options)"
            ));
        });
    });
}

fn call(file: &mut File<'_>, operation: &Operation, request: &Request) {
    let mut arguments = params::arguments(file, &operation.params);
    arguments.push(format!("request: {}", file.named(&request.request).flat()));
    arguments.push("*".to_owned());
    let seconds = file.builtin("float");
    arguments.push(format!("timeout: {seconds} | None = None"));
    let reply = file.named(&request.reply).flat();
    let mut raises = vec!["CallError: The call failed; `phase` says how far it came.".to_owned()];
    if !request.errors.is_empty() {
        let fault = plan::fault(operation).pascal();
        raises.insert(0, format!("{fault}: The peer refuses the request."));
    }
    let constant = Expression::plain(file.constant(&operation.name));
    let values = ["request", "timeout"].map(Expression::plain);
    let values = [constant, params::tuple(&operation.params)]
        .into_iter()
        .chain(values);
    let body = Expression::call("await self._caller.call", values.collect());
    method(
        file, operation, &arguments, &reply, &raises, &body, "return ",
    );
}

fn publish(file: &mut File<'_>, operation: &Operation, message: &Name) {
    let mut arguments = params::arguments(file, &operation.params);
    arguments.push(format!("event: {}", file.named(message).flat()));
    let raises = ["PublishError: The event breaks its schema or cannot be sent.".to_owned()];
    let constant = Expression::plain(file.constant(&operation.name));
    let params = params::tuple(&operation.params);
    let values = vec![constant, params, Expression::plain("event")];
    let body = Expression::call("await self._caller.publish", values);
    method(file, operation, &arguments, "None", &raises, &body, "");
}

/// Writes the method of an operation, which consists of a single statement.
fn method(
    file: &mut File<'_>,
    operation: &Operation,
    arguments: &[String],
    returns: &str,
    raises: &[String],
    body: &Expression,
    before: &str,
) {
    let raises = format!("Raises:\n    {}", raises.join("\n    "));
    let paragraphs = docs::method(operation, &[raises]);
    let name = format!("async def {}", method_name(operation));
    file.body.blank();
    file.body.indented(|out| {
        function::method(out, &name, arguments, returns, |out| {
            docs::write(out, &paragraphs);
            body.write(out, before, "");
        });
    });
}
