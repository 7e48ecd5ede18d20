//! The generated code of each generator for the same messages.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use natsgen::model::Kind;
use natsgen::{Language, Schemas};

use crate::codegen::{Prost, Synthetic};
use crate::{Failure, bundle};

/// The generated files of one generator.
pub(super) struct Source {
    pub(super) name: &'static str,
    /// The number of messages.
    pub(super) messages: usize,
    /// The content of `[dependencies]`.
    pub(super) dependencies: String,
    /// The files by their path below `src`, including `lib.rs`.
    pub(super) files: BTreeMap<String, String>,
}

impl Source {
    /// The number of lines in all files.
    pub(super) fn lines(&self) -> usize {
        self.files.values().map(|text| text.lines().count()).sum()
    }
}

/// The code of each generator for a protocol of `operations` operations.
///
/// # Errors
/// If a generator refuses the protocol.
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
    let mut files = natsgen::emit(Language::Rust, &model, "schema");
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

/// The types of typify in a module for each message: typify supports neither modules nor references to other files.
fn typify(protocol: Synthetic, messages: &[String]) -> Result<Source, Failure> {
    let directory = super::folder::directory().join("schema");
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
