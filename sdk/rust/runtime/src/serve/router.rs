//! Which handler a request goes to.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;

use super::context::{Call, Context};
use super::run::Serving;
use super::schedule::{Answer, Job};
use super::server::{self, Server};
use super::{ServeOptions, StartError};
use crate::codec::DecodeError;
use crate::rpc::call::REQUEST_ID_HEADER;
use crate::rpc::fault::{write_fault, write_standard};
use crate::transport::{BoxFuture, Headers, Message};
use crate::{
    Connection, OrderingKey, Param, Params, Prefix, Request, Side, StandardFault, Template, codec,
};

/// One subscription of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// A template below the prefix; `>` may stand at its end.
    pub pattern: &'static str,
    /// The queue group whose members share the requests.
    pub queue: Option<&'static str>,
}

/// The operations of a service; what a generated server is made of.
pub struct Router<S> {
    service: Arc<S>,
    routes: Vec<Route>,
    options: ServeOptions,
}

/// One operation and its handler.
struct Route {
    template: Template,
    timeout: Duration,
    is_idempotent: bool,
    prepare: Box<Prepare>,
}

/// Reads a request and makes ready to run it.
type Prepare =
    dyn Fn(&Arc<Serving>, &Prefix, Context, &[u8]) -> Result<Prepared, StandardFault> + Send + Sync;

/// A job but for where its answer goes.
struct Prepared {
    key: Option<OrderingKey>,
    deadline: Instant,
    work: BoxFuture<'static, Answer>,
}

impl<S: Send + Sync + 'static> Router<S> {
    /// A router for `service` without operations.
    #[must_use]
    pub fn new(service: S) -> Self {
        Self {
            service: Arc::new(service),
            routes: Vec::new(),
            options: ServeOptions::default(),
        }
    }

    /// Serves with these options.
    #[must_use]
    pub fn with_options(mut self, options: ServeOptions) -> Self {
        self.options = options;
        self
    }

    /// Serves an operation by `handler`.
    #[must_use]
    pub fn operation<R, H, F>(mut self, handler: H) -> Self
    where
        R: Request,
        H: Fn(Arc<S>, Call<R>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R::Reply, R::Fault>> + Send + 'static,
    {
        let service = Arc::clone(&self.service);
        let handler = Arc::new(handler);
        let prepare =
            move |serving: &Arc<Serving>, prefix: &Prefix, context: Context, payload: &[u8]| {
                let params = R::Params::parse(R::INFO.template, prefix, context.subject())
                    .map_err(|violation| bad_request(violation.into()))?;
                let request = codec::decode::<R>(payload, Side::Request).map_err(bad_request)?;
                let (key, deadline) = (request.ordering_key(), context.deadline());
                let call = Call {
                    context,
                    params,
                    request,
                };
                let (service, handler, serving) = (
                    Arc::clone(&service),
                    Arc::clone(&handler),
                    Arc::clone(serving),
                );
                let work = Box::pin(async move {
                    let outcome = AssertUnwindSafe(async move { handler(service, call).await })
                        .catch_unwind()
                        .await;
                    write::<R>(&serving, outcome.ok())
                });
                Ok(Prepared {
                    key,
                    deadline,
                    work,
                })
            };
        self.routes.push(Route {
            template: R::INFO.template,
            timeout: R::INFO.timeout,
            is_idempotent: R::INFO.idempotent,
            prepare: Box::new(prepare),
        });
        self
    }

    /// Starts to serve: `listens` are the subscriptions, in which `instance` fills the named parameters. Returns once
    /// the subscriptions are known to be good. The prefix of the connection, if set, replaces `prefix`.
    ///
    /// # Errors
    /// When a parameter is no token, the server denies a subscription, or the connection is closed.
    ///
    /// # Panics
    /// When a pattern is no template; generated ones are.
    pub async fn start(
        self,
        connection: &Connection,
        prefix: &Prefix,
        listens: &[Listen],
        instance: &[(&str, &dyn Param)],
    ) -> Result<Server, StartError> {
        let prefix = connection.prefix_or(prefix);
        let mut subscriptions = Vec::with_capacity(listens.len());
        for listen in listens {
            let template = Template::new(listen.pattern);
            let pattern = template.pattern(&prefix, &fill(template, instance));
            match connection.listen(pattern.as_str(), listen.queue).await {
                Ok(subscriber) => subscriptions.push((subscriber, listen.pattern)),
                Err(error) => {
                    return Err(StartError {
                        pattern: pattern.into(),
                        error,
                    });
                }
            }
        }
        let routes = Routes::new(self.routes, prefix, instance);
        Ok(server::start(
            connection.clone(),
            routes,
            subscriptions,
            self.options,
        ))
    }
}

