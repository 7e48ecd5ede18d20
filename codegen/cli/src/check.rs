//! `natsgen check`.

use clap::Args;
use natsgen::Diagnostic;
use natsgen::model::Protocol;

use crate::failure::{Failure, counts};
use crate::formats::Formats;
use crate::input::read_types;
use crate::output::print;
use crate::report::{Format, report};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The schema directory.
    #[arg(default_value = "schema", value_name = "DIR")]
    directory: String,
    /// How `format` is treated in the schemas.
    #[arg(long, value_enum, default_value_t)]
    formats: Formats,
    /// The format of the diagnostics.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Read each document as a schema of types, without a manifest.
    #[arg(long)]
    types_only: bool,
    /// Fail if there are warnings.
    #[arg(long)]
    deny_warnings: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments {
        directory,
        formats,
        types_only,
        ..
    } = arguments;
    let schemas = read_types(directory, *formats, *types_only)?;
    let (protocol, diagnostics) = match natsgen::compile(&schemas) {
        Ok((protocol, warnings)) => (Some(protocol), warnings),
        Err(diagnostics) => (None, diagnostics.into_vec()),
    };
    let mut text = report(arguments.format, &diagnostics);
    if arguments.format == Format::Text {
        text += &summary(directory, protocol.as_ref(), &diagnostics);
        text.push('\n');
    }
    print(&text)?;
    let passed = protocol.is_some() && (diagnostics.is_empty() || !arguments.deny_warnings);
    if passed {
        Ok(())
    } else {
        Err(Failure::Wrong(String::new()))
    }
}

/// The last line of the output: the result of the check.
fn summary(directory: &str, protocol: Option<&Protocol>, diagnostics: &[Diagnostic]) -> String {
    match protocol {
        Some(protocol) if diagnostics.is_empty() => {
            let (operations, types) = (protocol.operations.len(), protocol.types.len());
            format!("{directory}: {operations} operations, {types} types, no errors or warnings")
        }
        _ => counts(diagnostics),
    }
}
