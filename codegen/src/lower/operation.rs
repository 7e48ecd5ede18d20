//! Operations: the `x-nats` annotation of a document.

use super::document::Document;
use super::manifest::Manifest;
use super::schema::Lowering;
use super::{subject, timespan};
use crate::diagnostic::text::{nearest, quoted};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Delivery, Kind, Name, Operation, Param, Request, Subject, Token};
use crate::read::{Node, Object};

/// Members of every `x-nats`.
const SHARED: [&str; 6] = ["kind", "subject", "params", "from", "to", "delivery"];
/// Members of the `x-nats` of a request.
const REQUEST: [&str; 6] = [
    "request",
    "reply",
    "errors",
    "timeout",
    "idempotent",
    "ordering",
];
/// Members of the `x-nats` of a publication.
const PUBLISH: [&str; 1] = ["message"];

/// Lowers operations with the manifest and the types.
pub(super) struct Reading<'l, 'a> {
    pub(super) manifest: &'l Manifest,
    pub(super) lowering: &'l mut Lowering<'a>,
}

impl<'a> Reading<'_, 'a> {
    /// Lowers the operation of a document. Reports errors. Skips an operation that cannot be lowered.
    pub(super) fn lower(
        &mut self,
        document: &Document<'a>,
        name: &Name,
        out: &mut Diagnostics,
    ) -> Option<Operation> {
        let description = document.root.description(out);
        let help =
            "say how the operation travels: kind, subject, from, to, delivery and its messages";
        let annotation = document.root.require("x-nats", help, out)?.object(out)?;
        let kind = annotation
            .require("kind", "write `request` or `publish`", out)
            .and_then(|node| node.text(out));
        let kind = match kind {
            Some("request") => self.request(&annotation, out).map(Kind::Request),
            Some("publish") => self.publish(&annotation, out).map(Kind::Publish),
            Some(other) => {
                if let Some(node) = annotation.get("kind") {
                    let message = format!("unknown kind {}", quoted(other));
                    let help = "write `request` or `publish`";
                    out.report(Code::InvalidValue, node.source(), message, help);
                }
                None
            }
            None => None,
        };
        let subject = annotation
            .require("subject", "write it as `{prefix}.word.{param}`", out)
            .and_then(|node| subject::subject(&node, out));
        let params = self.params(&annotation, subject.as_ref(), out);
        let from = self.role(
            &annotation,
            "from",
            "name the role that calls or publishes",
            out,
        );
        let to = self.role(
            &annotation,
            "to",
            "name the role that serves or subscribes",
            out,
        );
        let delivery = annotation
            .require(
                "delivery",
                "write `instance`, `queue:<name>` or `broadcast`",
                out,
            )
            .and_then(|node| delivery(&node, out));
        Some(Operation {
            name: name.clone(),
            title: document.root.node.title(),
            description,
            source: document.root.node.source(),
            from: from?,
            to: to?,
            subject: subject?,
            params: params?,
            delivery: delivery?,
            kind: kind?,
            deprecated: document.root.node.is_deprecated(),
        })
    }

    fn role(
        &mut self,
        annotation: &Object<'a>,
        key: &str,
        help: &str,
        out: &mut Diagnostics,
    ) -> Option<Name> {
        let node = annotation.require(key, help, out)?;
        let text = node.text(out)?;
        let name = Name::from_snake(text);
        let known: Vec<String> = self
            .manifest
            .roles
            .iter()
            .map(|role| role.name.snake())
            .collect();
        if let Some(name) = name
            && (self.manifest.roles_unread
                || known.contains(&name.snake())
                || self.manifest.broken.contains(&name))
        {
            return Some(name);
        }
        let help = match nearest(text, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None => "add it to `roles` in the manifest".to_owned(),
        };
        let message = format!("the manifest has no role {}", quoted(text));
        out.report(Code::UnknownRole, node.source(), message, help);
        None
    }

    /// The types of the parameters, in the order of the subject.
    fn params(
        &mut self,
        annotation: &Object<'a>,
        subject: Option<&Subject>,
        out: &mut Diagnostics,
    ) -> Option<Vec<Param>> {
        let declared = match annotation.get("params") {
            Some(node) => Some(node.object(out)?),
            None => None,
        };
        let subject = subject?;
        let names = subject.0.iter().filter_map(|token| match token {
            Token::Param(name) => Some(name),
            Token::Literal(_) => None,
        });
        let mut params = Some(Vec::new());
        for name in names.clone() {
            let found = declared
                .as_ref()
                .and_then(|declared| declared.get(&name.snake()));
            if found.is_none() {
                let message = format!("the parameter `{name}` of the subject has no type");
                let help =
                    format!("add `\"{name}\": \"../types/topic.json#/$defs/Type\"` to `params`");
                let source = annotation
                    .get("subject")
                    .map_or_else(|| annotation.node.source(), |node| node.source());
                out.report(Code::UntypedParameter, source, message, help);
            }
            let ty = found.and_then(|node| self.lowering.named(&node, out));
            params = params.zip(ty).map(|(mut params, ty)| {
                params.push(Param {
                    name: name.clone(),
                    ty,
                });
                params
            });
        }
        for (key, node) in declared.iter().flat_map(Object::entries) {
            if !names.clone().any(|name| name.snake() == key) {
                let help = format!("remove it, or write `{{{key}}}` in the subject");
                let message = format!("the subject has no parameter {}", quoted(key));
                out.report(Code::UnusedParameter, node.source(), message, help);
            }
        }
        params
    }

    fn request(&mut self, annotation: &Object<'a>, out: &mut Diagnostics) -> Option<Request> {
        only(annotation, "a request", &REQUEST, &PUBLISH, out);
        let request = self.message(annotation, "request", "Request", out);
        let reply = self.message(annotation, "reply", "Reply", out);
        let errors = annotation
            .get("errors")
            .map(|node| self.errors(&node, out))
            .unwrap_or_default();
        let timeout = annotation
            .get("timeout")
            .map(|node| timespan::milliseconds(&node, out));
        if timeout.is_none() && self.manifest.timeout_ms.is_none() {
            let message = "neither the operation nor the manifest sets a timeout, so it is 10s";
            let help = "add `\"timeout\": \"10s\"` here or to `defaults` in the manifest";
            out.report(
                Code::MissingTimeout,
                annotation.node.source(),
                message,
                help,
            );
        }
        Some(Request {
            request: request?,
            reply: reply?,
            errors,
            timeout_ms: timeout
                .flatten()
                .or(self.manifest.timeout_ms)
                .unwrap_or(timespan::DEFAULT),
            idempotent: annotation
                .get("idempotent")
                .and_then(|node| node.boolean(out))
                .unwrap_or(false),
            ordering: annotation
                .get("ordering")
                .and_then(|node| ordering(&node, out)),
        })
    }

    fn publish(&mut self, annotation: &Object<'a>, out: &mut Diagnostics) -> Option<Name> {
        only(annotation, "a publication", &PUBLISH, &REQUEST, out);
        self.message(annotation, "message", "Message", out)
    }

    /// The type of a message, which must be defined in the document.
    fn message(
        &mut self,
        annotation: &Object<'a>,
        key: &str,
        def: &str,
        out: &mut Diagnostics,
    ) -> Option<Name> {
        let help = format!("write `\"{key}\": \"#/$defs/{def}\"`");
        let node = annotation.require(key, &help, out)?;
        let text = node.text(out)?;
        if !text.starts_with('#') {
            let message = format!("the {key} {} is in another document", quoted(text));
            let help =
                format!("define `{def}` under `$defs` here; it may be a `$ref` to the other type");
            out.report(Code::ForeignMessage, node.source(), message, help);
            return None;
        }
        self.lowering.named(&node, out)
    }

    fn errors(&self, node: &Node<'_>, out: &mut Diagnostics) -> Vec<Name> {
        let known: Vec<String> = self
            .manifest
            .errors
            .iter()
            .map(|error| error.code.snake())
            .collect();
        let mut errors: Vec<Name> = Vec::new();
        for node in node.items(out).unwrap_or_default() {
            let Some(text) = node.text(out) else { continue };
            let name = Name::from_snake(text);
            match name {
                Some(name) if errors.contains(&name) => {
                    let message = format!("duplicate entry `{name}`");
                    let help = "remove one of the two entries";
                    out.report(Code::DuplicateEntry, node.source(), message, help);
                }
                Some(name) if known.contains(&name.snake()) => errors.push(name),
                Some(name)
                    if self.manifest.errors_unread || self.manifest.broken.contains(&name) => {}
                _ => {
                    let help = match nearest(text, known.iter().map(String::as_str)) {
                        Some(near) => format!("did you mean {}?", quoted(near)),
                        None => "add it to `errors` in the manifest".to_owned(),
                    };
                    let message = format!("the manifest has no error {}", quoted(text));
                    out.report(Code::UnknownError, node.source(), message, help);
                }
            }
        }
        errors
    }
}

