//! `natsgen model`.

use clap::Args;

use super::{Failure, Formats};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The schema directory.
    #[arg(default_value = "schema", value_name = "DIR")]
    directory: String,
    /// How `format` is treated in the schemas.
    #[arg(long, value_enum, default_value_t)]
    formats: Formats,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let protocol = super::compile(&arguments.directory, arguments.formats)?;
    let text = serde_json::to_string_pretty(&protocol)
        .map_err(|error| Failure::Broken(format!("{error}\n")))?;
    super::print(&format!("{text}\n"))
}
