//! The root file: one module per folder of the schema directory, its files included.

use std::collections::{BTreeMap, HashMap};

use super::{Emitter, file, imports, request};
use crate::model::Kind;

/// `mod.rs`.
pub(super) fn root(emitter: &Emitter<'_>) -> String {
    let header = file::header(emitter, "manifest.json");
    let folders = folders(emitter)
        .into_iter()
        .map(|(folder, files)| module(emitter, &folder, &files));
    let assertions = if emitter.protocol.assertions.is_empty() {
        ""
    } else {
        ASSERTIONS
    };
    format!(
        "{header}\n\n{FLAT}{assertions}{}",
        folders.collect::<String>()
    )
}

/// The modules of one file.
const FLAT: &str =
    "/// Subject templates and builders: the only place where subjects are put together.
pub mod subject {
    include!(\"subject.rs\");
}

/// The error catalogue.
pub mod error {
    include!(\"error.rs\");
}
";

/// The module of the rules, where there are any.
const ASSERTIONS: &str = "
/// What the types cannot hold and is judged beside them.
mod assertion {
    include!(\"assertion.rs\");
}
";

fn module(emitter: &Emitter<'_>, folder: &str, files: &BTreeMap<String, Vec<String>>) -> String {
    let doc = match emitter
        .protocol
        .roles
        .iter()
        .find(|role| role.name.snake() == folder)
    {
        Some(role) => format!("Everything that goes to a {}.", role.name.words().join(" ")),
        None => "Types that several operations share.".to_owned(),
    };
    let include =
        |file| format!("    mod {file} {{\n        include!(\"{folder}/{file}.rs\");\n    }}\n");
    let includes: String = files.keys().map(include).collect();
    let exports = files.iter().map(|(file, names)| {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        imports::use_line("pub use", file, &names, 4)
    });
    format!(
        "\n/// {doc}\npub mod {folder} {{\n{includes}\n{}}}\n",
        exports.collect::<String>()
    )
}

/// Per folder, its files and the names that each defines.
fn folders(emitter: &Emitter<'_>) -> BTreeMap<String, BTreeMap<String, Vec<String>>> {
    let mut folders: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    let mut add = |path: &str, names: Vec<String>| {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("types", path));
        let files = folders.entry(folder.to_owned()).or_default();
        files.entry(file.to_owned()).or_default().extend(names);
    };
    for (path, document) in emitter.documents() {
        let types = document.types.iter();
        let mut names: Vec<_> = types
            .flat_map(|def| {
                let borrowed = emitter.borrowed_name(def);
                [def.name.pascal()].into_iter().chain(borrowed)
            })
            .collect();
        if let Some(operation) = document.operation {
            names.extend(emitter.companions(operation));
        }
        names.sort();
        add(path, names);
    }
    for role in emitter.served_roles() {
        let (folder, pascal) = (role.snake(), role.pascal());
        add(&format!("{folder}/client"), vec![format!("{pascal}Client")]);
        if emitter.requests_of(role).next().is_some() {
            add(
                &format!("{folder}/service"),
                vec![format!("{pascal}Server"), format!("{pascal}Service")],
            );
        }
    }
    folders
}

/// The module that exports each name.
pub(super) fn exports_by_name(emitter: &Emitter<'_>) -> HashMap<String, String> {
    let folders = folders(emitter);
    let names = folders.into_iter().flat_map(|(folder, files)| {
        files
            .into_values()
            .flatten()
            .map(move |name| (name, folder.clone()))
    });
    names.collect()
}

impl Emitter<'_> {
    /// The names that are emitted beside the types of an operation's document.
    fn companions(&self, operation: &crate::model::Operation) -> Vec<String> {
        let name = operation.name.pascal();
        match &operation.kind {
            Kind::Publish(_) => vec![format!("{name}Filter"), format!("{name}Params")],
            Kind::Request(request) => {
                let fault = (!request.errors.is_empty()).then(|| format!("{name}Fault"));
                let params = (!request::open_params(self, operation).is_empty())
                    .then(|| format!("{name}Params"));
                fault.into_iter().chain(params).collect()
            }
        }
    }

    /// The module below the root that exports `name`.
    pub(super) fn module_of(&self, name: &str) -> Option<String> {
        self.modules.get(name).cloned()
    }
}
