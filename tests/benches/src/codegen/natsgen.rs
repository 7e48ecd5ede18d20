//! natsgen: JSON Schema with subjects to clients, services and checked types.

use natsgen::Language;
use natsgen::Schemas;

use super::generator::{Generator, Output};
use crate::Failure;

/// The folder with the schemas of this project.
const VARPULIS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema");

/// The schemas of a protocol.
#[derive(Debug)]
pub(crate) struct Natsgen {
    schemas: Schemas,
}

impl Natsgen {
    /// A generator over `texts`.
    pub(crate) fn new(texts: Vec<(String, String)>) -> Self {
        Self {
            schemas: Schemas::from_texts(texts),
        }
    }

    /// A generator over the protocol of this project.
    ///
    /// # Errors
    /// If its schemas cannot be read.
    pub(crate) fn varpulis() -> Result<Self, Failure> {
        Ok(Self {
            schemas: Schemas::read_dir(VARPULIS)?,
        })
    }
}

impl Generator for Natsgen {
    fn generate(&self) -> Result<Output, Failure> {
        let (protocol, _warnings) = natsgen::compile(&self.schemas)?;
        let files = natsgen::emit(Language::Rust, &protocol, "schema");
        Ok(Output::of(files.values().map(String::as_str)))
    }
}

#[cfg(test)]
mod tests {
    use natsgen::Schemas;

    use crate::codegen::synthetic::Synthetic;

    #[test]
    fn synthetic_protocol_compiles_without_warnings() {
        let schemas = Schemas::from_texts(Synthetic::new(110).schema());
        let (protocol, warnings) =
            natsgen::compile(&schemas).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(protocol.operations.len(), 110);
        assert!(warnings.is_empty(), "{warnings:?}");
    }
}
