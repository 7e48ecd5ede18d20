//! The named model in the middle: what a protocol is, whatever language it is emitted in.
//!
//! `read` and `lower` build it out of JSON Schema documents; `check` judges it; `emit` turns it into source. It knows no
//! JSON Schema keyword that does not survive into meaning, and no programming language.

mod rule;

use serde::Serialize;
use serde_json::Value as Json;

pub use rule::{Keyword, Regex, Resource, Rule, RuleDef, Type};

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
    pub rules: Vec<RuleDef>,
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

/// A named type.
#[derive(Clone, Debug, Serialize)]
pub struct TypeDef {
    /// Name of the type, unique in the protocol.
    pub name: Name,
    /// What it is.
    pub description: String,
    /// Where it is defined.
    pub source: Source,
    /// The module that holds it: the path of its document without `.json`, e.g. `worker/deploy` or `types/raft`.
    pub module: String,
    /// Its shape: it can hold every valid value.
    pub shape: Shape,
    /// The rule that values obey beside their shape; without one, the shape says all.
    pub rule: Option<Name>,
    /// Whether some reply or publication holds it: then variants that we do not know are kept instead of refused.
    pub open: bool,
    /// Examples from the schema.
    pub examples: Vec<Json>,
}

/// The shape of a named type.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// An object with named fields.
    Struct(Struct),
    /// A text under a rule.
    Text(Text),
    /// An integer in a range.
    Integer(Integer),
    /// A number in a range.
    Number(Number),
    /// One of a list of texts.
    Enum(Vec<EnumValue>),
    /// One of several forms.
    Union(Union),
    /// Another value under a name: an array, a map, a free-form value.
    Alias(Value),
}

/// An object with named fields.
#[derive(Clone, Debug, Serialize)]
pub struct Struct {
    /// The fields in schema order.
    pub fields: Vec<Field>,
    /// What happens to members that are not fields.
    pub rest: Rest,
}

/// What happens to members of an object that are not fields.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// They are read over (no `additionalProperties`).
    Ignore,
    /// They are an error (`additionalProperties: false`).
    Deny,
    /// They are kept in a map beside the fields (`additionalProperties` with a schema or `true`).
    Keep(Box<Value>),
}

/// A field of an object.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// The key on the wire.
    pub key: String,
    /// The name, without the unit where the value is a duration.
    pub name: Name,
    /// What it means.
    pub description: String,
    /// Its value.
    pub value: Value,
    /// Whether `null` is a value of it.
    pub nullable: bool,
    /// Whether it may be absent.
    pub presence: Presence,
    /// Where the schema says it.
    #[serde(skip)]
    pub source: Source,
}

/// Whether a field may be absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It must be there.
    Required,
    /// It may be absent.
    Optional,
    /// It may be absent and then has this value; it is always written.
    Default(Json),
}

/// A value inside a type.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A named type.
    Named(Name),
    /// A text under a rule.
    Text(Text),
    /// An integer in a range.
    Integer(Integer),
    /// A number in a range.
    Number(Number),
    /// `true` or `false`.
    Bool,
    /// Only `true`, or only `false`.
    Only(bool),
    /// A span of time as an integer of this unit.
    Duration {
        /// The unit on the wire.
        unit: TimeUnit,
        /// The range in that unit.
        range: Integer,
    },
    /// A list.
    Array {
        /// Its items.
        item: Box<Value>,
        /// Least and greatest number of items.
        length: Length,
    },
    /// An object whose keys are data.
    Map {
        /// Named text type of the keys; any text without it.
        key: Option<Name>,
        /// Its values.
        value: Box<Value>,
        /// Least and greatest number of members.
        length: Length,
    },
    /// Any JSON value.
    Any,
    /// A value or `null`, where it is not a field (inside arrays, maps and variants).
    Nullable(Box<Value>),
}

/// The unit of a duration on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Seconds, keys that end in `_secs`.
    Secs,
    /// Milliseconds, keys that end in `_ms`.
    Millis,
    /// Microseconds, keys that end in `_us`.
    Micros,
}

/// Least and greatest length; `max` is `None` where the schema gives no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Length {
    /// Least.
    pub min: u64,
    /// Greatest.
    pub max: Option<u64>,
}

/// The rule of a text.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Text {
    /// Length in Unicode code points.
    pub length: Length,
    /// Pattern, anchored at both ends.
    pub pattern: Option<Pattern>,
    /// Asserted format.
    pub format: Option<Format>,
    /// The only text allowed.
    pub constant: Option<String>,
    /// Whether Debug output and logs hide it.
    pub sensitive: bool,
}

/// An anchored pattern: runs of character classes one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pattern {
    /// The regular expression as the schema writes it.
    pub regex: String,
    /// What it means.
    pub runs: Vec<Run>,
}

/// A run of characters of one class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// The class in regular-expression notation without brackets, e.g. `A-Za-z0-9_-`; ASCII only.
    pub class: String,
    /// How many characters at least.
    pub min: u32,
    /// How many characters at most.
    pub max: Option<u32>,
}

/// A format that is asserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// RFC 3339 date and time.
    DateTime,
    /// RFC 3339 date.
    Date,
    /// RFC 3339 time.
    Time,
    /// ISO 8601 duration, as in RFC 3339, appendix A.
    Duration,
    /// RFC 5321 mailbox.
    Email,
    /// RFC 6531 mailbox.
    IdnEmail,
    /// RFC 1123 host name.
    Hostname,
    /// RFC 5890 host name.
    IdnHostname,
    /// RFC 2673 dotted quad.
    Ipv4,
    /// RFC 4291 address.
    Ipv6,
    /// RFC 3986 URI.
    Uri,
    /// RFC 3986 URI or relative reference.
    UriReference,
    /// RFC 3987 IRI.
    Iri,
    /// RFC 3987 IRI or relative reference.
    IriReference,
    /// RFC 4122 UUID.
    Uuid,
    /// RFC 6570 URI template.
    UriTemplate,
    /// RFC 6901 JSON pointer.
    JsonPointer,
    /// Relative JSON pointer.
    RelativeJsonPointer,
    /// ECMA 262 regular expression.
    Regex,
}

/// The range of an integer, inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Integer {
    /// Least.
    pub min: i128,
    /// Greatest.
    pub max: i128,
}

/// The range of a number, inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Number {
    /// Least.
    pub min: Option<f64>,
    /// Greatest.
    pub max: Option<f64>,
}

/// One text of an enumeration.
#[derive(Clone, Debug, Serialize)]
pub struct EnumValue {
    /// The text on the wire.
    pub text: String,
    /// The name.
    pub name: Name,
    /// What it means; empty where the schema does not say.
    pub description: String,
}

/// One of several forms.
#[derive(Clone, Debug, Serialize)]
pub struct Union {
    /// What tells the forms apart.
    pub tagging: Tagging,
    /// The forms in schema order.
    pub variants: Vec<Variant>,
}

/// What tells the forms of a union apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tagging {
    /// The text itself, or the only key of an object.
    External,
    /// A text member of this key, which every form has.
    Member(String),
}

/// One form of a union.
#[derive(Clone, Debug, Serialize)]
pub struct Variant {
    /// The text itself, the only key of the object, or the text of its tag member.
    pub tag: String,
    /// The name.
    pub name: Name,
    /// What it means.
    pub description: String,
    /// What stands under the key, or the whole object where a member is the tag; `None` where the tag alone is the value.
    pub value: Option<Value>,
    /// The branch in the schema.
    #[serde(skip)]
    pub source: Source,
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
