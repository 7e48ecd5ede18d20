//! Errors of the HTTP transport, and the errors that a server answers by itself.

use std::fmt;

use bytes::Bytes;
use http::StatusCode;

use crate::codec;
use crate::codec::json::{Map, Value};
use crate::codec::side::Side;
use crate::rpc::failure::{Failure, NoAnswer, NotDelivered};
use crate::rpc::fault::StandardFault;

/// The code of an error if no server can execute the request. The request was not executed.
pub(super) const NO_RESPONDERS_CODE: &str = "no_responders";

/// The code of an error if the outcome of the request is unknown.
pub(super) const NO_ANSWER_CODE: &str = "no_answer";

/// An error reply over HTTP: `{"error": …, "code": …}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ErrorReply {
    pub(super) status: StatusCode,
    pub(super) code: String,
    pub(super) text: String,
    pub(super) pointer: Option<String>,
    /// The time after which the client may try again, in milliseconds.
    pub(super) retry_after: Option<u64>,
}

impl ErrorReply {
    pub(super) fn new(status: StatusCode, code: &str, text: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            text: text.into(),
            pointer: None,
            retry_after: None,
        }
    }

    /// The value at `pointer` in the request is wrong.
    pub(super) fn bad_request(pointer: impl Into<String>, reason: &str) -> Self {
        let fault = StandardFault::BadRequest {
            pointer: String::new(),
            reason: reason.to_owned(),
        };
        Self {
            pointer: Some(pointer.into()),
            ..Self::standard(&fault)
        }
    }

    /// The request violates its schema. As in Varpulis, the status tells whether the body is JSON.
    pub(super) fn invalid_body(self, body: &[u8]) -> Self {
        let status = match codec::decode::<Value>(body, Side::Request) {
            Ok(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Err(_) => StatusCode::BAD_REQUEST,
        };
        Self { status, ..self }
    }

    pub(super) fn standard(fault: &StandardFault) -> Self {
        let kind = fault.kind();
        let status = StatusCode::from_u16(kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(status, kind.code, [kind.text, fault.detail()].concat())
    }

    pub(super) fn body(&self) -> Bytes {
        let mut members = Map::new();
        members.insert("error", Value::from(self.text.as_str()));
        members.insert("code", Value::from(self.code.as_str()));
        if let Some(pointer) = &self.pointer {
            members.insert("pointer", Value::from(pointer.as_str()));
        }
        // An object of strings can be encoded.
        codec::encode(&Value::Object(members))
            .unwrap_or_default()
            .into()
    }
}

impl<F: fmt::Debug> From<Failure<F>> for ErrorReply {
    fn from(failure: Failure<F>) -> Self {
        let (status, code, text) = match failure {
            Failure::NotDelivered(NotDelivered::TooLarge { size, limit }) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "request_too_large",
                format!("the request has {size} bytes, {limit} are allowed"),
            ),
            Failure::NotDelivered(NotDelivered::Denied) => (
                StatusCode::FORBIDDEN,
                "denied",
                NotDelivered::Denied.to_string(),
            ),
            Failure::NotDelivered(reason) => (
                StatusCode::SERVICE_UNAVAILABLE,
                NO_RESPONDERS_CODE,
                reason.to_string(),
            ),
            Failure::NoAnswer(reason) => (
                match reason {
                    NoAnswer::TimedOut => StatusCode::GATEWAY_TIMEOUT,
                    _ => StatusCode::BAD_GATEWAY,
                },
                NO_ANSWER_CODE,
                format!("no answer, outcome unknown: {reason}"),
            ),
            _ => return Self::standard(&StandardFault::Internal),
        };
        Self::new(status, code, text)
    }
}

/// An error in the options or routes of an HTTP server or client.
#[derive(Debug)]
pub struct HttpError(String);

impl HttpError {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn io(what: impl fmt::Display, error: &std::io::Error) -> Self {
        Self(format!("{what}: {error}"))
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HttpError {}
