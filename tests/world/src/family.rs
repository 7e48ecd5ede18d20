//! A family of schemas, compiled by natsgen.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use natsgen::model::{Protocol, TypeDef};
use natsgen::{Code, Diagnostic, Diagnostics, Language, Schemas, Severity};
use serde_json::Value as Json;

use crate::Failure;
use crate::crates::{self, Member};
use crate::install::Installed;
use crate::packages::Family;
use crate::typed::{self, Typed};

/// The dialect of schemas without `$schema`.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A family, with the result of natsgen.
#[derive(Debug)]
pub(crate) struct Compiled<'a> {
    pub(crate) family: &'a Family,
    pub(crate) schemas: Schemas,
    /// The text of each schema file, the schema itself first.
    pub(crate) texts: Vec<String>,
    /// The model and the generated files, or the reason of the refusal.
    pub(crate) result: Result<Accepted, String>,
    /// The time that natsgen took.
    pub(crate) time: Duration,
}

/// The result for accepted schemas.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// The path of the schema's type below the root module of the generated code. A document with definitions only has no
    /// such type.
    pub(crate) root: Option<String>,
    pub(crate) types: usize,
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) typed: Typed,
    pub(crate) warnings: Vec<Diagnostic>,
}

impl<'a> Compiled<'a> {
    /// Reads and compiles the schemas of a family.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub(crate) fn new(family: &'a Family, installed: &Installed) -> Result<Self, Failure> {
        let mut texts = Vec::new();
        for file in &family.schemas {
            let path = installed.path(&family.package, file)?;
            let text = fs::read_to_string(&path);
            texts.push(text.map_err(|error| format!("{}: {error}", path.display()))?);
        }
        let names = family.schemas.iter().map(|file| name(file));
        let schemas = Schemas::from_texts(names.zip(texts.clone()))
            .types_only()
            .language(Language::Rust);
        let started = Instant::now();
        let result = panic::catch_unwind(AssertUnwindSafe(|| accepted(&schemas, family)));
        let result = result.unwrap_or_else(|_| Err("natsgen panics".to_owned()));
        Ok(Self {
            family,
            texts,
            result,
            schemas,
            time: started.elapsed(),
        })
    }

    /// The crate of the generated code.
    pub(crate) fn member(&self) -> Option<Member> {
        let accepted = self.result.as_ref().ok()?;
        let files = accepted.files.iter();
        let files = files.map(|(path, text)| (format!("protocol/{path}"), text.clone()));
        let root = accepted.root.as_ref().map_or_else(String::new, |path| {
            format!("\n/// The type of the schema.\npub type Root = {path};\n")
        });
        let lib = format!("include!(\"protocol/mod.rs\");\n{root}");
        Some(Member {
            family: self.family.name.clone(),
            dependencies: format!("{}serde = \"1\"\n", crates::runtime()),
            files: files.chain([("lib.rs".to_owned(), lib)]).collect(),
            has_root: accepted.root.is_some(),
        })
    }

    /// The declared properties of the schema, also if natsgen refuses it.
    pub(crate) fn declared(&self) -> Typed {
        typed::count(&self.schemas, None, &name(&self.family.schemas[0]))
    }

    /// The dialect that the schema names; draft 2020-12 without `$schema`.
    pub(crate) fn dialect(&self) -> String {
        let schema: Option<Json> = serde_json::from_str(&self.texts[0]).ok();
        let dialect = schema
            .as_ref()
            .and_then(|schema| schema["$schema"].as_str());
        dialect.unwrap_or(DIALECT).to_owned()
    }
}

/// The name of a schema file in the schema directory of the family: its last folder and its file name, because schemas
/// refer to the files beside them.
fn name(file: &str) -> String {
    let (folders, name) = file.rsplit_once('/').unwrap_or(("package", file));
    let folder = folders.rsplit('/').next().unwrap_or_default();
    let stem = name.strip_suffix(".json").unwrap_or(name);
    format!("{folder}/{stem}.json")
}

fn accepted(schemas: &Schemas, family: &Family) -> Result<Accepted, String> {
    let (protocol, warnings) = natsgen::compile(schemas).map_err(|found| reason(&found))?;
    let file = name(&family.schemas[0]);
    let root = root(&protocol, &file).map(|root| {
        let module = root.module.split('/').next().unwrap_or_default();
        format!("{module}::{}", root.name.pascal())
    });
    Ok(Accepted {
        root,
        types: protocol.types.len(),
        files: natsgen::emit(Language::Rust, &protocol, "schemas"),
        typed: typed::count(schemas, Some(&protocol), &file),
        warnings,
    })
}

/// The type of a document.
fn root<'p>(protocol: &'p Protocol, file: &str) -> Option<&'p TypeDef> {
    let types = protocol.types.iter();
    let mut types = types.filter(|def| def.source.file == file && !def.partial);
    types.find(|def| def.source.pointer.is_empty())
}

/// The first error of each code.
fn reason(found: &Diagnostics) -> String {
    let errors = found.as_slice().iter();
    let mut first: BTreeMap<Code, (&Diagnostic, usize)> = BTreeMap::new();
    for error in errors.filter(|found| found.severity == Severity::Error) {
        first.entry(error.code).or_insert((error, 0)).1 += 1;
    }
    let lines = first.iter().map(|(code, (error, count))| {
        format!(
            "{code} ({count}): {}#{}: {}",
            error.file, error.pointer, error.message
        )
    });
    lines.collect::<Vec<_>>().join("; ")
}
