//! Reads schema directories.

use natsgen::Schemas;
use natsgen::model::Protocol;

use crate::failure::Failure;
use crate::formats::Formats;

/// Compiles schemas; warnings go to standard error.
pub(super) fn compile(schemas: &Schemas) -> Result<Protocol, Failure> {
    let (protocol, warnings) = natsgen::compile(schemas)?;
    for warning in warnings {
        eprintln!("{warning}");
    }
    Ok(protocol)
}

/// Reads a schema directory.
pub(super) fn read(directory: &str, formats: Formats) -> Result<Schemas, Failure> {
    let schemas = Schemas::read_dir(directory).map_err(|error| Failure::unreadable(&error))?;
    Ok(schemas.formats(formats.into()))
}
