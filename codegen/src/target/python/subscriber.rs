//! The subscriptions of a role, with a method for each event of the role.

use super::expression::Expression;
use super::file::File;
use super::function::method_name;
use super::{Emitter, docs, function, module, params};
use crate::model::{Kind, Name, Operation, Param};
use crate::plan::{self, Peer};

/// `<role>/subscriber.py`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>, peer: &Peer<'_>) -> File<'e> {
    let folder = peer.role.name.snake();
    let source = format!("{folder}/*.json");
    let summary = format!("Subscriptions of the `{folder}` role.");
    let mut file = File::new(emitter, &source, Some(&folder), &summary);
    let name = plan::subscriber(peer.role).pascal();
    let operations = peer.operations.iter();
    let events = operations.filter_map(|operation| match &operation.kind {
        Kind::Request(_) => None,
        Kind::Publish(message) => Some((*operation, message)),
    });
    let events: Vec<_> = events.collect();
    file.class(
        &name,
        events.iter().map(|(operation, _)| method_name(operation)),
    );
    file.body.line(&format!("class {name}:"));
    file.body
        .indented(|out| docs::write(out, &module::sentence(&summary)));
    constructor(&mut file);
    for (operation, message) in events {
        subscription(&mut file, operation, message);
    }
    file
}

fn constructor(file: &mut File<'_>) {
    let connection = format!("connection: {}", file.runtime("Connection"));
    let (class, prefix) = (
        file.runtime("Subscriber"),
        file.in_module("subject", "PREFIX"),
    );
    file.body.blank();
    file.body.indented(|out| {
        function::method(out, "def __init__", &[connection], "None", |out| {
            out.line(&format!("self._subscriber = {class}(connection, {prefix})"));
        });
    });
}

fn subscription(file: &mut File<'_>, operation: &Operation, message: &Name) {
    let mut arguments = Vec::new();
    let mut params_type = Expression::plain("None");
    if !operation.params.is_empty() {
        arguments.push("*".to_owned());
        arguments.extend(filters(file, &operation.params));
        params_type = file.named(&plan::params(operation));
    }
    let types = vec![params_type, file.named(message)];
    let returns = Expression::subscript(&file.runtime("Subscription"), types).flat();
    let more = if operation.params.is_empty() {
        Vec::new()
    } else {
        vec!["A parameter that is absent matches every value.".to_owned()]
    };
    let paragraphs = docs::method(operation, &more);
    let constant = Expression::plain(file.constant(&operation.name));
    let values = vec![constant, params::tuple(&operation.params)];
    let body = Expression::call("self._subscriber.subscribe", values);
    let name = format!("def {}", method_name(operation));
    file.body.blank();
    file.body.indented(|out| {
        function::method(out, &name, &arguments, &returns, |out| {
            docs::write(out, &paragraphs);
            body.write(out, "return ", "");
        });
    });
}

/// The parameters as optional arguments.
fn filters(file: &mut File<'_>, params: &[Param]) -> Vec<String> {
    let arguments = params::arguments(file, params).into_iter();
    arguments
        .map(|argument| argument + " | None = None")
        .collect()
}
