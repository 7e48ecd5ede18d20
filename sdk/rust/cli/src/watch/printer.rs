//! Prints messages.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use natsgen::model::{Kind, Operation, Token};
use natsgen_runtime::transport::Message;
use serde_json::{Value as Json, json};

use crate::protocol::Types;
use crate::terminal::text::{self, plain};

const WRONG: Style = AnsiColor::Red.on_default();
const NAME: Style = AnsiColor::Cyan.on_default();

/// An operation whose messages are shown.
pub(super) struct Watched<'a> {
    pub(super) operation: &'a Operation,
    pub(super) types: Types,
    /// The position of the first token after the prefix.
    pub(super) start: usize,
}

impl Watched<'_> {
    /// Prints a message on a line.
    pub(super) fn print(
        &self,
        out: &mut impl Write,
        message: &Message,
        as_json: bool,
    ) -> io::Result<()> {
        let ty = match &self.operation.kind {
            Kind::Request(request) => &request.request,
            Kind::Publish(message) => message,
        };
        let parsed = serde_json::from_slice(&message.payload);
        let mut value: Json = parsed.unwrap_or_else(|_| {
            let text = String::from_utf8_lossy(&message.payload);
            Json::from(text.into_owned())
        });
        let invalid = self.types.check(ty, &value).err();
        self.types.hide_secrets(ty, &mut value);
        // The reason can show a part of the message.
        let invalid = invalid.map(|invalid| format!("invalid at {:?}", invalid.pointer));
        let time = Timestamp::now();
        if as_json {
            let line = json!({
                "time": format!("{time:.6}"), "operation": self.operation.name.snake(),
                "subject": message.subject, "params": self.params(&message.subject),
                "message": value, "invalid": invalid,
            });
            return writeln!(out, "{}", text::json(&line.to_string()));
        }
        let name = self.operation.name.snake();
        let params = self.params(&message.subject);
        let params = params
            .iter()
            .map(|(name, value)| format!("{name}={value} "));
        let params = plain(&params.collect::<String>());
        let value = text::json(&value.to_string());
        write!(out, "{time:.3} {NAME}{name}{NAME:#} {params}{value}")?;
        match invalid {
            Some(reason) => writeln!(out, " {WRONG}{}{WRONG:#}", plain(&reason)),
            None => writeln!(out),
        }
    }

    /// The parameters of a subject.
    fn params(&self, subject: &str) -> BTreeMap<String, String> {
        let tokens = self.operation.subject.0.iter();
        let values = subject.split('.').skip(self.start);
        let params = tokens.zip(values).filter_map(|(token, value)| match token {
            Token::Literal(_) => None,
            Token::Param(name) => Some((name.snake(), value.to_owned())),
        });
        params.collect()
    }
}
