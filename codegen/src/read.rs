//! Reads schema directories and parses strict JSON. No other module of the library except the output reads the disk.

mod node;
mod number;
mod numeral;
mod pointer;
mod strict;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

pub(crate) use self::node::{Node, Object};
pub(crate) use self::number::floor;
pub use self::number::whole;
pub use self::pointer::escape;
pub(crate) use self::pointer::steps;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::Source;
use crate::parallel;
use crate::schema::normalize::normalize;
use crate::target::Language;

/// File name of the manifest.
pub const MANIFEST: &str = "manifest.json";
/// Folder of the meta-schemas, which editors use and which are not part of the protocol.
const META: &str = "meta";
/// The maximal depth of folders that are read; protocols need a single level below the schema directory.
const FOLDERS: usize = 8;

/// How `format` is treated in the schemas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Formats {
    /// Values must have their format. A format that cannot be asserted is an error.
    #[default]
    Assert,
    /// Formats are annotations, which is the default of 2020-12 without another meta-schema.
    Annotate,
}

/// What the documents of a schema directory define.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Contents {
    /// A protocol: a manifest, operations and types.
    #[default]
    Protocol,
    /// Only types: each document is a schema, and there is no manifest.
    Types,
}

/// The texts of a schema directory.
#[derive(Clone, Debug)]
pub struct Schemas {
    directory: String,
    formats: Formats,
    contents: Contents,
    languages: BTreeSet<Language>,
    texts: BTreeMap<String, Vec<u8>>,
}

/// The reason why a schema directory cannot be read.
#[derive(Debug)]
pub struct ReadError {
    path: PathBuf,
    source: io::Error,
}

impl Schemas {
    /// Reads every `.json` file below a directory, except hidden files and files in `meta/`.
    ///
    /// # Errors
    ///
    /// Fails if the directory or a file in it cannot be read. Errors inside the files are found by
    /// [`compile`](crate::compile).
    pub fn read_dir(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        let path = path.as_ref();
        let mut texts = BTreeMap::new();
        collect(path, "", FOLDERS, &mut texts)?;
        Ok(Self {
            directory: path.to_string_lossy().replace('\\', "/"),
            formats: Formats::default(),
            contents: Contents::default(),
            languages: BTreeSet::new(),
            texts,
        })
    }

    /// Uses texts in memory; paths are relative to the schema directory, e.g. `worker/deploy.json`.
    ///
    /// Diagnostics use `schema` as the name of the directory.
    pub fn from_texts<P: Into<String>, T: Into<Vec<u8>>>(
        texts: impl IntoIterator<Item = (P, T)>,
    ) -> Self {
        let texts = texts
            .into_iter()
            .map(|(path, text)| (path.into(), text.into()));
        let texts = texts
            .filter(|(path, _)| !path.starts_with("meta/"))
            .collect();
        Self {
            directory: "schema".to_owned(),
            formats: Formats::default(),
            contents: Contents::default(),
            languages: BTreeSet::new(),
            texts,
        }
    }

    /// Reads each document as a schema of types, in any folder. There is no manifest and no operation, so generated code
    /// has no subjects, clients and servers.
    #[must_use]
    pub fn types_only(mut self) -> Self {
        self.contents = Contents::Types;
        self
    }

    /// Sets how `format` is treated.
    #[must_use]
    pub fn formats(mut self, formats: Formats) -> Self {
        self.formats = formats;
        self
    }

    /// Adds a language to the languages of the manifest. The schemas are also checked for this language.
    #[must_use]
    pub fn language(mut self, language: Language) -> Self {
        self.languages.insert(language);
        self
    }

    /// The added languages.
    pub(crate) fn languages(&self) -> &BTreeSet<Language> {
        &self.languages
    }

    /// How `format` is treated.
    pub(crate) fn meaning(&self) -> Formats {
        self.formats
    }

    /// What the documents define.
    pub(crate) fn contents(&self) -> Contents {
        self.contents
    }

    /// The schema directory in diagnostics.
    #[must_use]
    pub fn directory(&self) -> &str {
        &self.directory
    }

    /// Paths of the files below the schema directory, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// Parses every document. A text that is not strict JSON, or not a schema, is reported and has no value.
    pub(crate) fn documents(&self, out: &mut Diagnostics) -> BTreeMap<&str, Option<Json>> {
        let (texts, unread): (Vec<_>, Vec<_>) = self
            .texts
            .iter()
            .partition(|(path, _)| has_extension(path, "json"));
        for (path, _) in unread {
            let source = Source {
                file: path.clone(),
                pointer: String::new(),
            };
            let message = "the file is not read";
            let help = "end its name in `.json`, or move it out of the schema directory";
            out.report(Code::UnreadFile, source, message, help);
        }
        let parsed = parallel::map(&texts, |(path, text)| {
            let mut found = Diagnostics::default();
            let document = strict::parse(path, text, &mut found);
            let mut document = document.filter(|json| is_schema(path, json, &mut found));
            if let Some(json) = document.as_mut().filter(|_| path.as_str() != MANIFEST) {
                normalize(path, json, self.contents, &mut found);
            }
            (document, found)
        });
        let paths = texts.iter().map(|(path, _)| path.as_str());
        let documents = paths.zip(parsed).map(|(path, (document, found))| {
            out.append(found);
            (path, document)
        });
        documents.collect()
    }
}

/// Whether a document is an object, `true` or `false`. Reports any other document.
fn is_schema(path: &str, json: &Json, out: &mut Diagnostics) -> bool {
    let node = Node {
        file: path,
        pointer: String::new(),
        json,
    };
    json.is_boolean() || node.object(out).is_some()
}

/// Collects the `.json` files of a directory and of its subdirectories.
fn collect(
    directory: &Path,
    prefix: &str,
    folders: usize,
    texts: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), ReadError> {
    let error = |path: &Path| {
        let path = path.to_owned();
        |source| ReadError { path, source }
    };
    for entry in fs::read_dir(directory).map_err(error(directory))? {
        let entry = entry.map_err(error(directory))?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let inner = format!("{prefix}{name}");
        if name.starts_with('.') || inner == META {
            continue;
        }
        // Symbolic links are followed.
        if fs::metadata(&path).map_err(error(&path))?.is_dir() {
            if folders > 0 {
                collect(&path, &format!("{inner}/"), folders - 1, texts)?;
            }
        } else if has_extension(&inner, "json") {
            texts.insert(inner, fs::read(&path).map_err(error(&path))?);
        } else if !has_extension(&name, "md") {
            // Only its name is reported.
            texts.insert(inner, Vec::new());
        }
    }
    Ok(())
}

fn has_extension(path: &str, extension: &str) -> bool {
    let found = Path::new(path).extension();
    found.is_some_and(|found| found == extension)
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {}: {}", self.path.display(), self.source)
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
