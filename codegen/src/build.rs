//! Generates Rust from a build script with a single call.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;

use crate::diagnostic::{Code, Diagnostics};
use crate::model::Source;
use crate::output::Output;
use crate::read::{Formats, Schemas};
use crate::target::Language;

/// Emits Rust for a schema directory from a build script.
///
/// ```no_run
/// fn main() -> Result<(), natsgen::Diagnostics> {
///     natsgen::Build::new("schema").write()
/// }
/// ```
///
/// Any module of the crate can then include the code, e.g.
/// `pub mod protocol { include!(concat!(env!("OUT_DIR"), "/mod.rs")); }`.
#[derive(Clone, Debug)]
pub struct Build {
    directory: String,
    formats: Formats,
    types_only: bool,
}

impl Build {
    /// Emits for this schema directory, relative to the package.
    #[must_use]
    pub fn new(directory: impl Into<String>) -> Self {
        Self {
            directory: directory.into(),
            formats: Formats::default(),
            types_only: false,
        }
    }

    /// Reads each document as a schema of types, see [`Schemas::types_only`].
    #[must_use]
    pub fn types_only(mut self) -> Self {
        self.types_only = true;
        self
    }

    /// Sets the meaning of `format` in the schemas.
    #[must_use]
    pub fn formats(mut self, formats: Formats) -> Self {
        self.formats = formats;
        self
    }

    /// Writes the files to `OUT_DIR` and tells Cargo their sources. Warnings go to Cargo's output.
    ///
    /// # Errors
    ///
    /// Fails with all errors and warnings if a schema has an error, or if a file cannot be read or written.
    pub fn write(self) -> Result<(), Diagnostics> {
        println!("cargo:rerun-if-changed={}", self.directory);
        let target = env::var_os("OUT_DIR").map(PathBuf::from);
        let target = target
            .ok_or_else(|| self.failed("`OUT_DIR` is not set", "call this from a build script"))?;
        let readable = "write the directory's path relative to the package";
        let schemas =
            Schemas::read_dir(&self.directory).map_err(|error| self.failed(&error, readable))?;
        let mut schemas = schemas.formats(self.formats);
        if self.types_only {
            schemas = schemas.types_only();
        }
        let (protocol, warnings) = crate::compile(&schemas)?;
        for line in warnings.iter().flat_map(|warning| {
            warning
                .to_string()
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        }) {
            println!("cargo:warning={line}");
        }
        let files = crate::emit(Language::Rust, &protocol, &self.directory);
        let written = Output::new(&target, &files).write();
        written
            .map(drop)
            .map_err(|error| self.failed(&error, "make the directory writable"))
    }

    /// A failure that belongs to no document.
    fn failed(&self, message: &(impl ToString + ?Sized), help: &str) -> Diagnostics {
        let mut out = Diagnostics::default();
        let source = Source {
            file: String::new(),
            pointer: String::new(),
        };
        out.report(Code::FileError, source, message.to_string(), help);
        out.finish(&self.directory, &BTreeMap::new())
    }
}
