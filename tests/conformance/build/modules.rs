//! The generated modules. Groups with equal code share a module, because compilation takes most of the time.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use crate::Failure;
use crate::protocol::Generated;

/// The modules of all groups.
pub(crate) struct Modules {
    output: PathBuf,
    names: HashMap<BTreeMap<String, String>, String>,
}

impl Modules {
    /// Modules below this folder.
    pub(crate) fn new(output: &Path) -> Self {
        Self {
            output: output.to_owned(),
            names: HashMap::new(),
        }
    }

    /// Writes the files of a group, unless another group has equal files. Returns the path of the type.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub(crate) fn path(&mut self, generated: Generated) -> Result<String, Failure> {
        let Generated { files, path } = generated;
        if let Some(name) = self.names.get(&files) {
            return Ok(format!("{name}::{path}"));
        }
        let name = format!("case_{:04}", self.names.len());
        natsgen::Output::new(&self.output.join(&name), &files).write()?;
        let path = format!("{name}::{path}");
        self.names.insert(files, name);
        Ok(path)
    }

    /// The source text that includes all modules.
    pub(crate) fn finish(self) -> String {
        let mut names: Vec<String> = self.names.into_values().collect();
        names.sort();
        let modules = names.iter().map(|name| {
            format!(
                "/// Code that natsgen generates for a schema of the suite.\npub mod {name} {{\n    \
                 include!(\"{name}/mod.rs\");\n}}\n"
            )
        });
        modules.collect()
    }
}
