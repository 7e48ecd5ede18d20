//! The client of a role, with a method for each operation of the role.

use super::file::File;
use super::{Emitter, FAULTS, docs, names, operation, params};
use crate::model::{Kind, Name, Operation, Request};
use crate::plan::Peer;

/// `<role>/client.go`.
pub(super) fn file(emitter: &Emitter<'_>, peer: &Peer<'_>) -> String {
    let folder = peer.role.name.snake();
    let mut file = File::new(emitter, &folder, &format!("{folder}/*.json"));
    let caller = file.runtime("Caller");
    docs::comment(
        &mut file.writer,
        &[
            &format!("Client is the client for the `{}` role.", peer.role.name),
            "Its methods can be called from several goroutines.",
        ],
    );
    file.writer
        .line(&format!("type Client struct{{ caller *{caller} }}"));
    constructor(&mut file);
    for operation in &peer.operations {
        match &operation.kind {
            Kind::Request(request) => call(&mut file, operation, request),
            Kind::Publish(message) => publish(&mut file, operation, message),
        }
    }
    let (package, role) = (names::package(&folder), &peer.role.name);
    file.render(&format!(
        "Package {package} contains the messages, the client and the service of the `{role}` role."
    ))
}

fn constructor(file: &mut File<'_>) {
    let (conn, option) = (file.runtime("Conn"), file.runtime("CallOption"));
    let call = file.runtime("NewCaller");
    let prefix = file.local(super::SUBJECTS, "Prefix");
    file.writer.line("");
    file.writer.line(
        "// NewClient returns a client that uses conn. The options are the defaults of all calls.",
    );
    let signature = format!("func NewClient(conn *{conn}, options ...{option}) *Client {{");
    file.writer.block(&signature, "}", |writer| {
        writer.line(&format!(
            "return &Client{{caller: {call}(conn, {prefix}, options...)}}"
        ));
    });
}

fn call(file: &mut File<'_>, operation: &Operation, request: &Request) {
    let name = names::exported(&operation.name);
    let faults = file.emitter.plan.errors_of(request);
    let faults = faults.iter().map(|kind| names::exported(&kind.code));
    let faults: Vec<String> = faults.map(|kind| format!("{FAULTS}.{kind}")).collect();
    let errors = if faults.is_empty() {
        String::new()
    } else {
        format!("The peer can answer with an error: {}", faults.join(", "))
    };
    comment(file, operation, &errors);
    let context = file.standard("context", "Context");
    let arguments = params::arguments(file, &operation.params);
    let (input, reply) = (file.named(&request.request), file.named(&request.reply));
    let option = file.runtime("CallOption");
    let tokens = params::tokens(file, &operation.params);
    let variable = operation::name(operation);
    let signature = format!(
        "func (c *Client) {name}(ctx {context}, {arguments}request {input}, options ...{option}) (reply {reply}, err error) {{"
    );
    file.writer.block(&signature, "}", |writer| {
        writer.line(&format!(
            "err = c.caller.Call(ctx, &{variable}, &request, &reply, options{tokens})"
        ));
        writer.line("return reply, err");
    });
}

fn publish(file: &mut File<'_>, operation: &Operation, message: &Name) {
    let name = names::exported(&operation.name);
    comment(
        file,
        operation,
        "An error means that the event violates its schema or could not be sent. Without an error, it is unknown whether a subscriber received it.",
    );
    let context = file.standard("context", "Context");
    let arguments = params::arguments(file, &operation.params);
    let message = file.named(message);
    let tokens = params::tokens(file, &operation.params);
    let variable = operation::name(operation);
    let signature =
        format!("func (c *Client) {name}(ctx {context}, {arguments}event {message}) error {{");
    file.writer.block(&signature, "}", |writer| {
        writer.line(&format!(
            "return c.caller.Publish(ctx, &{variable}, &event{tokens})"
        ));
    });
}

fn comment(file: &mut File<'_>, operation: &Operation, more: &str) {
    file.writer.line("");
    let deprecated = docs::deprecated(operation.deprecated);
    docs::comment(
        &mut file.writer,
        &[&operation.description, more, deprecated],
    );
}
