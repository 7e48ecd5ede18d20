//! The client of a role, with a method for each operation of the role.

use super::code::{Code, WIDTH};
use super::file::File;
use super::{Emitter, docs, index, names};
use crate::model::{Kind, Name, Operation, Param, Request};
use crate::plan::{self, Peer, sentences};
use crate::target::writer::Writer;

/// `<role>/client.ts`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>, peer: &Peer<'_>) -> File<'e> {
    let mut file = File::new(
        emitter,
        &index::client(peer),
        &format!("{}/*.json", peer.role.name.snake()),
    );
    let prefix = file.item("subject", "PREFIX");
    let methods: Vec<Method> = peer
        .operations
        .iter()
        .map(|operation| method(&mut file, operation))
        .collect();
    let name = plan::client(peer.role).pascal();
    docs::comment(&mut file.writer, &[sentences::client(peer.role)]);
    file.writer.block(
        &format!("export class {name} extends rt.Client {{"),
        "}",
        |writer| {
            docs::comment(
                writer,
                &["Creates a client that uses `connection`.".to_owned()],
            );
            writer.block(
                "constructor(connection: rt.Connection, options?: rt.CallOptions) {",
                "}",
                |writer| {
                    let arguments = ["connection", "options"].map(Code::text);
                    let [connection, options] = arguments;
                    let call = Code::Call("super".to_owned(), vec![connection, prefix, options]);
                    call.statement("", writer);
                },
            );
            for method in &methods {
                method.write(writer);
            }
        },
    );
    file
}

/// A method of a client.
struct Method {
    doc: Vec<String>,
    name: String,
    arguments: Vec<String>,
    output: String,
    body: Code,
}

impl Method {
    fn write(&self, writer: &mut Writer) {
        writer.blank();
        docs::comment(writer, &self.doc);
        signature(
            writer,
            &self.name,
            &self.arguments,
            &format!("): {} {{", self.output),
        );
        writer.indented(|writer| self.body.statement("return ", writer));
        writer.line("}");
    }
}

/// Writes `name(arguments` and `close`, on a line for each argument if they do not fit on a single line.
pub(super) fn signature(writer: &mut Writer, name: &str, arguments: &[String], close: &str) {
    writer.list(&format!("{name}("), arguments, close, WIDTH);
}

fn method(file: &mut File<'_>, operation: &Operation) -> Method {
    match &operation.kind {
        Kind::Request(request) => call(file, operation, request),
        Kind::Publish(message) => publish(file, operation, message),
    }
}

fn call(file: &mut File<'_>, operation: &Operation, request: &Request) -> Method {
    let fault = names::fault(operation);
    let refusal = if request.errors.is_empty() {
        String::new()
    } else {
        format!(" Throws `{fault}` if the peer refuses the request.")
    };
    let output = file.ty(request.reply.pascal());
    Method {
        doc: doc(
            operation,
            &format!("Throws `CallError`, which says how far the call came.{refusal}"),
        ),
        name: names::camel(&operation.name),
        arguments: arguments(file, operation, "request", &request.request),
        output: format!("{}<{output}>", file.emitter.promise()),
        body: body(file, operation, "call", "request"),
    }
}

fn publish(file: &mut File<'_>, operation: &Operation, message: &Name) -> Method {
    let throws = "Throws `PublishFailure` if the event breaks its schema or cannot be sent. Success does not mean that a subscriber received it.";
    Method {
        doc: doc(operation, throws),
        name: names::camel(&operation.name),
        arguments: arguments(file, operation, "event", message),
        output: format!("{}<void>", file.emitter.promise()),
        body: body(file, operation, "publish", "event"),
    }
}

fn doc(operation: &Operation, throws: &str) -> Vec<String> {
    vec![
        operation.description.clone(),
        throws.to_owned(),
        docs::deprecated(operation.deprecated),
    ]
}

/// The arguments of a method.
fn arguments(file: &mut File<'_>, operation: &Operation, message: &str, ty: &Name) -> Vec<String> {
    let params = operation.params.iter();
    let mut arguments: Vec<String> = params.map(|param| argument(file, param)).collect();
    arguments.push(format!("{message}: {}", file.ty(ty.pascal())));
    arguments.push("options?: rt.CallOptions".to_owned());
    arguments
}

/// A subject parameter as an argument.
pub(super) fn argument(file: &mut File<'_>, param: &Param) -> String {
    format!(
        "{}: {}",
        names::camel(&param.name),
        file.ty(param.ty.pascal())
    )
}

fn body(file: &mut File<'_>, operation: &Operation, function: &str, message: &str) -> Code {
    let constant = Code::text(file.value(names::operation(operation)));
    let params = operation
        .params
        .iter()
        .map(|param| (param.name.snake(), names::camel(&param.name)));
    let params = params.map(|(key, argument)| (key, Code::text(argument)));
    let params = Code::Object(params.collect());
    let arguments = vec![constant, params, Code::text(message), Code::text("options")];
    Code::Call(format!("this.{function}"), arguments)
}
