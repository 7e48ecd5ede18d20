//! Operations: the `x-nats` annotation of a document.

use super::document::Document;
use super::manifest::Manifest;
use super::meta::{self, MetaValidator};
use super::schema::Lowering;
use super::{subject, timespan};
use crate::diagnostic::text::{nearest, quoted};
use crate::diagnostic::{Code, Diagnostics, Problem};
use crate::model::{Delivery, Kind, Name, Operation, Param, Request, Subject, Token};
use crate::read::{Node, Object};

/// Lowers operations with the manifest and the types.
pub(super) struct Reading<'l, 'a, 's> {
    pub(super) manifest: &'l Manifest,
    pub(super) meta: &'l MetaValidator<'s>,
    pub(super) lowering: &'l mut Lowering<'a>,
}

/// The members that requests and publications share.
struct Shared<'m> {
    subject: &'m str,
    from: &'m str,
    to: &'m str,
    delivery: &'m str,
    sender: Option<&'m str>,
    receiver: Option<&'m str>,
}

impl<'a> Reading<'_, 'a, '_> {
    /// Lowers the operation of a document. An invalid operation is reported and left out.
    pub(super) fn lower(
        &mut self,
        document: &Document<'a>,
        name: &Name,
        out: &mut Diagnostics,
    ) -> Option<Operation> {
        let help = "add `x-nats` with kind, subject, from, to, delivery and the messages";
        let annotation = document.root.require("x-nats", help, out)?.object(out)?;
        let kind = annotation.require("kind", "write `request` or `publish`", out)?;
        let node = &annotation.node;
        match kind.text(out)? {
            "request" => {
                let read: meta::Request =
                    self.meta.read(meta::Kind::Request, node, &explain, out)?;
                let shared = Shared {
                    subject: &read.subject,
                    from: &read.from,
                    to: &read.to,
                    delivery: &read.delivery,
                    sender: None,
                    receiver: None,
                };
                let kind = self.request(&annotation, &read, out).map(Kind::Request);
                self.operation((document, name), &annotation, &shared, kind, out)
            }
            "publish" => {
                let read: meta::Publish =
                    self.meta.read(meta::Kind::Publish, node, &explain, out)?;
                let shared = Shared {
                    subject: &read.subject,
                    from: &read.from,
                    to: &read.to,
                    delivery: &read.delivery,
                    sender: read.sender.as_deref(),
                    receiver: read.receiver.as_deref(),
                };
                let kind = self.message(&annotation, "message", out).map(Kind::Publish);
                self.operation((document, name), &annotation, &shared, kind, out)
            }
            other => {
                let message = format!("unknown kind {}", quoted(other));
                let help = "write `request` or `publish`";
                out.report(Code::InvalidValue, kind.source(), message, help);
                None
            }
        }
    }

