//! The HTTP forms of operations, as generated code declares them.

use std::time::Duration;

use crate::fault::ErrorKind;

/// The HTTP form of an operation: the annotation `x-http` of its document.
#[derive(Clone, Copy, Debug)]
pub struct HttpRoute<'a> {
    /// The name of the operation, e.g. `inject`.
    pub operation: &'a str,
    /// The role that serves the operation.
    pub to: &'a str,
    /// The subject below the prefix, with its parameters, e.g. `cmd.{worker_id}.inject`.
    pub subject: &'a str,
    /// Whether the operation is an event.
    pub is_event: bool,
    /// The timeout of a call without its own timeout.
    pub timeout: Duration,
    /// The method, e.g. `POST`.
    pub method: &'a str,
    /// The path, e.g. `/api/v1/pipelines/{pipeline_id}/events`. A parameter is a parameter of the subject, or else a
    /// member of the request.
    pub path: &'a str,
    /// The status of a reply without an error.
    pub status: u16,
    /// The members of the request that stand in the path or in the query, and whether each is a string.
    pub members: &'a [(&'a str, bool)],
    /// The conversion of replies, if the reply over HTTP differs from the reply over NATS.
    pub reply: Option<HttpReply<'a>>,
    /// The operation that a server calls before it accepts an event. Its errors are the errors of the event.
    pub confirm: Option<&'a str>,
    /// The errors that the operation declares.
    pub errors: &'a [ErrorKind],
}

/// Conversions of replies, as JSON texts. Each converts `{"request": …, "reply": …}` to the other form of the reply.
#[derive(Clone, Copy, Debug)]
pub struct HttpReply<'a> {
    /// Converts a reply over NATS to a reply over HTTP.
    pub write: &'a str,
    /// Converts a reply over HTTP to a reply over NATS. An event has none.
    pub read: Option<&'a str>,
}
