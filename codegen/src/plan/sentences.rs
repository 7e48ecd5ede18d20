//! Documentation sentences, the same in every output.
//!
//! Names of code are in backticks. A target can turn them into links.

use crate::model::{Name, Operation, Role};

/// The folder of a role's operations.
pub(crate) fn role(role: &Role) -> String {
    format!(
        "Operations of the `{}` role: messages, client and service.",
        role.name
    )
}

/// The folder of shared types.
pub(crate) const TYPES: &str = "Types that several operations share.";

/// The file of subject templates.
pub(crate) const SUBJECTS: &str = "Subject templates and functions that build subjects.";

/// The file of the error catalogue.
pub(crate) const ERRORS: &str = "The error catalogue.";

/// The form of errors.
pub(crate) const ERROR_FORM: &str = "The form of errors in replies.";

/// The file of the HTTP forms.
pub(crate) const HTTP: &str = "The HTTP forms of all operations.";

/// The file of assertions.
pub(crate) const ASSERTIONS: &str =
    "Assertions: constraints of the schemas that the types do not express.";

/// The client of a role.
pub(crate) fn client(role: &Role) -> String {
    format!("Client for the `{}` role.", role.name)
}

/// The interface that a server implements.
pub(crate) fn service(role: &Role) -> String {
    format!("Service of the `{}` role.", role.name)
}

/// The server of a role.
pub(crate) fn server(role: &Role) -> String {
    format!(
        "Server of the `{}` role: decodes requests, calls the service and sends the replies.",
        role.name
    )
}

/// The errors of an operation.
pub(crate) fn fault(operation: &Operation) -> String {
    format!("Errors that `{}` can return.", operation.name)
}

/// The subject parameters of an operation.
pub(crate) fn params(operation: &Operation) -> String {
    format!("Subject parameters of `{}`.", operation.name)
}

/// The filter of an event.
pub(crate) fn filter(operation: &Operation) -> String {
    format!(
        "Filter for subscriptions to `{}`. A parameter that is absent matches every value.",
        operation.name
    )
}

/// A subject parameter.
pub(crate) fn param(name: &Name) -> String {
    format!("Subject token `{{{name}}}`.")
}

/// A subject template.
pub(crate) fn template(operation: &Operation) -> String {
    let (from, to) = (&operation.from, &operation.to);
    format!(
        "Subject of `{}`: `{{prefix}}.{}`. The `{from}` role sends it to the `{to}` role.",
        operation.name, operation.subject
    )
}

/// The function that builds a subject.
pub(crate) fn subject(operation: &Operation) -> String {
    format!("Builds the subject of `{}`.", operation.name)
}

/// The prefix of all subjects.
pub(crate) const PREFIX: &str = "Default prefix of every subject.";

/// The roles.
pub(crate) const ROLES: &str = "Names of all roles.";

/// All errors of the catalogue.
pub(crate) const CATALOGUE: &str = "All errors of the protocol.";

/// A variant for values of a newer peer.
pub(crate) const UNKNOWN: &str =
    "Value of a newer version of the protocol. It can be read but not written.";

/// The map of additional members.
pub(crate) const ADDITIONAL_MEMBERS: &str = "Additional members of the object.";

/// A field or variant without a description.
pub(crate) fn wire(text: &str) -> String {
    if text.is_empty() {
        return "The empty text on the wire.".to_owned();
    }
    format!("`{text}` on the wire.")
}
