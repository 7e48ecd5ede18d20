//! The service of a role: the interface to implement and the function that serves it.

use super::client::{argument, signature};
use super::code::Code;
use super::file::File;
use super::{Emitter, docs, index, names};
use crate::model::{Operation, Request};
use crate::plan::{self, Peer, Subscription, sentences};

/// `<role>/service.ts`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>, peer: &Peer<'_>) -> File<'e> {
    let mut file = File::new(
        emitter,
        &index::service(peer),
        &format!("{}/*.json", peer.role.name.snake()),
    );
    interface(&mut file, peer);
    serve(&mut file, peer);
    file
}

fn interface(file: &mut File<'_>, peer: &Peer<'_>) {
    let methods = peer
        .requests()
        .map(|(operation, request)| (operation, handler(file, operation, request)));
    let methods: Vec<(&Operation, (Vec<String>, String))> = methods.collect();
    let doc = [sentences::service(peer.role), peer.role.description.clone()];
    docs::comment(&mut file.writer, &doc);
    let head = format!("export interface {} {{", plan::service(peer.role).pascal());
    file.writer.block(&head, "}", |writer| {
        for (at, (operation, (arguments, close))) in methods.iter().enumerate() {
            if at > 0 {
                writer.blank();
            }
            docs::comment(
                writer,
                &[
                    operation.description.clone(),
                    docs::deprecated(operation.deprecated),
                ],
            );
            signature(writer, &names::camel(&operation.name), arguments, close);
        }
    });
}

/// The arguments of a handler, and the end of its signature.
fn handler(file: &mut File<'_>, operation: &Operation, request: &Request) -> (Vec<String>, String) {
    let mut arguments = vec!["context: rt.Context".to_owned()];
    arguments.push(format!("request: {}", file.ty(request.request.pascal())));
    if has_params(file, operation) {
        arguments.push(format!("params: {}", file.ty(names::params(operation))));
    }
    (
        arguments,
        format!("): rt.Awaitable<{}>;", file.ty(request.reply.pascal())),
    )
}

/// Whether a handler gets subject parameters.
fn has_params(file: &File<'_>, operation: &Operation) -> bool {
    !file.emitter.plan.handler_params(operation).is_empty()
}

fn serve(file: &mut File<'_>, peer: &Peer<'_>) {
    let service = plan::service(peer.role).pascal();
    let mut arguments = vec!["connection: rt.Connection".to_owned()];
    arguments.extend(peer.instance().map(|param| argument(file, param)));
    arguments.push(format!("service: {service}"));
    arguments.push("options?: rt.ServeOptions".to_owned());
    let prefix = file.item("subject", "PREFIX");
    let instance = peer.instance().map(|param| {
        Code::Object(vec![(
            param.name.snake(),
            Code::text(names::camel(&param.name)),
        )])
    });
    let routes = peer.requests().map(|(operation, _)| route(file, operation));
    let routes = Code::List(routes.collect());
    let subscriptions = Code::List(peer.subscriptions.iter().map(subscription).collect());
    let members = [
        ("prefix", Some(prefix)),
        ("listen", Some(subscriptions)),
        ("instance", instance),
        ("routes", Some(routes)),
    ];
    let members = members
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    let table = Code::Table(members.collect());
    let parts = vec![Code::text("connection"), Code::text("options"), table];
    let body = Code::call("serve", parts);
    let output = file.emitter.promise();
    file.writer.blank();
    docs::comment(
        &mut file.writer,
        &[sentences::server(peer.role), START.to_owned()],
    );
    let name = format!("export function serve{}", peer.role.name.pascal());
    signature(
        &mut file.writer,
        &name,
        &arguments,
        &format!("): {output}<rt.Server> {{"),
    );
    file.writer
        .indented(|writer| body.statement("return ", writer));
    file.writer.line("}");
}

const START: &str = "Serves requests until the returned server is stopped. Throws if a subscription is refused or the connection is closed.";

fn route(file: &mut File<'_>, operation: &Operation) -> Code {
    let constant = Code::text(file.value(names::operation(operation)));
    let arguments = if has_params(file, operation) {
        "context, request, params"
    } else {
        "context, request"
    };
    let call = Code::Call(
        format!("service.{}", names::camel(&operation.name)),
        arguments.split(", ").map(Code::text).collect(),
    );
    Code::call(
        "route",
        vec![constant, Code::Arrow(arguments.to_owned(), Box::new(call))],
    )
}

fn subscription(subscription: &Subscription) -> Code {
    let queue = subscription.queue.as_deref().map(Code::string);
    Code::options([
        ("pattern", Some(Code::string(&subscription.pattern))),
        ("queue", queue),
    ])
}
