//! Maps requests to handlers.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use super::answer::Answer;
use super::context::{Call, Context, RetryHint};
use super::error::StartError;
use super::options::ServeOptions;
use super::routes::{Prepared, Route, Routes, fill};
use super::run::Serving;
use super::server::{self, Server};
use crate::codec;
use crate::codec::error::DecodeError;
use crate::codec::side::Side;
use crate::operation::{Params, Request};
use crate::rpc::connection::Connection;
use crate::rpc::fault::StandardFault;
use crate::rpc::fault::{write_fault, write_standard};
use crate::subject::{Param, Prefix, Template};
use crate::transport::Headers;
use crate::transport::headers::RETRY_HEADER;

/// A subscription of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// The subject template below the prefix; the last token may be `>`.
    pub pattern: &'static str,
    /// The queue group whose members share the requests.
    pub queue: Option<&'static str>,
}

/// The operations of a service. Generated servers use this type.
pub struct Router<S> {
    service: Arc<S>,
    routes: Vec<Route>,
    options: ServeOptions,
}

impl<S: Send + Sync + 'static> Router<S> {
    /// Creates a router for `service` without operations.
    #[must_use]
    pub fn new(service: S) -> Self {
        Self {
            service: Arc::new(service),
            routes: Vec::new(),
            options: ServeOptions::default(),
        }
    }

    /// Sets the server options.
    #[must_use]
    pub fn options(mut self, options: ServeOptions) -> Self {
        self.options = options;
        self
    }

    /// Adds an operation with its `handler`.
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
                let retry = context.retry_hint();
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
                    write::<R>(&serving, outcome.ok(), &retry)
                });
                Ok(Prepared {
                    key,
                    deadline,
                    work,
                })
            };
        self.routes.push(Route {
            template: R::INFO.template,
            from: R::INFO.from,
            timeout: R::INFO.timeout,
            is_idempotent: R::INFO.idempotent,
            is_control: R::INFO.control,
            error_form: R::error_form(),
            prepare: Box::new(prepare),
        });
        self
    }

    /// Starts a server. `listens` are its subscriptions, and `instance` contains the values of their named parameters.
    /// Returns when the server has confirmed the subscriptions. The prefix of the connection, if set, replaces
    /// `prefix`.
    ///
    /// # Errors
    /// If a parameter is not a valid token, the server denies a subscription, or the connection is closed.
    ///
    /// # Panics
    /// If a pattern is not a template. Generated patterns are templates.
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

/// Encodes the outcome of a handler; `None` is a panic.
fn write<R: Request>(
    serving: &Serving,
    outcome: Option<Result<R::Reply, R::Fault>>,
    retry: &RetryHint,
) -> Answer {
    let form = R::error_form();
    match outcome {
        Some(Ok(reply)) => match codec::encode(&reply) {
            Ok(payload) => {
                serving.counters.answered.add(1);
                (Headers::new(), payload.into())
            }
            Err(error) => {
                tracing::error!(operation = R::INFO.name, %error, "a reply breaks its schema");
                serving.counters.answered.add(1);
                write_standard(form, &StandardFault::Internal)
            }
        },
        Some(Err(fault)) => {
            serving.counters.answered.add(1);
            let (mut headers, payload) = write_fault(form, &fault);
            if let Some(millis) = retry.millis() {
                headers.append(RETRY_HEADER, millis.to_string());
            }
            (headers, payload)
        }
        None => {
            tracing::error!(operation = R::INFO.name, "a handler panicked");
            serving.counters.panicked.add(1);
            write_standard(form, &StandardFault::Internal)
        }
    }
}

fn bad_request(error: DecodeError) -> StandardFault {
    StandardFault::BadRequest {
        pointer: error.pointer,
        reason: error.reason,
    }
}

impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
