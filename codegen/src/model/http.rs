//! The HTTP form of an operation.

use serde::Serialize;
use serde_json::Value as Json;

use super::{Name, Subject, Token};

/// The form of an operation over HTTP.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Http {
    /// The method, e.g. `POST`.
    pub method: String,
    /// The path, with parameters in braces.
    pub path: String,
    /// The status of a reply without an error.
    pub status: u16,
    /// The members of the request that stand in the path or in the query.
    pub members: Vec<HttpMember>,
    /// The operation that a server calls before it accepts a publication.
    pub confirm: Option<Name>,
    /// The reply, if it differs from the reply over NATS.
    pub reply: Option<HttpReply>,
}

/// A member of a request that stands in the path or in the query.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HttpMember {
    /// Its name on the wire.
    pub key: String,
    /// Whether it is a string. Otherwise it is a number or a boolean, as JSON text.
    pub is_text: bool,
}

/// The reply over HTTP. A conversion is a JSON object with a single member, as the meta-schema of operations defines it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HttpReply {
    /// Name of its type.
    pub ty: Name,
    /// Makes it from the request and the reply over NATS.
    pub write: Json,
    /// Makes the reply over NATS from it and the request. A publication has none.
    pub read: Option<Json>,
}

impl Http {
    /// The form of an operation whose document says nothing about HTTP.
    pub(crate) fn new(subject: &Subject, is_request: bool) -> Self {
        let segments = subject.0.iter().map(|token| match token {
            Token::Literal(text) => format!("/{}", segment(text)),
            Token::Param(name) => format!("/{{{}}}", name.snake()),
        });
        Self {
            method: "POST".to_owned(),
            path: segments.collect(),
            status: default_status(is_request),
            members: Vec::new(),
            confirm: None,
            reply: None,
        }
    }

    /// The names of the parameters of the path.
    pub(crate) fn params(&self) -> impl Iterator<Item = &str> {
        self.path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Whether requests have a body. Otherwise their members stand in the path and in the query.
    pub(crate) fn has_body(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "DELETE")
    }
}

/// A fixed token as a segment of a path. Characters with a meaning in paths are percent-encoded.
fn segment(token: &str) -> String {
    let encoded = token.bytes().map(|byte| match byte {
        b'-' | b'_' | b'~' | b'$' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
}

/// The status of a reply without an error: OK, or Accepted.
pub(crate) fn default_status(is_request: bool) -> u16 {
    if is_request { 200 } else { 202 }
}
