//! The service of a role: the abstract class to implement and the server that calls it.

use super::expression::Expression;
use super::file::File;
use super::function::method_name;
use super::{Emitter, docs, function, literal, module, params};
use crate::model::{Operation, Request};
use crate::plan::{self, Peer, Subscription, sentences};

/// `<role>/service.py`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>, peer: &Peer<'_>) -> File<'e> {
    let folder = peer.role.name.snake();
    let source = format!("{folder}/*.json");
    let summary = format!("Service and server of the `{folder}` role.");
    let mut file = File::new(emitter, &source, Some(&folder), &summary);
    service(&mut file, peer);
    server(&mut file, peer);
    file
}

fn service(file: &mut File<'_>, peer: &Peer<'_>) {
    let name = plan::service(peer.role).pascal();
    let server = plan::server(peer.role).pascal();
    let operations: Vec<_> = peer.requests().collect();
    let methods = operations
        .iter()
        .map(|(operation, _)| method_name(operation));
    file.class(&name, methods);
    let base = file.outside("abc", "ABC");
    let more = [
        peer.role.description.clone(),
        format!("Implement its methods and pass it to `{server}`."),
    ];
    let paragraphs = docs::paragraphs(&sentences::service(peer.role), &more);
    file.body.line(&format!("class {name}({base}):"));
    file.body.indented(|out| docs::write(out, &paragraphs));
    for (operation, request) in operations {
        handler(file, operation, request);
    }
}

fn handler(file: &mut File<'_>, operation: &Operation, request: &Request) {
    let decorator = format!("@{}", file.outside("abc", "abstractmethod"));
    let mut arguments = vec![format!("context: {}", file.runtime("Context"))];
    if !file.emitter.plan.handler_params(operation).is_empty() {
        let params = file.named(&plan::params(operation)).flat();
        arguments.push(format!("params: {params}"));
    }
    arguments.push(format!("request: {}", file.named(&request.request).flat()));
    let reply = file.named(&request.reply).flat();
    let mut more = Vec::new();
    if !request.errors.is_empty() {
        let fault = plan::fault(operation).pascal();
        more.push(format!("Raises:\n    {fault}: The request is refused."));
    }
    let paragraphs = docs::method(operation, &more);
    let name = format!("async def {}", method_name(operation));
    file.body.blank();
    file.body.indented(|out| {
        out.line(&decorator);
        function::method(out, &name, &arguments, &reply, |out| {
            docs::write(out, &paragraphs);
        });
    });
}

fn server(file: &mut File<'_>, peer: &Peer<'_>) {
    let name = plan::server(peer.role).pascal();
    let service = plan::service(peer.role).pascal();
    file.class(&name, []);
    let paragraphs = module::sentence(&sentences::server(peer.role));
    file.body.line(&format!("class {name}:"));
    file.body.indented(|out| docs::write(out, &paragraphs));
    let mut arguments = vec![format!("service: {service}")];
    if let Some(param) = peer.instance() {
        arguments.extend(params::arguments(file, std::slice::from_ref(param)));
    }
    let options = file.runtime("ServeOptions");
    arguments.push(format!("options: {options} | None = None"));
    let router = router(file, peer);
    file.body.blank();
    file.body.indented(|out| {
        function::method(out, "def __init__", &arguments, "None", |out| {
            router.write(out, "self._router = ", "");
        });
    });
    let connection = format!("connection: {}", file.runtime("Connection"));
    let server = file.runtime("Server");
    let paragraphs = docs::paragraphs(
        "Subscribes and serves requests until the returned server is shut down.",
        &["Raises:\n    SubscribeError: The server refuses a subscription.".to_owned()],
    );
    file.body.blank();
    file.body.indented(|out| {
        function::method(out, "async def start", &[connection], &server, |out| {
            docs::write(out, &paragraphs);
            out.line("return await self._router.start(connection)");
        });
    });
}

/// The router of a server.
fn router(file: &mut File<'_>, peer: &Peer<'_>) -> Expression {
    let subscriptions = peer.subscriptions.iter();
    let listen: Vec<_> = subscriptions
        .map(|subscription| listen(file, subscription))
        .collect();
    let routes = peer.requests().map(|(operation, _)| {
        let constant = Expression::plain(file.constant(&operation.name));
        let method = Expression::plain(format!("service.{}", method_name(operation)));
        Expression::call(&file.runtime("Route"), vec![constant, method])
    });
    let routes: Vec<_> = routes.collect();
    let prefix = Expression::plain(file.in_module("subject", "PREFIX"));
    let mut arguments = vec![
        Expression::keyword("prefix", prefix),
        Expression::keyword("listen", Expression::call("", listen)),
        Expression::keyword("routes", Expression::call("", routes)),
    ];
    if let Some(param) = peer.instance() {
        let value = Expression::plain(param.name.snake());
        let instance = Expression::dict(vec![(literal::text(&param.name.snake()), value)]);
        arguments.push(Expression::keyword("instance", instance));
    }
    arguments.push(Expression::keyword("options", Expression::plain("options")));
    Expression::call(&file.runtime("Router"), arguments)
}

fn listen(file: &mut File<'_>, subscription: &Subscription) -> Expression {
    let mut arguments = vec![Expression::plain(literal::text(&subscription.pattern))];
    if let Some(queue) = &subscription.queue {
        let queue = Expression::plain(literal::text(queue));
        arguments.push(Expression::keyword("queue", queue));
    }
    Expression::call(&file.runtime("Listen"), arguments)
}
