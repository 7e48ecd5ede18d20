//! The HTTP forms of operations, as generated code declares them.

use std::time::Duration;

use crate::error_form::ErrorForm;
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
    /// The form of errors over NATS, if the protocol has its own form.
    pub error_form: Option<&'static ErrorForm>,
}

impl HttpRoute<'_> {
    /// The members that most routes do not change.
    pub const DEFAULT: Self = Self {
        operation: "",
        to: "",
        subject: "",
        is_event: false,
        timeout: Duration::from_secs(10),
        method: "POST",
        path: "",
        status: 200,
        members: &[],
        reply: None,
        confirm: None,
        errors: &[],
        error_form: None,
    };
}

/// Conversions of replies. Each converts `{"request": …, "reply": …}` to the other form of the reply.
#[derive(Clone, Copy, Debug)]
pub struct HttpReply<'a> {
    /// Converts a reply over NATS to a reply over HTTP.
    pub write: HttpRule<'a>,
    /// Converts a reply over HTTP to a reply over NATS. An event has none.
    pub read: Option<HttpRule<'a>>,
}

/// A rule that makes a JSON value from a request and its reply.
#[derive(Clone, Copy, Debug)]
pub enum HttpRule<'a> {
    /// The value at a JSON pointer that begins with `/request` or `/reply`.
    Pointer(&'a str),
    /// A constant, as JSON text.
    Value(&'a str),
    /// An object. Members whose rule finds no value are absent.
    Members(&'a [(&'a str, HttpRule<'a>)]),
    /// The number of items of the array at a JSON pointer.
    Length(&'a str),
    /// The difference of two non-negative integers; 0 if the second is larger.
    Difference(&'a [HttpRule<'a>; 2]),
}
