//! The answer of a call.

use natsgen::model::{Operation, Request};
use natsgen_runtime::transport::Message;
use serde::Serialize;
use serde_json::Value as Json;

use crate::protocol::{Protocol, Types};
use crate::terminal::error::CommandError;
use crate::terminal::text::plain;

/// The header that marks an error, and the header with its text.
const ERROR_CODE: &str = "Nats-Service-Error-Code";
const ERROR: &str = "Nats-Service-Error";

/// An error of the server.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Refusal {
    /// The code of the error; empty if the server sent none, and the text is unknown.
    pub(super) code: String,
    pub(super) text: String,
    /// The JSON pointer of the invalid part of the request.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) pointer: String,
}

/// Reads a reply, or the error of the server. A peer without headers sends an error as a body that breaks the schema of
/// the reply.
pub(super) fn read(
    protocol: &Protocol,
    types: &Types,
    request: &Request,
    message: &Message,
) -> Result<Result<Json, Refusal>, CommandError> {
    let body: Result<Json, _> = serde_json::from_slice(&message.payload);
    let refusal = || refusal(protocol, message, body.as_ref().unwrap_or(&Json::Null));
    if message.headers.get(ERROR_CODE).is_some() {
        return Ok(Err(refusal().unwrap_or_default()));
    }
    let reason = match &body {
        Ok(reply) => match types.check(&request.reply, reply) {
            Ok(()) => return Ok(Ok(reply.clone())),
            Err(invalid) => invalid.text(),
        },
        Err(error) => error.to_string(),
    };
    if let Some(refusal) = refusal() {
        return Ok(Err(refusal));
    }
    let text = String::from_utf8_lossy(&message.payload);
    let reason = format!("the reply breaks its schema: {reason}\n{text}");
    Err(CommandError::Failed(plain(&reason)))
}

/// The error in a reply, if it is one.
fn refusal(protocol: &Protocol, message: &Message, body: &Json) -> Option<Refusal> {
    let member = |name: &str| Some(body.get(name)?.as_str()?.to_owned());
    let header = || message.headers.get(ERROR).map(str::to_owned);
    let text = member("error").or_else(header)?;
    let code = member("code").or_else(|| code_of(protocol, &text));
    Some(Refusal {
        code: code.unwrap_or_default(),
        pointer: member("pointer").unwrap_or_default(),
        text,
    })
}

/// The error of the catalogue whose text begins the text of an error without a code.
fn code_of(protocol: &Protocol, text: &str) -> Option<String> {
    let mut errors: Vec<_> = protocol.model.errors.iter().collect();
    errors.sort_by_key(|error| std::cmp::Reverse(error.text.len()));
    let mut errors = errors.into_iter();
    let found = errors.find(|error| {
        text == error.text || (error.has_detail && text.starts_with(error.text.as_str()))
    });
    found.map(|error| error.code.snake())
}

impl Refusal {
    /// The error of the command. The catalogue explains the code.
    pub(super) fn explain(&self, protocol: &Protocol, operation: &Operation) -> CommandError {
        let part = |start, text: &str, end| match text {
            "" => String::new(),
            text => [start, text, end].concat(),
        };
        let (code, place) = (part(" (", &self.code, ")"), part(" at ", &self.pointer, ""));
        let reason = format!("{}: {}{code}{place}", operation.name.snake(), self.text);
        let explained = protocol.error(&self.code);
        let advice = explained.map_or("the server refused the request", |error| {
            error.description.as_str()
        });
        CommandError::Refused {
            reason: plain(&reason),
            advice: advice.to_owned(),
        }
    }
}
