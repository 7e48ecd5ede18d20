//! The service of a role: the interface to implement and the function that serves it.

use super::file::File;
use super::literal::text;
use super::{Emitter, docs, names, operation, params};
use crate::model::{Operation, Param, Request};
use crate::plan::{self, Peer, Subscription};

/// `<role>/service.go`.
pub(super) fn file(emitter: &Emitter<'_>, peer: &Peer<'_>) -> String {
    let folder = peer.role.name.snake();
    let mut file = File::new(emitter, &folder, &format!("{folder}/*.json"));
    interface(&mut file, peer);
    serve(&mut file, peer);
    file.render("")
}

fn interface(file: &mut File<'_>, peer: &Peer<'_>) {
    docs::comment(
        &mut file.writer,
        &[
            &format!("Service is the service of the `{}` role.", peer.role.name),
            &peer.role.description,
            "The methods are called from several goroutines.",
        ],
    );
    file.block("type Service interface {", "}", |file| {
        for (at, (operation, request)) in peer.requests().enumerate() {
            if at > 0 {
                file.writer.line("");
            }
            method(file, operation, request);
        }
    });
}

fn method(file: &mut File<'_>, operation: &Operation, request: &Request) {
    let deprecated = docs::deprecated(operation.deprecated);
    docs::comment(&mut file.writer, &[&operation.description, deprecated]);
    let context = file.standard("context", "Context");
    let (input, reply) = (file.named(&request.request), file.named(&request.reply));
    let params = if has_params(file, operation) {
        format!("params {}, ", names::exported(&plan::params(operation)))
    } else {
        String::new()
    };
    let name = names::exported(&operation.name);
    file.writer.line(&format!(
        "{name}(ctx {context}, {params}request {input}) ({reply}, error)"
    ));
}

fn serve(file: &mut File<'_>, peer: &Peer<'_>) {
    let (context, conn) = (file.standard("context", "Context"), file.runtime("Conn"));
    let (option, server) = (file.runtime("ServeOption"), file.runtime("Server"));
    let instance = peer.instance();
    let argument = instance.map(|param| params::arguments(file, std::slice::from_ref(param)));
    let argument = argument.unwrap_or_default();
    file.writer.line("");
    docs::comment(
        &mut file.writer,
        &[
            "Serve subscribes and serves requests until the server is shut down.",
            "It returns an error if NATS denies a subscription or the connection is closed.",
        ],
    );
    let signature = format!(
        "func Serve(ctx {context}, conn *{conn}, {argument}service Service, options ...{option}) (*{server}, error) {{"
    );
    let router = file.runtime("NewRouter");
    let prefix = file.local(super::SUBJECTS, "Prefix");
    file.block(&signature, "}", |file| {
        file.writer.line(&format!("router := {router}({prefix})"));
        for subscription in &peer.subscriptions {
            listen(file, subscription, instance);
        }
        for (operation, _) in peer.requests() {
            route(file, operation);
        }
        file.writer
            .line("return router.Serve(ctx, conn, options...)");
    });
}

fn listen(file: &mut File<'_>, subscription: &Subscription, instance: Option<&Param>) {
    let queue = subscription.queue.as_deref().unwrap_or_default();
    let instance = instance.filter(|param| {
        let token = format!("{{{}}}", param.name.snake());
        subscription.pattern.split('.').any(|other| other == token)
    });
    let tokens = params::tokens(file, instance);
    let bound = instance.map(|param| format!(", {}", text(&param.name.snake())));
    let bound = bound.unwrap_or_default();
    let (pattern, queue) = (text(&subscription.pattern), text(queue));
    file.writer
        .line(&format!("router.Listen({pattern}, {queue}{bound}{tokens})"));
}

fn route(file: &mut File<'_>, operation: &Operation) {
    let (name, variable) = (names::exported(&operation.name), operation::name(operation));
    let line = if has_params(file, operation) {
        let call = file.runtime("HandleParams");
        let read = params::read_function(operation);
        format!("{call}(router, &{variable}, {read}, service.{name})")
    } else {
        let call = file.runtime("Handle");
        format!("{call}(router, &{variable}, service.{name})")
    };
    file.writer.line(&line);
}

fn has_params(file: &File<'_>, operation: &Operation) -> bool {
    !file.emitter.plan.handler_params(operation).is_empty()
}
