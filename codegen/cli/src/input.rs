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

/// Reads a schema directory of a protocol, or of types only.
pub(super) fn read_types(
    directory: &str,
    formats: Formats,
    types_only: bool,
) -> Result<Schemas, Failure> {
    let schemas = read(directory, formats)?;
    Ok(if types_only {
        schemas.types_only()
    } else {
        schemas
    })
}

/// Reads a schema directory.
pub(super) fn read(directory: &str, formats: Formats) -> Result<Schemas, Failure> {
    let schemas = Schemas::read_dir(directory).map_err(|error| Failure::unreadable(&error))?;
    Ok(schemas.formats(formats.into()))
}
