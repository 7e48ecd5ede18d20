//! What the generators make of the same messages.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use natsgen::Schemas;
use natsgen::model::Kind;
use natsgen::target::rust::{self, Options};

use crate::codegen::{Prost, Synthetic};
use crate::{Failure, bundle};

/// The generated files of one generator.
pub(super) struct Source {
    pub(super) name: &'static str,
    /// How many messages they hold.
    pub(super) messages: usize,
    /// What goes under `[dependencies]`.
    pub(super) dependencies: String,
    /// The files by their path below `src`; `lib.rs` is one of them.
    pub(super) files: BTreeMap<String, String>,
}

impl Source {
    /// Lines in all files, as someone would read them.
    pub(super) fn lines(&self) -> usize {
        self.files.values().map(|text| text.lines().count()).sum()
    }
}

/// The code of every generator for a protocol of so many operations.
///
/// # Errors
/// When a generator refuses it.
pub(super) fn all(operations: usize) -> Result<Vec<Source>, Failure> {
    let protocol = Synthetic::new(operations);
    let schemas = Schemas::from_texts(protocol.schema());
    let (model, _warnings) = natsgen::compile(&schemas)?;
    let messages: Vec<String> = model
        .operations
        .iter()
        .flat_map(|operation| {
            let definitions: &[&str] = match operation.kind {
                Kind::Request(_) => &["Request", "Reply"],
                Kind::Publish(_) => &["Message"],
            };
            let file = &operation.source.file;
            definitions
                .iter()
                .map(move |name| format!("{file}#/$defs/{name}"))
        })
        .collect();
    let options = Options {
        root: "crate".to_owned(),
        schemas: "schema".to_owned(),
    };
    let mut files = rust::files(&model, &options)?;
    let root = files.remove("mod.rs").ok_or("there is no root file")?;
    files.insert("lib.rs".to_owned(), root);
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/rust/runtime");
    Ok(vec![
        Source {
            name: "natsgen",
            messages: messages.len(),
            dependencies: format!(
                "natsgen-runtime = {{ path = \"{}\", default-features = false }}",
                runtime.canonicalize()?.display()
            ),
            files,
        },
        typify(protocol, &messages)?,
        Source {
            name: "prost",
            messages: messages.len(),
            dependencies: "prost = \"0.14\"".to_owned(),
            files: Prost::new(protocol).messages()?,
        },
    ])
}

/// typify's types, a module for each message: it knows neither modules nor other files.
fn typify(protocol: Synthetic, messages: &[String]) -> Result<Source, Failure> {
    let directory = super::project::directory().join("schema");
    for (path, text) in protocol.schema() {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&directory))?;
        fs::write(path, text)?;
    }
    let mut source = String::new();
    for (at, message) in messages.iter().enumerate() {
        let schema = bundle::bundle(&directory, message, "Message")?;
        writeln!(
            source,
            "pub mod message_{at} {{ {} }}",
            bundle::typify(schema)?
        )?;
    }
    let file = syn::parse_file(&source)?;
    Ok(Source {
        name: "typify",
        messages: messages.len(),
        dependencies: "regress = \"0.11\"\nserde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\nchrono = { version = \"0.4\", features = [\"serde\"] }"
            .to_owned(),
        files: BTreeMap::from([("lib.rs".to_owned(), prettyplease::unparse(&file))]),
    })
}
