//! A validated request or event.

use std::collections::BTreeMap;
use std::io::Read as _;

use natsgen::model::{Kind, Name, Operation, Token};
use natsgen_runtime::Prefix;
use natsgen_runtime::transport::Message;
use serde_json::Value as Json;

use crate::protocol::{Invalid, Types};
use crate::terminal::error::CommandError;

/// Reads the message of the command line, or of the standard input for `-`.
pub(super) fn read(text: &str) -> Result<Json, CommandError> {
    let mut input = String::new();
    let text = if text == "-" {
        std::io::stdin().read_to_string(&mut input)?;
        &input
    } else {
        text
    };
    serde_json::from_str(text).map_err(|error| CommandError::Settings {
        reason: format!("the message is not JSON: {error}"),
        advice: "quote it for the shell: '{\"name\": \"value\"}'".to_owned(),
    })
}

/// Validates the parameters and the message. Returns the message with its subject.
pub(super) fn prepare(
    operation: &Operation,
    types: &Types,
    prefix: &Prefix,
    params: &[(String, String)],
    message: &Json,
) -> Result<Message, CommandError> {
    let advice = format!("see `varpulis call {} --describe`", operation.name.snake());
    let wrong = |reason: String| CommandError::Settings {
        reason,
        advice: advice.clone(),
    };
    let known = |name: &str| {
        operation
            .params
            .iter()
            .any(|param| param.name.snake() == name)
    };
    if let Some((name, _)) = params.iter().find(|(name, _)| !known(name)) {
        return Err(wrong(format!("the subject has no parameter {name:?}")));
    }
    let mut values = BTreeMap::new();
    for param in &operation.params {
        let name = param.name.snake();
        let value = params.iter().rfind(|(given, _)| *given == name);
        let (_, value) = value.ok_or_else(|| wrong(format!("--param {name}=VALUE is missing")))?;
        check_param(types, &param.ty, value)
            .map_err(|invalid| wrong(format!("the parameter `{name}`: {}", invalid.text())))?;
        values.insert(&param.name, value);
    }
    let ty = match &operation.kind {
        Kind::Request(request) => &request.request,
        Kind::Publish(ty) => ty,
    };
    let checked = types.check(ty, message);
    checked.map_err(|invalid| wrong(format!("the message: {}", invalid.text())))?;
    let tokens = operation.subject.0.iter().map(|token| match token {
        Token::Literal(word) => word.as_str(),
        Token::Param(name) => values.get(name).map_or("", |value| value.as_str()),
    });
    let tokens: Vec<_> = std::iter::once(prefix.as_str()).chain(tokens).collect();
    Ok(Message {
        subject: tokens.join("."),
        payload: message.to_string().into(),
        ..Message::default()
    })
}

/// Validates a parameter: a string, or an integer in decimal digits.
fn check_param(types: &Types, ty: &Name, text: &str) -> Result<(), Invalid> {
    let as_text = types.check(ty, &Json::from(text));
    match text.parse::<u64>() {
        Ok(number) if number.to_string() == text => {
            as_text.or_else(|_| types.check(ty, &number.into()))
        }
        _ => as_text,
    }
}
