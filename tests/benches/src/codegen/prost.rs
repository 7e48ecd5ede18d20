//! The generator of tonic: protox parses, prost-build generates the messages, and tonic-prost-build generates the
//! services.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::path::Path;

use prost_build::{Config, Module};
use protox::Compiler;
use protox::file::{File, FileResolver};

use super::generator::{Generator, Output};
use super::synthetic::{Synthetic, Text};
use crate::Failure;

/// The input of prost-build: each file with the module that it becomes.
type Requests = Vec<(Module, prost_types::FileDescriptorProto)>;

/// The source files of a protocol.
#[derive(Debug)]
pub(crate) struct Prost {
    texts: Vec<Text>,
}

impl Prost {
    /// A generator over `protocol`.
    pub(crate) fn new(protocol: Synthetic) -> Self {
        Self {
            texts: protocol.proto(),
        }
    }
}

impl Prost {
    /// The messages without services: a file for each package, and `lib.rs` with the modules.
    ///
    /// # Errors
    /// If the sources are invalid.
    pub(crate) fn messages(&self) -> Result<BTreeMap<String, String>, Failure> {
        let modules = Config::new().generate(self.requests()?)?;
        let mut root = String::new();
        let mut files = BTreeMap::new();
        for (module, text) in modules {
            let name = module.parts().collect::<Vec<_>>().join("_");
            writeln!(root, "pub mod {name};")?;
            files.insert(format!("{name}.rs"), text);
        }
        files.insert("lib.rs".to_owned(), root);
        Ok(files)
    }

    fn requests(&self) -> Result<Requests, Failure> {
        let mut compiler = Compiler::with_file_resolver(Texts::new(&self.texts));
        compiler.include_source_info(true);
        compiler.open_files(self.texts.iter().map(|(path, _)| path))?;
        let files = compiler.file_descriptor_set().file.into_iter();
        Ok(files
            .map(|file| (Module::from_protobuf_package_name(file.package()), file))
            .collect())
    }
}

impl Generator for Prost {
    fn generate(&self) -> Result<Output, Failure> {
        let services = tonic_prost_build::configure().service_generator();
        let modules = Config::new()
            .service_generator(services)
            .generate(self.requests()?)?;
        Ok(Output::of(modules.values().map(String::as_str)))
    }
}

/// Source files in memory.
#[derive(Debug)]
struct Texts(HashMap<String, String>);

impl Texts {
    fn new(texts: &[Text]) -> Self {
        Self(texts.iter().cloned().collect())
    }
}

impl FileResolver for Texts {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let text = self
            .0
            .get(name)
            .ok_or_else(|| protox::Error::file_not_found(name))?;
        File::from_source(name, text)
    }

    fn resolve_path(&self, path: &Path) -> Option<String> {
        path.to_str().map(str::to_owned)
    }
}
