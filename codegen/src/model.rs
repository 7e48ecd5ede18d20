//! The named model of a protocol, independent of the programming language.
//!
//! `read` and `lower` build the model from JSON Schema documents, `check` validates it, and targets emit code from it.
//! The model contains no programming language. Of JSON Schema, it contains only the meaning of keywords.

mod assertion;
mod http;
mod type_index;
mod types;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

pub use assertion::{Assertion, AssertionDef, Keyword, Regex, Resource, Type};
pub(crate) use http::default_status;
pub use http::{Http, HttpMember, HttpReply};
pub(crate) use type_index::TypeIndex;
pub use types::{
    AdditionalMembers, EnumValue, Field, Format, Integer, Length, Number, Pattern, Presence, Run,
    Shape, Struct, Tagging, Text, TimeUnit, TypeDef, Union, Value, Variant,
};

/// A name as a list of lower-case words; emitters only choose the case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Name(Vec<String>);

/// The place of a definition in the schemas.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Source {
    /// Path of the document below the schema directory, with `/` between its parts.
    pub file: String,
    /// JSON pointer into the document; empty for the document itself.
    pub pointer: String,
}

/// A protocol: the contents of a schema directory.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Protocol {
    /// Name of the protocol.
    pub name: Name,
    /// Version of the protocol, in the notation of the manifest.
    pub version: String,
    /// Purpose of the protocol.
    pub description: String,
    /// The default subject prefix, e.g. `acme.fleet`; empty if the schemas define only types.
    pub prefix: String,
    /// The roles, sorted by name.
    pub roles: Vec<Role>,
    /// The error catalogue, sorted by code.
    pub errors: Vec<ErrorKind>,
    /// The form of errors in replies; without it, the form of natsgen.
    pub error_form: Option<ErrorForm>,
    /// The operations, sorted by serving role and then by name.
    pub operations: Vec<Operation>,
    /// All types, sorted by module and then in the order of their document.
    pub types: Vec<TypeDef>,
    /// The assertions, sorted by source. They validate the parts of schemas that types cannot express.
    pub assertions: Vec<AssertionDef>,
    /// The schema resources with dynamic anchors that assertions belong to.
    pub resources: Vec<Resource>,
}

/// A role of the protocol. A client is named after the role that it calls, and a service after its own role.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Role {
    /// Name of the role.
    pub name: Name,
    /// Purpose of the role.
    pub description: String,
    /// The subject parameter that identifies an instance of the role, if the role has instances.
    pub instance: Option<Name>,
}

/// An error of the catalogue.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorKind {
    /// The code in the error body, in `snake_case`, as a name.
    pub code: Name,
    /// Cause of the error, and advice for the caller.
    pub description: String,
    /// Numeric code for the `Nats-Service-Error-Code` header, similar to an HTTP status.
    pub status: u16,
    /// The text before the detail, e.g. `pipeline not found: `; the whole text if the error has no detail.
    pub text: String,
    /// Whether the text ends with a variable detail.
    pub has_detail: bool,
    /// The code on the wire, an integer or a string; without it, the name.
    pub wire_code: Option<Json>,
    /// The definition in the manifest.
    pub source: Source,
}

/// Where errors stand in the replies of a protocol that has its own form. Without `text` and `code`, they stand in headers.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorForm {
    /// JSON pointer of the text.
    pub text: Option<String>,
    /// JSON pointer of the code.
    pub code: Option<String>,
    /// JSON pointer of the status, which servers write.
    pub status: Option<String>,
    /// Values by JSON pointer that each error has.
    pub when: BTreeMap<String, Json>,
    /// Values by JSON pointer. A reply with all of them is no error.
    pub unless: BTreeMap<String, Json>,
}

/// An operation: a request with its reply, or a publication.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Operation {
    /// Name of the operation, of its method and of its file.
    pub name: Name,
    /// The document's `title`.
    pub title: Option<String>,
    /// The document's description.
    pub description: String,
    /// The document.
    pub source: Source,
    /// The role that calls or publishes.
    pub from: Name,
    /// The role that serves or subscribes.
    pub to: Name,
    /// The subject without the prefix.
    pub subject: Subject,
    /// The parameters of the subject, in its order.
    pub params: Vec<Param>,
    /// The parameter that names the sending instance.
    pub sender: Option<Name>,
    /// The parameter that names the receiving instance.
    pub receiver: Option<Name>,
    /// The receivers of a message if there are several subscribers.
    pub delivery: Delivery,
    /// Request or publication.
    pub kind: Kind,
    /// The form over HTTP.
    pub http: Http,
    /// Whether the document is marked `deprecated`.
    pub deprecated: bool,
}

/// The subject of an operation after `{prefix}.`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Subject(pub Vec<Token>);

/// A token of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Token {
    /// A fixed token.
    Literal(String),
    /// A parameter that fills the whole token.
    Param(Name),
}

/// A parameter of a subject.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Param {
    /// Name of the parameter.
    pub name: Name,
    /// Its type: a string or integer type with values that cannot contain a separator or a wildcard.
    pub ty: Name,
}

/// The receivers of a message if there are several subscribers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The instance that the subject names.
    Instance,
    /// A single member of the queue group.
    Queue(String),
    /// All subscribers.
    Broadcast,
}

/// Request or publication.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A request, with a reply or an error as the response.
    Request(Request),
    /// A message without a response; holds the name of its type.
    Publish(Name),
}

/// The parts of a request beside its subject.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Request {
    /// Name of the request type.
    pub request: Name,
    /// Name of the reply type.
    pub reply: Name,
    /// Codes of the errors that the operation can return, in the order of the document.
    pub errors: Vec<Name>,
    /// Default timeout of a call, in milliseconds.
    pub timeout_ms: u64,
    /// Whether a second execution has no further effect.
    pub idempotent: bool,
    /// The request field that orders requests: requests with equal values run in the order of their arrival.
    pub ordering: Option<Name>,
    /// Whether the request controls the server or the object that `ordering` names: the server reserves places for it,
    /// and it overtakes queued requests with an equal value.
    pub control: bool,
}

impl Name {
    /// A name of these words.
    #[must_use]
    pub fn new(words: Vec<String>) -> Self {
        Self(words)
    }

    /// The words.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

impl std::fmt::Display for Subject {
    /// The template in the notation of the schemas, without the prefix: `cmd.{worker_id}.deploy`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, token) in self.0.iter().enumerate() {
            let dot = if at == 0 { "" } else { "." };
            match token {
                Token::Literal(text) => write!(formatter, "{dot}{text}")?,
                Token::Param(name) => write!(formatter, "{dot}{{{}}}", name.snake())?,
            }
        }
        Ok(())
    }
}
