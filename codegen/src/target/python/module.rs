//! Folders and their `__init__.py`, which exports the names of all modules.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::iter;

use super::{Emitter, docs, file, imports, reserved};
use crate::model::{Kind, Name, Operation, Shape, Tagging, TypeDef, Union};
use crate::plan::{self, Plan, sentences};

/// The folder of shared types.
const TYPES: &str = "types";

/// The names that each module defines, by folder and module.
pub(super) type Folders = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// The folder and the module of a document; documents beside the manifest are in the folder of shared types.
pub(super) fn place(path: &str) -> (String, String) {
    let (folder, module) = path.rsplit_once('/').unwrap_or((TYPES, path));
    (folder.to_owned(), reserved::identifier(module))
}

/// The modules of all folders, with the names that each defines.
pub(super) fn folders(plan: &Plan<'_>, classes: &VariantClasses<'_>) -> Folders {
    let mut folders = Folders::new();
    let mut add = |folder: String, module: &str, names: Vec<String>| {
        let modules = folders.entry(folder).or_default();
        modules.entry(module.to_owned()).or_default().extend(names);
    };
    for (path, document) in &plan.documents {
        let (folder, module) = place(path);
        let types = document
            .types
            .iter()
            .flat_map(|def| type_names(def, classes));
        let companions = document.operation.into_iter();
        let companions = companions.flat_map(|operation| companions_of(plan, operation));
        add(folder, &module, types.chain(companions).collect());
    }
    for peer in &plan.peers {
        let folder = peer.role.name.snake();
        let pascal = |names: &[Name]| names.iter().map(Name::pascal).collect();
        add(folder.clone(), "client", pascal(&[plan::client(peer.role)]));
        if peer.has_service() {
            let names = [plan::server(peer.role), plan::service(peer.role)];
            add(folder.clone(), "service", pascal(&names));
        }
        if peer.has_subscriber() {
            add(folder, "subscriber", pascal(&[plan::subscriber(peer.role)]));
        }
    }
    folders
}

/// The folder and the module that define each name.
pub(super) fn modules_by_name(folders: &Folders) -> HashMap<String, (String, String)> {
    let mut by_name = HashMap::new();
    for (folder, modules) in folders {
        for (module, names) in modules {
            for name in names {
                by_name.insert(name.clone(), (folder.clone(), module.clone()));
            }
        }
    }
    by_name
}

/// The names that a type defines: its own, and the classes of its variants.
fn type_names(def: &TypeDef, classes: &VariantClasses<'_>) -> Vec<String> {
    let variants = variants(def).into_iter();
    let classes = variants.map(|variant| classes[&(&def.name, variant)].clone());
    [def.name.pascal()].into_iter().chain(classes).collect()
}

/// The names of the variants that have a class.
fn variants(def: &TypeDef) -> Vec<&Name> {
    let Shape::Union(Union {
        tagging: Tagging::External,
        variants,
    }) = &def.shape
    else {
        return Vec::new();
    };
    let variants = variants.iter().filter(|variant| variant.value.is_some());
    variants.map(|variant| &variant.name).collect()
}

/// The classes of variants, by their types and the names of the variants.
pub(super) type VariantClasses<'a> = HashMap<(&'a Name, &'a Name), String>;

/// The classes of all variants: the name of the variant before the name of its union, if necessary with a number. The
/// other order is the name of a type that is defined inside the variant.
pub(super) fn variant_classes<'a>(plan: &Plan<'a>) -> VariantClasses<'a> {
    let types = &plan.protocol.types;
    let mut taken: HashSet<String> = types.iter().map(|def| def.name.pascal()).collect();
    for operation in &plan.protocol.operations {
        taken.extend(companions_of(plan, operation));
    }
    let mut classes = VariantClasses::new();
    for def in types {
        for variant in variants(def) {
            let class = variant.join(&def.name);
            let numbered = (2..).map(|number: u32| class.with(&number.to_string()));
            let mut free = iter::once(class.clone())
                .chain(numbered)
                .map(|name| name.pascal());
            let name = free.find(|name| taken.insert(name.clone()));
            classes.insert((&def.name, variant), name.expect("numbers do not end"));
        }
    }
    classes
}

/// The names that a document of an operation defines beside its types.
pub(super) fn companions_of(plan: &Plan<'_>, operation: &Operation) -> Vec<String> {
    let (has_params, has_fault) = match &operation.kind {
        Kind::Request(request) => (
            !plan.handler_params(operation).is_empty(),
            !request.errors.is_empty(),
        ),
        Kind::Publish(_) => (!operation.params.is_empty(), false),
    };
    let fault = has_fault.then(|| plan::fault(operation).pascal());
    let params = has_params.then(|| plan::params(operation).pascal());
    let constant = Some(operation.name.screaming());
    [fault, params, constant].into_iter().flatten().collect()
}

/// The root `__init__.py`.
pub(super) fn root(emitter: &Emitter<'_>) -> String {
    let description = &emitter.plan.protocol.description;
    file::header(emitter, emitter.plan.root(), description)
}

/// The `__init__.py` of a folder.
pub(super) fn folder(emitter: &Emitter<'_>, folder: &str) -> String {
    let mut roles = emitter.plan.protocol.roles.iter();
    let summary = match roles.find(|role| role.name.snake() == folder) {
        Some(role) => sentences::role(role),
        None => sentences::TYPES.to_owned(),
    };
    let header = file::header(emitter, &format!("{folder}/*.json"), &summary);
    let Some(modules) = emitter.folders.get(folder) else {
        return header;
    };
    let mut lines: Vec<_> = modules.iter().collect();
    lines.sort_by_cached_key(|(module, _)| imports::natural(module));
    let lines = lines.into_iter().map(|(module, names)| {
        imports::line(&format!(".{module}"), names.iter().map(String::as_str))
    });
    let lines: String = lines.collect();
    let mut names: Vec<&str> = modules.values().flatten().map(String::as_str).collect();
    names.sort_by_cached_key(|name| (imports::kind(name), imports::natural(name)));
    let names = names.join("\",\n    \"");
    format!(
        "{header}\nfrom __future__ import annotations\n\n{lines}\n__all__ = [\n    \"{names}\",\n]\n"
    )
}

/// The docstring paragraphs of a class or function without a schema.
pub(super) fn sentence(text: &str) -> Vec<String> {
    docs::paragraphs(text, &[])
}
