//! The routes of a schema directory.

use std::path::Path;
use std::time::Duration;

use natsgen::model::{Kind, Operation};
use natsgen_runtime::Prefix;
use natsgen_runtime::http::{HttpReply, HttpRoute, HttpRoutes, HttpRule};
use serde_json::Value as Json;

use super::{prefix_of, wrong};
use crate::protocol;
use crate::terminal::error::CommandError;

/// The timeout of an acknowledged event.
const EVENT_TIMEOUT: Duration = Duration::from_secs(10);

/// The texts of an operation that its route borrows.
struct Texts {
    operation: String,
    to: String,
    subject: String,
    confirm: Option<String>,
    reply: Option<HttpReply<'static>>,
}

/// Reads the routes and the prefix of a schema directory.
pub(super) fn read(folder: &Path) -> Result<(HttpRoutes, Prefix), CommandError> {
    let protocol = protocol::compile(&protocol::read(folder)?)?;
    if protocol.error_form.is_some() {
        return Err(CommandError::Settings {
            reason: "the gateway cannot read errors in the form of this protocol".to_owned(),
            advice: "serve its generated routes with an `HttpServer`".to_owned(),
        });
    }
    let texts: Vec<_> = protocol.operations.iter().map(Texts::of).collect();
    let members: Vec<Vec<_>> = protocol
        .operations
        .iter()
        .map(|operation| {
            let members = operation.http.members.iter();
            members
                .map(|member| (member.key.as_str(), member.is_text))
                .collect()
        })
        .collect();
    let operations = protocol.operations.iter().zip(&texts).zip(&members);
    let routes: Vec<_> = operations
        .map(|((operation, texts), members)| texts.route(operation, members))
        .collect();
    let routes = HttpRoutes::new(&routes).map_err(|error| wrong(&error))?;
    Ok((routes, prefix_of(&protocol.prefix)?))
}

impl Texts {
    fn of(operation: &Operation) -> Self {
        let http = &operation.http;
        let reply = http.reply.as_ref().map(|reply| HttpReply {
            write: rule(&reply.write),
            read: reply.read.as_ref().map(rule),
        });
        Self {
            operation: operation.name.to_string(),
            to: operation.to.to_string(),
            subject: operation.subject.to_string(),
            confirm: http.confirm.as_ref().map(ToString::to_string),
            reply,
        }
    }

    fn route<'a>(
        &'a self,
        operation: &'a Operation,
        members: &'a [(&'a str, bool)],
    ) -> HttpRoute<'a> {
        let timeout = match &operation.kind {
            Kind::Request(request) => Duration::from_millis(request.timeout_ms),
            Kind::Publish(_) => EVENT_TIMEOUT,
        };
        HttpRoute {
            operation: &self.operation,
            to: &self.to,
            subject: &self.subject,
            is_event: matches!(operation.kind, Kind::Publish(_)),
            timeout,
            method: &operation.http.method,
            path: &operation.http.path,
            status: operation.http.status,
            members,
            reply: self.reply,
            confirm: self.confirm.as_deref(),
            // Servers of the runtime send the status of an error.
            errors: &[],
            error_form: None,
        }
    }
}

/// A rule of a document. It lives as long as the process, like the routes of the gateway.
fn rule(json: &Json) -> HttpRule<'static> {
    let leak = |text: String| &*Box::leak(text.into_boxed_str());
    let text = |json: &Json| leak(json.as_str().unwrap_or_default().to_owned());
    let member = json.as_object().and_then(|members| members.iter().next());
    let Some((kind, value)) = member else {
        return HttpRule::Value("null");
    };
    match kind.as_str() {
        "pointer" => HttpRule::Pointer(text(value)),
        "length" => HttpRule::Length(text(value)),
        "members" => {
            let members = value.as_object().into_iter().flatten();
            let members: Vec<_> = members
                .map(|(name, json)| (leak(name.clone()), rule(json)))
                .collect();
            HttpRule::Members(Vec::leak(members))
        }
        "difference" => {
            let [first, second] = [0, 1].map(|index| rule(&value[index]));
            HttpRule::Difference(Box::leak(Box::new([first, second])))
        }
        _ => HttpRule::Value(leak(value.to_string())),
    }
}