/// What a handler's outcome is on the wire; `None` is a panic.
fn write<R: Request>(serving: &Serving, outcome: Option<Result<R::Reply, R::Fault>>) -> Answer {
    match outcome {
        Some(Ok(reply)) => match codec::encode(&reply) {
            Ok(payload) => {
                serving.counters.answered.add(1);
                (Headers::new(), payload)
            }
            Err(error) => {
                tracing::error!(operation = R::INFO.name, %error, "a reply breaks its schema");
                serving.counters.answered.add(1);
                write_standard(&StandardFault::Internal)
            }
        },
        Some(Err(fault)) => {
            serving.counters.answered.add(1);
            write_fault(&fault)
        }
        None => {
            tracing::error!(operation = R::INFO.name, "a handler panicked");
            serving.counters.panicked.add(1);
            write_standard(&StandardFault::Internal)
        }
    }
}

fn bad_request(error: DecodeError) -> StandardFault {
    StandardFault::BadRequest {
        pointer: error.pointer,
        reason: error.reason,
    }
}

/// The values of a template's parameters, in its order.
fn fill<'p>(template: Template, instance: &[(&str, &'p dyn Param)]) -> Vec<Option<&'p dyn Param>> {
    let value = |name| {
        instance
            .iter()
            .find(|(candidate, _)| *candidate == name)
            .map(|(_, value)| *value)
    };
    template.names().map(value).collect()
}

/// The routes of a server that runs.
pub(super) struct Routes {
    prefix: Prefix,
    all: Vec<Route>,
    /// Routes by the whole subject below the prefix, where the instance leaves no parameter open; sorted, because
    /// comparing a few short texts is faster than hashing one.
    exact: Vec<(String, usize)>,
}

impl Routes {
    fn new(routes: Vec<Route>, prefix: Prefix, instance: &[(&str, &dyn Param)]) -> Self {
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

    /// Makes a job of a message that came by `listen` and has a reply subject; the answer to it where that cannot be
    /// done.
    pub(super) fn prepare(
        &self,
        serving: &Arc<Serving>,
        listen: &str,
        message: Message,
        now: Instant,
    ) -> Result<Job, Refusal> {
        let Message {
            subject,
            reply,
            headers,
            payload,
            ..
        } = message;
        let reply = reply.unwrap_or_default();
        let tail = self.prefix.strip(&subject).unwrap_or(&subject);
        let Some(route) = self.find(tail) else {
            let command = unknown(listen, tail).to_owned();
            return Err((reply, StandardFault::UnknownCommand { command }));
        };
        let name = serving
            .memory
            .as_ref()
            .filter(|_| !route.is_idempotent)
            .zip(headers.get(REQUEST_ID_HEADER).filter(|id| !id.is_empty()))
            .map(|(memory, id)| memory.name(&subject, &reply, id, &payload));
        let context = Context::received(subject, headers, route.timeout, now);
        match (route.prepare)(serving, &self.prefix, context, &payload) {
            Ok(Prepared {
                key,
                deadline,
                work,
            }) => Ok(Job {
                key,
                deadline,
                reply,
                name,
                work,
            }),
            Err(fault) => Err((reply, fault)),
        }
    }

    fn find(&self, tail: &str) -> Option<&Route> {
        match self.exact.binary_search_by_key(&tail, |(exact, _)| exact) {
            Ok(found) => self.all.get(self.exact[found].1),
            Err(_) => self.all.iter().find(|route| route.template.matches(tail)),
        }
    }
}

/// Where an answer goes, and what it is.
pub(super) type Refusal = (String, StandardFault);

/// The tokens that should have named an operation: those that `>` stands for.
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

impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