    fn operation(
        &mut self,
        (document, name): (&Document<'a>, &Name),
        annotation: &Object<'a>,
        shared: &Shared<'_>,
        kind: Option<Kind>,
        out: &mut Diagnostics,
    ) -> Option<Operation> {
        let subject = match subject::parse(shared.subject) {
            Ok(subject) => Some(subject),
            Err(problem) => {
                out.add(annotation.get("subject")?.source(), problem);
                None
            }
        };
        let params = self.params(annotation, subject.as_ref(), out);
        let from = self.role(annotation, "from", shared.from, out);
        let to = self.role(annotation, "to", shared.to, out);
        let parties = [("sender", shared.sender), ("receiver", shared.receiver)];
        let [sender, receiver] =
            parties.map(|(key, text)| named_party(annotation, key, text, subject.as_ref(), out));
        let (from, to, params) = (from?, to?, params?);
        let receiver = receiver.or_else(|| self.instance(&to, &params));
        let sender = sender.or_else(|| {
            let own = self.instance(&from, &params);
            own.filter(|own| receiver.as_ref() != Some(own))
        });
        let (subject, kind) = (subject?, kind?);
        let http = self.http(document, &subject, &kind, out)?;
        Some(Operation {
            name: name.clone(),
            title: document.root.node.title(),
            description: document.root.description(out),
            source: document.root.node.source(),
            from,
            to,
            subject,
            params,
            sender,
            receiver,
            delivery: delivery(shared.delivery),
            kind,
            http,
            deprecated: document.root.node.is_deprecated(),
        })
    }

    fn role(
        &self,
        annotation: &Object<'a>,
        key: &str,
        text: &str,
        out: &mut Diagnostics,
    ) -> Option<Name> {
        let name = Name::from_snake(text)?;
        let roles = &self.manifest.roles;
        if !self.manifest.valid || roles.iter().any(|role| role.name == name) {
            return Some(name);
        }
        let known: Vec<String> = roles.iter().map(|role| role.name.snake()).collect();
        let help = match nearest(text, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None => "add it to `roles` in the manifest".to_owned(),
        };
        let message = format!("the manifest has no role {}", quoted(text));
        out.report(
            Code::UnknownRole,
            annotation.get(key)?.source(),
            message,
            help,
        );
        None
    }

    /// The parameter that names an instance of a role, if it is one of `params`.
    fn instance(&self, role: &Name, params: &[Param]) -> Option<Name> {
        let role = self.manifest.roles.iter().find(|known| known.name == *role);
        let instance = role.and_then(|role| role.instance.as_ref())?;
        let is_param = params.iter().any(|param| param.name == *instance);
        is_param.then(|| instance.clone())
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
                report_unused(&node, key, out);
            }
        }
        params
    }

    fn request(
        &mut self,
        annotation: &Object<'a>,
        read: &meta::Request,
        out: &mut Diagnostics,
    ) -> Option<Request> {
        let request = self.message(annotation, "request", out);
        let reply = self.message(annotation, "reply", out);
        let errors = self.errors(annotation, &read.errors, out);
        let timeout = read.timeout.as_deref().and_then(timespan::parse);
        let timeout = timeout.or(self.manifest.timeout_ms);
        if timeout.is_none() && self.manifest.valid {
            let message = "neither the operation nor the manifest sets a timeout, so it is 10s";
            let help = "add `\"timeout\": \"10s\"` here or to `defaults` in the manifest";
            let source = annotation.node.source();
            out.report(Code::MissingTimeout, source, message, help);
        }
        Some(Request {
            request: request?,
            reply: reply?,
            errors,
            timeout_ms: timeout.unwrap_or(timespan::DEFAULT),
            idempotent: read.idempotent,
            ordering: read.ordering.as_deref().and_then(Name::from_wire),
            control: read.control,
        })
    }

    /// The type of a message.
    fn message(
        &mut self,
        annotation: &Object<'a>,
        key: &str,
        out: &mut Diagnostics,
    ) -> Option<Name> {
        self.lowering.named(&annotation.get(key)?, out)
    }

    fn errors(
        &self,
        annotation: &Object<'a>,
        codes: &[String],
        out: &mut Diagnostics,
    ) -> Vec<Name> {
        let known: Vec<String> = self
            .manifest
            .errors
            .iter()
            .map(|error| error.code.snake())
            .collect();
        let nodes = annotation.get("errors").and_then(|node| node.items(out));
        let mut errors: Vec<Name> = Vec::new();
        for (code, node) in codes.iter().zip(nodes.unwrap_or_default()) {
            let Some(name) = Name::from_snake(code) else {
                continue;
            };
            if errors.contains(&name) {
                let message = format!("duplicate entry `{name}`");
                let help = "remove one of the two entries";
                out.report(Code::DuplicateEntry, node.source(), message, help);
            } else if known.contains(code) {
                errors.push(name);
            } else if self.manifest.valid {
                let help = match nearest(code, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean {}?", quoted(near)),
                    None => "add it to `errors` in the manifest".to_owned(),
                };
                let message = format!("the manifest has no error {}", quoted(code));
                out.report(Code::UnknownError, node.source(), message, help);
            }
        }
        errors
    }
}

/// The parameter that a member names as the sending or receiving instance.
fn named_party(
    annotation: &Object<'_>,
    key: &str,
    text: Option<&str>,
    subject: Option<&Subject>,
    out: &mut Diagnostics,
) -> Option<Name> {
    let (text, tokens) = (text?, &subject?.0);
    let name = Name::from_snake(text)?;
    if tokens.contains(&Token::Param(name.clone())) {
        return Some(name);
    }
    report_unused(&annotation.get(key)?, text, out);
    None
}

/// Reports a parameter that the subject does not have.
fn report_unused(node: &Node<'_>, key: &str, out: &mut Diagnostics) {
    let help = format!("remove it, or write `{{{key}}}` in the subject");
    let message = format!("the subject has no parameter {}", quoted(key));
    out.report(Code::UnusedParameter, node.source(), message, help);
}

/// Explains a value that the meta-schema does not allow.
fn explain(node: &Node<'_>) -> Option<Problem> {
    let text = node.json.as_str()?;
    let key = meta::key(node);
    let definition = match key {
        "request" => "Request",
        "reply" => "Reply",
        "message" => "Message",
        "subject" => return subject::parse(text).err(),
        "timeout" => return Some(timespan::invalid(text)),
        _ => return None,
    };
    let message = format!("the {key} {} is in another document", quoted(text));
    let help =
        format!("define `{definition}` under `$defs` here; it may be a `$ref` to the other type");
    Some(Problem::new(Code::ForeignMessage, message, help))
}

/// The delivery of a valid annotation.
fn delivery(text: &str) -> Delivery {
    match text.strip_prefix("queue:") {
        Some(queue) => Delivery::Queue(queue.to_owned()),
        None if text == "instance" => Delivery::Instance,
        None => Delivery::Broadcast,
    }
}
