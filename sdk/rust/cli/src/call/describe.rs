//! Descriptions of operations.

use std::io::{self, Write};

use anstyle::Style;
use natsgen::model::{Kind, Operation};

use crate::protocol::{Protocol, Types};

const BOLD: Style = Style::new().bold();

/// Lists all operations, each with the first sentence of its description.
pub(super) fn list(out: &mut impl Write, protocol: &Protocol) -> io::Result<()> {
    let operations = &protocol.model.operations;
    let names = operations.iter().map(|operation| operation.name.snake());
    let width = names.map(|name| name.len()).max().unwrap_or_default();
    let mut role = None;
    for operation in operations {
        if role != Some(&operation.to) {
            writeln!(out, "{BOLD}{}{BOLD:#}", operation.to.snake())?;
            role = Some(&operation.to);
        }
        let name = operation.name.snake();
        let (sentence, _) = operation
            .description
            .split_once(". ")
            .unwrap_or((&operation.description, ""));
        writeln!(out, "  {name:width$}  {}", sentence.trim_end_matches('.'))?;
    }
    Ok(())
}

/// Describes an operation: subject, parameters, an example of each message, and the errors.
pub(super) fn operation(
    out: &mut impl Write,
    protocol: &Protocol,
    operation: &Operation,
    types: &Types,
) -> io::Result<()> {
    let title = |out: &mut dyn Write, text: &str| writeln!(out, "\n{BOLD}{text}{BOLD:#}");
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}  {}.{}",
        operation.name.snake(),
        protocol.model.prefix,
        operation.subject
    )?;
    writeln!(out, "{}", operation.description)?;
    if !operation.params.is_empty() {
        title(out, "Parameters")?;
    }
    for param in &operation.params {
        writeln!(
            out,
            "  {}  {}",
            param.name.snake(),
            types.description(&param.ty)
        )?;
    }
    let messages = match &operation.kind {
        Kind::Request(request) => vec![("Request", &request.request), ("Reply", &request.reply)],
        Kind::Publish(message) => vec![("Event", message)],
    };
    for (name, ty) in messages {
        title(out, name)?;
        writeln!(out, "  {}", types.description(ty))?;
        if let Some(example) = types.example(ty) {
            writeln!(out, "  {example}")?;
        }
    }
    if let Kind::Request(request) = &operation.kind {
        title(out, "Errors")?;
        for code in &request.errors {
            let error = protocol.error(&code.snake());
            let description = error.map_or("", |error| error.description.as_str());
            writeln!(out, "  {}  {description}", code.snake())?;
        }
    }
    Ok(())
}
