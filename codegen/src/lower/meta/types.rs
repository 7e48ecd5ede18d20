// Generated from schema/meta by `UPDATE_EXPECT=1 cargo test -p natsgen --test meta`; do not edit.

//! The manifest and the members of `x-nats`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// An error that operations can return.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Error {
    /// The code in the reply, an integer or a string, for a protocol with `error_form`. Default: the name of the error.
    #[serde(default)]
    pub(crate) code: Option<::serde_json::Value>,
    /// Cause of the error, and what the caller can do.
    #[serde(default)]
    pub(crate) description: Option<String>,
    /// Number in the header `Nats-Service-Error-Code`: 400 to 499 for errors of the caller, 500 to 599 for errors of the server.
    pub(crate) status: i64,
    /// The text in the member `error` of the reply. A `{detail}` at its end is replaced by the detail of the case. If `error_form` has a code, the text may be `{detail}` alone.
    pub(crate) text: String,
}
/// Where errors stand in replies. A reply with a text or a code at its place is an error. Without `text` and `code`, errors stand only in the headers `Nats-Service-Error-Code` and `Nats-Service-Error`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErrorForm {
    /// JSON pointer of the code, an integer or a string.
    #[serde(default)]
    pub(crate) code: Option<String>,
    /// JSON pointer of the status. Servers write it.
    #[serde(default)]
    pub(crate) status: Option<String>,
    /// JSON pointer of the text.
    #[serde(default)]
    pub(crate) text: Option<String>,
    /// Values by JSON pointer. A reply with all of them is no error.
    #[serde(default)]
    pub(crate) unless: ::serde_json::Map<String, ::serde_json::Value>,
    /// Values by JSON pointer that each error has. Servers write them. A reply with other values is no error.
    #[serde(default)]
    pub(crate) when: ::serde_json::Map<String, ::serde_json::Value>,
}
/// Method, path and replies of an operation over HTTP.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Http {
    /// For a publication: the operation of the same role that a server calls first, with the same parameters and an empty request. Its errors are the errors of the publication.
    #[serde(default)]
    pub(crate) confirm: Option<String>,
    /// The method. The members of a GET or DELETE request stand in the path and in the query.
    pub(crate) method: String,
    /// Words and parameters. A parameter is a parameter of the subject, or else a required string or integer of the request. A client names further parameters of the subject in the query, unless the server sets them.
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) reply: Option<HttpReply>,
    /// The status of a reply without an error. Default: 200, and 202 for a publication.
    #[serde(default)]
    pub(crate) status: Option<i64>,
}
/// Type and conversions of a reply over HTTP. `write` makes it from `{"request": …, "reply": …}` with the reply over NATS, `read` makes the reply over NATS from the same object with the reply over HTTP.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpReply {
    /// Makes the reply over NATS. Required for a request.
    #[serde(default)]
    pub(crate) read: Option<::serde_json::Value>,
    /// The type of the reply.
    #[serde(rename = "type")]
    pub(crate) type_: String,
    /// Makes the reply over HTTP.
    pub(crate) write: ::serde_json::Value,
}
/// Schema of `manifest.json`, which defines the name, version, subject prefix, roles and errors of a protocol.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// Further keywords that other tools read. natsgen ignores them without a warning.
    #[serde(default)]
    pub(crate) annotations: Vec<String>,
    #[serde(default)]
    pub(crate) defaults: Option<ManifestDefaults>,
    /// Purpose of the protocol.
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) error_form: Option<ErrorForm>,
    /// The error catalogue by code. An operation lists the codes that it can return.
    #[serde(default)]
    pub(crate) errors: BTreeMap<String, Error>,
    /// The programming languages that code is generated for. `natsgen check` reports what they cannot express. Default: `rust`.
    #[serde(default)]
    pub(crate) languages: Vec<String>,
    /// Levels of warnings for the whole protocol, by code.
    #[serde(default)]
    pub(crate) lints: BTreeMap<String, String>,
    /// Name of the protocol in `snake_case`.
    pub(crate) name: String,
    /// Default value of `{prefix}` in subjects: words of printable ASCII characters, joined by dots. Wildcards, braces, quotes and backslashes are not allowed.
    pub(crate) prefix: String,
    /// The participants by name. The documents of the operations that a role serves are in the folder of its name.
    pub(crate) roles: BTreeMap<String, Role>,
    /// Path or URL of this meta-schema, for editors.
    #[serde(rename = "$schema", default)]
    pub(crate) schema: Option<String>,
    /// Version of the protocol: three numbers, `major.minor.patch`.
    pub(crate) version: String,
}
/// Defaults of operations.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManifestDefaults {
    /// Deadline of calls to operations without a timeout.
    #[serde(default)]
    pub(crate) timeout: Option<String>,
}
/// A message without a reply.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Publish {
    /// The receivers of a message: `instance`, the instance that the subject names; `queue:<name>`, a single member of the queue group; `broadcast`, all subscribers.
    pub(crate) delivery: String,
    /// The role that publishes the message.
    pub(crate) from: String,
    /// Always `publish`.
    pub(crate) kind: String,
    /// The type of the message.
    pub(crate) message: String,
    /// The type of each parameter of the subject: a string that cannot leave its token, or a non-negative integer.
    #[serde(default)]
    pub(crate) params: BTreeMap<String, String>,
    /// The parameter of the subject that names the receiving instance; by default the parameter that names instances of `to`. NATS permissions allow a receiver only its own value.
    #[serde(default)]
    pub(crate) receiver: Option<String>,
    /// The parameter of the subject that names the sending instance; by default the parameter that names instances of `from`. NATS permissions allow a sender only its own value.
    #[serde(default)]
    pub(crate) sender: Option<String>,
    /// `{prefix}`, then words and parameters, joined by dots. A parameter fills its token. Wildcards are derived from parameters.
    pub(crate) subject: String,
    /// The role that subscribes; also the folder of the document.
    pub(crate) to: String,
}
/// A message with a reply or an error.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// Whether the request controls the server or the object that `ordering` names. The server reserves places for such requests, so that it accepts them while it is overloaded. If `ordering` is set, the request overtakes: the server cancels queued requests with an equal value, and the running request after a grace time.
    #[serde(default)]
    pub(crate) control: bool,
    /// The receivers of a message: `instance`, the instance that the subject names; `queue:<name>`, a single member of the queue group; `broadcast`, all subscribers.
    pub(crate) delivery: String,
    /// Codes of the manifest's error catalogue that the operation can return.
    #[serde(default)]
    pub(crate) errors: Vec<String>,
    /// The role that calls the operation.
    pub(crate) from: String,
    /// Whether two executions have the same effect as a single execution. Only then is a call with an unknown outcome retried.
    #[serde(default)]
    pub(crate) idempotent: bool,
    /// Always `request`.
    pub(crate) kind: String,
    /// Name of a required string or integer of the request. Requests with equal values run in order of arrival, other requests in parallel.
    #[serde(default)]
    pub(crate) ordering: Option<String>,
    /// The type of each parameter of the subject: a string that cannot leave its token, or a non-negative integer.
    #[serde(default)]
    pub(crate) params: BTreeMap<String, String>,
    /// The type of the reply.
    pub(crate) reply: String,
    /// The type of the request.
    pub(crate) request: String,
    /// `{prefix}`, then words and parameters, joined by dots. A parameter fills its token. Wildcards are derived from parameters.
    pub(crate) subject: String,
    /// Default deadline of a call.
    #[serde(default)]
    pub(crate) timeout: Option<String>,
    /// The role that serves the operation; also the folder of the document.
    pub(crate) to: String,
}
/// A participant of the protocol.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    /// Purpose of the role.
    #[serde(default)]
    pub(crate) description: Option<String>,
    /// The subject parameter that selects an instance of the role. Operations with the delivery `instance` have it in their subject.
    #[serde(default)]
    pub(crate) instance: Option<String>,
}
