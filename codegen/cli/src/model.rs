//! `natsgen model`.

use clap::Args;
use natsgen::model::Protocol;

use crate::failure::Failure;
use crate::formats::Formats;
use crate::input::{compile, read};
use crate::output::print;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The schema directory.
    #[arg(default_value = "schema", value_name = "DIR")]
    directory: String,
    /// How `format` is treated in the schemas.
    #[arg(long, value_enum, default_value_t)]
    formats: Formats,
    /// Print the JSON Schema of the model instead of the model.
    #[arg(long, conflicts_with_all = ["directory", "formats"])]
    schema: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let text = if arguments.schema {
        serde_json::to_string_pretty(&schemars::schema_for!(Protocol))
    } else {
        let protocol = compile(&read(&arguments.directory, arguments.formats)?)?;
        serde_json::to_string_pretty(&protocol)
    };
    let text = text.map_err(|error| Failure::Broken(format!("{error}\n")))?;
    print(&format!("{text}\n"))
}
