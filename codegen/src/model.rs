//! The named model in the middle: what a protocol is, whatever language it is emitted in.
//!
//! `read` and `lower` build it out of JSON Schema documents; `check` judges it; `emit` turns it into source. It knows no
//! JSON Schema keyword that does not survive into meaning, and no programming language.

mod assertion;
mod types;

use serde::Serialize;

pub use assertion::{Assertion, AssertionDef, Keyword, Regex, Resource, Type};
pub use types::{
    AdditionalMembers, EnumValue, Field, Format, Integer, Length, Number, Pattern, Presence, Run,
    Shape, Struct, Tagging, Text, TimeUnit, TypeDef, Union, Value, Variant,
};

/// A name as a list of lower-case words; emitters only choose the case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Name(Vec<String>);

/// Where in the schemas something was said.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Source {
    /// Path of the document below the schema directory, with `/` between its parts.
    pub file: String,
    /// JSON pointer into the document; empty for the document itself.
    pub pointer: String,
}

/// One protocol: everything that the schema directory says.
#[derive(Clone, Debug, Serialize)]
pub struct Protocol {
    /// Name of the protocol.
    pub name: Name,
    /// Version of the protocol, as the manifest writes it.
    pub version: String,
    /// What the protocol is for.
    pub description: String,
    /// The default subject prefix, e.g. `acme.fleet`.
    pub prefix: String,
    /// The parties, sorted by name.
    pub roles: Vec<Role>,
    /// The error catalogue, sorted by code.
    pub errors: Vec<ErrorKind>,
    /// The operations, sorted by role served and then by name.
    pub operations: Vec<Operation>,
    /// All types, sorted by module and then in the order of their document.
    pub types: Vec<TypeDef>,
    /// What is judged beside the types, sorted by source.
    pub assertions: Vec<AssertionDef>,
    /// The schema resources with dynamic anchors that rules belong to.
    pub resources: Vec<Resource>,
}

/// A party of the protocol: what a client is named after and a service is.
#[derive(Clone, Debug, Serialize)]
pub struct Role {
    /// Name of the role.
    pub name: Name,
    /// What the role does.
    pub description: String,
    /// The subject parameter that tells one instance of the role from another, if the role has such instances.
    pub instance: Option<Name>,
}

/// An error of the catalogue.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorKind {
    /// The code in the error body, in `snake_case`, as a name.
    pub code: Name,
    /// What went wrong and what the caller can do.
    pub description: String,
    /// Numeric code for the `Nats-Service-Error-Code` header, in the manner of HTTP.
    pub status: u16,
    /// The text before the detail, e.g. `pipeline not found: `; the whole text where there is no detail.
    pub text: String,
    /// Whether the text ends with a detail that differs from case to case.
    pub has_detail: bool,
    /// Where the manifest says it.
    pub source: Source,
}

/// One operation: a request with its reply, or a publication.
#[derive(Clone, Debug, Serialize)]
pub struct Operation {
    /// Name of the operation, also of its method and of its file.
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
    /// Who gets a message when several listen.
    pub delivery: Delivery,
    /// Request or publication.
    pub kind: Kind,
    /// Whether the document says `deprecated`.
    pub deprecated: bool,
}

/// The subject of an operation after `{prefix}.`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Subject(pub Vec<Token>);

/// One token of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Token {
    /// A fixed word.
    Literal(String),
    /// A parameter that fills the whole token.
    Param(Name),
}

/// A parameter of a subject.
#[derive(Clone, Debug, Serialize)]
pub struct Param {
    /// Name of the parameter.
    pub name: Name,
    /// Its type: a text or integer type that cannot leave its token.
    pub ty: Name,
}

/// Who gets a message when several listen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The instance that the subject names.
    Instance,
    /// One member of the queue group.
    Queue(String),
    /// Everyone who listens.
    Broadcast,
}

/// Request or publication.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A request that is answered by a reply or an error.
    Request(Request),
    /// A message that nobody answers; holds the name of its type.
    Publish(Name),
}

/// What a request has beside its subject.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// Name of the request type.
    pub request: Name,
    /// Name of the reply type.
    pub reply: Name,
    /// Codes of the errors that the operation may answer with, in the order of the document.
    pub errors: Vec<Name>,
    /// Deadline of a call unless the caller says otherwise, in milliseconds.
    pub timeout_ms: u64,
    /// Whether executing it twice is the same as executing it once.
    pub idempotent: bool,
    /// The request field whose value orders requests: equal values run in the order in which they came.
    pub ordering: Option<Name>,
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
    /// The template as schemas write it, without the prefix: `cmd.{worker_id}.deploy`.
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
