//! The answer of a call.

use std::collections::BTreeMap;

use natsgen::model::{ErrorForm, Operation, Request};
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
    let json = body.as_ref().unwrap_or(&Json::Null);
    let is_marked = message.headers.get(ERROR_CODE).is_some();
    let form = protocol.model.error_form.as_ref();
    let found = match form {
        Some(form) => in_form(form, protocol, message, json),
        None => refusal(protocol, message, json),
    };
    if is_marked || form.is_some() && found.is_some() {
        return Ok(Err(found.unwrap_or_default()));
    }
    let reason = match &body {
        Ok(reply) => match types.check(&request.reply, reply) {
            Ok(()) => return Ok(Ok(reply.clone())),
            Err(invalid) => invalid.text(),
        },
        Err(error) => error.to_string(),
    };
    if let Some(refusal) = found {
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

/// The error in a reply of a protocol with its own form of errors, if it is one.
fn in_form(
    form: &ErrorForm,
    protocol: &Protocol,
    message: &Message,
    body: &Json,
) -> Option<Refusal> {
    let has = |values: &BTreeMap<String, Json>| {
        let mut values = values.iter();
        values.all(|(pointer, value)| body.pointer(pointer) == Some(value))
    };
    if !has(&form.when) || !form.unless.is_empty() && has(&form.unless) {
        return None;
    }
    let at = |pointer: &Option<String>| body.pointer(pointer.as_deref()?);
    let header = |name| message.headers.get(name).map(Json::from);
    let code = at(&form.code).cloned().or_else(|| header(ERROR_CODE));
    let text = at(&form.text).cloned().or_else(|| header(ERROR));
    let text = match (&code, &text) {
        (None, None) => return None,
        (_, Some(Json::String(text))) => text.clone(),
        (_, text) => text.as_ref().map(Json::to_string).unwrap_or_default(),
    };
    let mut errors = protocol.model.errors.iter();
    let known = code.as_ref().and_then(|code| {
        errors.find(|error| match &error.wire_code {
            Some(wire) => same_code(wire, code),
            None => code.as_str() == Some(&error.code.snake()),
        })
    });
    let code = known.map(|error| error.code.snake()).or_else(|| {
        let code = code.as_ref()?;
        Some(
            code.as_str()
                .map_or_else(|| code.to_string(), str::to_owned),
        )
    });
    Some(Refusal {
        code: code
            .or_else(|| code_of(protocol, &text))
            .unwrap_or_default(),
        text,
        pointer: String::new(),
    })
}

/// Whether a code is that of the catalogue. In a header, each code is text.
fn same_code(wire: &Json, code: &Json) -> bool {
    let written = wire.to_string();
    wire == code || code.as_str() == Some(&written)
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
