//! The root file, with a module for each folder of the schema directory.

use std::collections::{BTreeMap, HashMap};

use super::{Emitter, file, imports, names};
use crate::model::{Kind, Operation};
use crate::plan::{self, sentences};

/// The folder of shared types.
const TYPES: &str = "types";

/// The files of a role that send and receive messages.
const CALLS: [&str; 2] = ["client", "service"];

/// The macro that leaves these files out if the runtime has no calls.
const WITH_CALLS: &str = "natsgen_runtime::generated::with_rpc!";

/// The attribute of a module that defines or uses deprecated types.
const DEPRECATED: &str =
    "#[expect(deprecated, reason = \"deprecated types are part of the protocol\")]\n";

/// `mod.rs`.
pub(super) fn root(emitter: &Emitter<'_>) -> String {
    let header = file::header(emitter, emitter.plan.root());
    let mut modules = Vec::new();
    if emitter.plan.has_calls() {
        modules.push(module("pub ", "subject", sentences::SUBJECTS));
        modules.push(module("pub ", "error", sentences::ERRORS));
        modules.push(module("pub ", "http", sentences::HTTP));
    }
    if !emitter.plan.protocol.assertions.is_empty() {
        modules.push(module("", "assertion", sentences::ASSERTIONS));
    }
    let folders = folders(emitter);
    let folders = folders
        .iter()
        .map(|(folder, files)| folder_module(emitter, folder, files));
    modules.extend(folders);
    format!("{header}\n\n{}", modules.join("\n"))
}

/// The module of a file beside the root.
fn module(visibility: &str, name: &str, doc: &str) -> String {
    format!("/// {doc}\n{visibility}mod {name} {{\n    include!(\"{name}.rs\");\n}}\n")
}

/// The module of a folder.
fn folder_module(
    emitter: &Emitter<'_>,
    folder: &str,
    files: &BTreeMap<String, Vec<String>>,
) -> String {
    let mut roles = emitter.plan.protocol.roles.iter();
    let role = roles.find(|role| role.name.snake() == folder);
    let doc = match role {
        Some(role) => sentences::role(role),
        None => sentences::TYPES.to_owned(),
    };
    let (calls, messages): (Vec<_>, Vec<_>) = files
        .iter()
        .partition(|(file, _)| role.is_some() && CALLS.contains(&file.as_str()));
    let mut parts = vec![includes(folder, &messages, 4), exports(&messages, 4)];
    if !calls.is_empty() {
        let calls = format!("{}\n{}", includes(folder, &calls, 8), exports(&calls, 8));
        parts.push(format!("    {WITH_CALLS} {{\n{calls}    }}\n"));
    }
    parts.retain(|part| !part.is_empty());
    let documents = emitter.plan.documents.iter();
    let mut documents = documents.filter(|(path, _)| folder_of(path) == folder);
    let expected = if documents.any(|(_, document)| emitter.plan.has_deprecated_types(document)) {
        DEPRECATED
    } else {
        ""
    };
    format!(
        "/// {doc}\n{expected}pub mod {folder} {{\n{}}}\n",
        parts.join("\n")
    )
}

/// The modules of files, indented by `indent` columns.
fn includes(folder: &str, files: &[(&String, &Vec<String>)], indent: usize) -> String {
    let margin = " ".repeat(indent);
    let include = |(file, _): &(&String, _)| {
        let path = format!("{folder}/{file}.rs");
        let name = names::identifier(file);
        format!("{margin}mod {name} {{\n{margin}    include!(\"{path}\");\n{margin}}}\n")
    };
    files.iter().map(include).collect()
}

/// The exports of these modules.
fn exports(files: &[(&String, &Vec<String>)], indent: usize) -> String {
    let export = |(file, names): &(&String, &Vec<String>)| {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        imports::use_line(
            "pub use",
            &names::identifier(file).to_string(),
            &names,
            indent,
        )
    };
    files.iter().map(export).collect()
}

/// The folder of a document; the documents beside the manifest are in the folder of shared types.
pub(super) fn folder_of(path: &str) -> String {
    let folder = path.rsplit_once('/').map_or(TYPES, |(folder, _)| folder);
    folder.to_owned()
}

/// The files of each folder, with the names that each file defines.
fn folders(emitter: &Emitter<'_>) -> BTreeMap<String, BTreeMap<String, Vec<String>>> {
    let mut folders: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    let mut add = |folder: String, file: &str, names: Vec<String>| {
        let files = folders.entry(folder).or_default();
        files.entry(file.to_owned()).or_default().extend(names);
    };
    for (path, document) in &emitter.plan.documents {
        let types = document.types.iter();
        let names = types.flat_map(|def| {
            let borrowed = emitter.borrowed_name(def);
            [def.name.pascal()].into_iter().chain(borrowed)
        });
        let companions = document.operation.into_iter();
        let companions = companions.flat_map(|operation| companions_of(emitter, operation));
        let mut names: Vec<_> = names.chain(companions).collect();
        names.sort();
        let file = path.rsplit_once('/').map_or(*path, |(_, file)| file);
        add(folder_of(path), file, names);
    }
    for peer in &emitter.plan.peers {
        let folder = peer.role.name.snake();
        let client = plan::client(peer.role).pascal();
        add(folder.clone(), "client", vec![client]);
        if peer.has_service() {
            let names = [plan::server(peer.role), plan::service(peer.role)];
            add(
                folder,
                "service",
                names.iter().map(crate::model::Name::pascal).collect(),
            );
        }
    }
    folders
}

/// The folder that exports each name.
pub(super) fn folders_by_name(emitter: &Emitter<'_>) -> HashMap<String, String> {
    let folders = folders(emitter).into_iter();
    let names = folders.flat_map(|(folder, files)| {
        let names = files.into_values().flatten();
        names.map(move |name| (name, folder.clone()))
    });
    names.collect()
}

/// The names that a document of an operation defines beside its types.
fn companions_of(emitter: &Emitter<'_>, operation: &Operation) -> Vec<String> {
    let is_event = matches!(operation.kind, Kind::Publish(_));
    let has_params = if is_event {
        !operation.params.is_empty()
    } else {
        !emitter.plan.handler_params(operation).is_empty()
    };
    let filter = (is_event && has_params).then(|| plan::filter(operation));
    let request = operation.as_request();
    let fault = request.filter(|request| !request.errors.is_empty());
    let fault = fault.map(|_| plan::fault(operation));
    let params = has_params.then(|| plan::params(operation));
    let names = [fault, filter, params].into_iter().flatten();
    names.map(|name| name.pascal()).collect()
}
