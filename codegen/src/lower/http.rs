//! The HTTP form of an operation: the annotation `x-http`.

use super::document::Document;
use super::meta;
use super::operation::Reading;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{
    Field, Http, HttpMember, HttpReply, Kind, Name, Operation, Shape, Subject, TypeDef, TypeIndex,
    Value, default_status,
};
use crate::read::Object;

impl<'a> Reading<'_, 'a, '_> {
    /// Lowers the HTTP form of an operation; without the annotation, the form follows from the subject.
    pub(super) fn http(
        &mut self,
        document: &Document<'a>,
        subject: &Subject,
        kind: &Kind,
        out: &mut Diagnostics,
    ) -> Option<Http> {
        let is_request = matches!(kind, Kind::Request(_));
        let Some(node) = document.root.get("x-http") else {
            return Some(Http::new(subject, is_request));
        };
        let read: meta::Http = self.meta.read(meta::Kind::Http, &node, &|_| None, out)?;
        let annotation = node.object(out)?;
        if is_request && read.confirm.is_some() {
            let message = "a request is not confirmed by another operation";
            let help = "remove `confirm`; it is for publications";
            let source = annotation.get("confirm")?.source();
            out.report(Code::InvalidHttp, source, message, help);
        }
        let status = read.status.and_then(|status| u16::try_from(status).ok());
        Some(Http {
            method: read.method,
            path: read.path,
            status: status.unwrap_or(default_status(is_request)),
            members: Vec::new(),
            confirm: read.confirm.as_deref().and_then(Name::from_snake),
            reply: match read.reply {
                Some(reply) => Some(self.http_reply(&annotation, reply, is_request, out)?),
                None => None,
            },
        })
    }

    fn http_reply(
        &mut self,
        annotation: &Object<'a>,
        reply: meta::HttpReply,
        is_request: bool,
        out: &mut Diagnostics,
    ) -> Option<HttpReply> {
        let node = annotation.get("reply")?.object(out)?;
        if is_request != reply.read.is_some() {
            let (message, help) = if is_request {
                (
                    "clients cannot read the reply",
                    "add `read`, which makes the reply over NATS",
                )
            } else {
                ("a publication has no reply over NATS", "remove `read`")
            };
            out.report(Code::InvalidHttp, node.node.source(), message, help);
        }
        Some(HttpReply {
            ty: self.lowering.named(&node.get("type")?, out)?,
            write: reply.write,
            read: reply.read,
        })
    }
}

/// Lists the members of the request that stand in the path or in the query.
pub(super) fn list_members(operations: &mut [Operation], types: &[TypeDef]) {
    let types = TypeIndex::new(types);
    for operation in operations {
        if let Some(request) = types.resolve(operation.message())
            && let Shape::Struct(request) = &request.shape
        {
            let members = request
                .fields
                .iter()
                .filter(|field| is_outside(operation, field));
            let members = members.filter_map(|field| {
                let is_text = is_text(&field.value, &types)?;
                let key = field.key.clone();
                Some(HttpMember { key, is_text })
            });
            operation.http.members = members.collect();
        }
    }
}

/// Whether a member of a request stands in the path or in the query, if it can.
fn is_outside(operation: &Operation, field: &Field) -> bool {
    let http = &operation.http;
    let is_param = |name: &str| {
        operation
            .params
            .iter()
            .any(|param| param.name.snake() == name)
    };
    let is_used = !http.has_body() || http.params().any(|name| name == field.key);
    is_used && !is_param(&field.key)
}

/// Whether a string, number or boolean is a string; `None` for any other value.
fn is_text(value: &Value, types: &TypeIndex<'_>) -> Option<bool> {
    match value {
        Value::Text(_) => Some(true),
        Value::Integer(_)
        | Value::Number(_)
        | Value::Bool
        | Value::Only(_)
        | Value::Duration { .. } => Some(false),
        Value::Named(name) => match types.resolve(name)?.shape {
            Shape::Text(_) | Shape::Enum(_) => Some(true),
            Shape::Integer(_) | Shape::Number(_) => Some(false),
            _ => None,
        },
        _ => None,
    }
}