/// Reports members that are unknown or that belong to the other kind of operation.
fn only(annotation: &Object<'_>, what: &str, own: &[&str], other: &[&str], out: &mut Diagnostics) {
    let known: Vec<&str> = SHARED.iter().chain(own).copied().collect();
    for (key, node) in annotation.entries().filter(|(key, _)| other.contains(key)) {
        let message = format!("{what} has no member {}", quoted(key));
        let help = "remove it, or change the kind";
        out.report(Code::UnknownMember, node.source(), message, help);
    }
    annotation.only("`x-nats`", &known, other, out);
}

fn delivery(node: &Node<'_>, out: &mut Diagnostics) -> Option<Delivery> {
    let text = node.text(out)?;
    match text.strip_prefix("queue:") {
        Some(queue) if subject::is_token(queue) => return Some(Delivery::Queue(queue.to_owned())),
        None if text == "instance" => return Some(Delivery::Instance),
        None if text == "broadcast" => return Some(Delivery::Broadcast),
        _ => {}
    }
    let help = "write `instance`, `queue:<name>` with a name of letters, digits, `_` and `-`, or `broadcast`";
    let message = format!("unknown delivery {}", quoted(text));
    out.report(Code::InvalidValue, node.source(), message, help);
    None
}

/// The key of the ordering field. Whether the field exists is checked after all types are lowered.
fn ordering(node: &Node<'_>, out: &mut Diagnostics) -> Option<Name> {
    let text = node.text(out)?;
    let name = Name::from_wire(text);
    if name.is_none() {
        let message = format!("{} is not a field", quoted(text));
        let help = "name a required field of the request";
        out.report(Code::InvalidOrdering, node.source(), message, help);
    }
    name
}
