//! The operations of a running server.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::answer::Answer;
use super::context::Context;
use super::job::{Job, ReplyTo};
use super::run::Serving;
use crate::error_form::ErrorForm;
use crate::operation::{OrderingKey, Role};
use crate::rpc::fault::StandardFault;
use crate::subject::{Param, Prefix, Template};
use crate::transport::headers::REQUEST_ID_HEADER;
use crate::transport::{BoxFuture, Message};

/// An operation and its handler.
pub(super) struct Route {
    pub(super) template: Template,
    pub(super) from: Role,
    pub(super) timeout: Duration,
    pub(super) is_idempotent: bool,
    pub(super) is_control: bool,
    pub(super) error_form: Option<&'static ErrorForm>,
    pub(super) prepare: Box<Prepare>,
}

/// Decodes a request and prepares its execution.
pub(super) type Prepare =
    dyn Fn(&Arc<Serving>, &Prefix, Context, &[u8]) -> Result<Prepared, StandardFault> + Send + Sync;

/// A job without its reply subject.
pub(super) struct Prepared {
    pub(super) key: Option<OrderingKey>,
    pub(super) deadline: Instant,
    pub(super) work: BoxFuture<'static, Answer>,
}

/// The values of a template's parameters, in the order of the template.
pub(super) fn fill<'p>(
    template: Template,
    instance: &[(&str, &'p dyn Param)],
) -> Vec<Option<&'p dyn Param>> {
    let value = |name| {
        instance
            .iter()
            .find(|(candidate, _)| *candidate == name)
            .map(|(_, value)| *value)
    };
    template.names().map(value).collect()
}

/// The routes of a running server.
pub(super) struct Routes {
    prefix: Prefix,
    all: Vec<Route>,
    /// Routes by the complete subject below the prefix, if the instance fills all parameters. They are sorted, because
    /// comparing a few short strings is faster than hashing a string.
    exact: Vec<(String, usize)>,
}

impl Routes {
    pub(super) fn new(routes: Vec<Route>, prefix: Prefix, instance: &[(&str, &dyn Param)]) -> Self {
        let mut exact = Vec::new();
        for (index, route) in routes.iter().enumerate() {
            let values = fill(route.template, instance)
                .into_iter()
                .collect::<Option<Vec<_>>>();
            let subject = values.map(|values| route.template.subject(&prefix, &values));
            if let Some(tail) = subject
                .as_ref()
                .and_then(|subject| prefix.strip(subject.as_str()))
            {
                exact.push((tail.to_owned(), index));
            }
        }
        exact.sort_unstable();
        Self {
            prefix,
            all: routes,
            exact,
        }
    }

    /// Returns the form of errors, which is the same for all operations of a protocol.
    pub(super) fn error_form(&self) -> Option<&'static ErrorForm> {
        self.all.first()?.error_form
    }

    /// Returns false if the inbox belongs to a role that may not call the operation with this route. Without a route, the
    /// inbox must belong to a role that may call some operation.
    pub(super) fn is_caller(&self, route: Option<&Route>, inbox: &str) -> bool {
        match route {
            Some(route) => route.from.may_use(inbox),
            None => self.all.iter().any(|route| route.from.may_use(inbox)),
        }
    }

    /// Creates a job from a message of `listen` with a reply subject. Returns the error reply if the request is
    /// invalid.
    pub(super) fn prepare(
        &self,
        route: Option<&Route>,
        serving: &Arc<Serving>,
        listen: &str,
        message: Message,
        now: Instant,
    ) -> Result<Job, Refusal> {
        let size = message.size() + message.subject.len();
        let Message {
            subject,
            reply,
            headers,
            payload,
            ..
        } = message;
        let reply = reply.unwrap_or_default();
        let Some(route) = route else {
            let command = unknown(listen, self.tail(&subject)).to_owned();
            return Err((reply, StandardFault::UnknownCommand { command }));
        };
        let name = serving
            .dedup
            .as_ref()
            .filter(|_| !route.is_idempotent)
            .zip(headers.get(REQUEST_ID_HEADER).filter(|id| !id.is_empty()))
            .map(|(dedup, id)| dedup.key(&subject, &reply, id, &payload));
        let context = Context::received(subject, headers, route.timeout, now);
        match (route.prepare)(serving, &self.prefix, context, &payload) {
            Ok(Prepared {
                key,
                deadline,
                work,
            }) => Ok(Job {
                key,
                is_control: route.is_control,
                deadline,
                reply: ReplyTo {
                    subject: reply,
                    name,
                },
                size,
                work,
            }),
            Err(fault) => Err((reply, fault)),
        }
    }

    fn tail<'s>(&self, subject: &'s str) -> &'s str {
        self.prefix.strip(subject).unwrap_or(subject)
    }

    /// The operation with this subject.
    pub(super) fn find(&self, subject: &str) -> Option<&Route> {
        let tail = self.tail(subject);
        match self.exact.binary_search_by_key(&tail, |(exact, _)| exact) {
            Ok(found) => self.all.get(self.exact[found].1),
            Err(_) => self.all.iter().find(|route| route.template.matches(tail)),
        }
    }
}

/// A reply subject, and the fault for it.
pub(super) type Refusal = (String, StandardFault);

/// The tokens that match `>`; no operation has this name.
fn unknown<'t>(listen: &str, tail: &'t str) -> &'t str {
    let known = listen
        .strip_suffix('>')
        .map_or(0, |known| known.matches('.').count());
    let start = tail
        .match_indices('.')
        .nth(known.wrapping_sub(1))
        .map_or(0, |(index, _)| index + 1);
    &tail[start..]
}
