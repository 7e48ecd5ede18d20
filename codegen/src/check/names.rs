//! Names of operations, roles and types: none is a keyword, and none stands for two things.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Index, at};
use crate::diagnostic::text::{listed, quoted};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Kind, Name, Operation, Protocol, Shape, Source, TypeDef};
use crate::read::escape;
use crate::{reserved, target};

/// What generated modules, methods and constants are called already.
const OPERATIONS: [&str; 10] = [
    "client",
    "service",
    "new",
    "with_options",
    "start",
    "mod",
    "prefix",
    "types",
    "subject",
    "error",
];
const ROLES: [&str; 6] = ["types", "meta", "subject", "error", "assertion", "mod"];

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    for role in &index.protocol.roles {
        let pointer = format!("/roles{}", escape(&role.name.snake()));
        let source = Source {
            file: "manifest.json".to_owned(),
            pointer,
        };
        judge("role", &role.name, &ROLES, source, out);
    }
    for error in index
        .protocol
        .errors
        .iter()
        .filter(|error| ["catalogue", "self"].contains(&&*error.code.snake()))
    {
        let message = format!(
            "the error code `{}` is a name that generated code uses",
            error.code
        );
        let help = "choose another code";
        out.report(Code::ReservedName, error.source.clone(), message, help);
    }
    for operation in &index.protocol.operations {
        judge(
            "operation",
            &operation.name,
            &OPERATIONS,
            at(operation, ""),
            out,
        );
        for param in &operation.params {
            let source = at(
                operation,
                &format!("/x-nats/params{}", escape(&param.name.snake())),
            );
            judge(
                "parameter",
                &param.name,
                &["context", "event", "options", "request"],
                source,
                out,
            );
        }
    }
    let documents: BTreeSet<&str> = index
        .protocol
        .types
        .iter()
        .map(|ty| &*ty.source.file)
        .collect();
    for file in documents {
        let topic = file
            .strip_prefix("types/")
            .and_then(|file| file.strip_suffix(".json"));
        if let Some(name) = topic.and_then(Name::from_snake) {
            let source = Source {
                file: file.to_owned(),
                pointer: String::new(),
            };
            judge("document", &name, &["mod"], source, out);
        }
    }
    let repeated = operations(index.protocol, out);
    types(index.protocol, &repeated, out);
    borrowed(index.protocol, out);
}

/// Judges a name by keywords and by what generated code calls its own.
fn judge(what: &str, name: &Name, own: &[&str], source: Source, out: &mut Diagnostics) {
    let languages = reserved::anywhere(name);
    if !languages.is_empty() {
        let message = format!(
            "the {what} name `{name}` is a keyword of {}",
            languages.join(" and ")
        );
        let help = "choose another name; natsgen never renames automatically";
        out.report(Code::ReservedName, source, message, help);
    } else if own.contains(&&*name.snake()) {
        let message = format!("generated code uses the {what} name `{name}`");
        out.report(Code::ReservedName, source, message, "choose another name");
    }
}

/// Judges that operations have names of their own; gives back the documents that repeat one.
fn operations<'a>(protocol: &'a Protocol, out: &mut Diagnostics) -> HashSet<&'a str> {
    let mut first: HashMap<String, &Operation> = HashMap::new();
    let mut repeated = HashSet::new();
    for operation in &protocol.operations {
        let name = operation.name.pascal();
        match first.get(&name) {
            Some(other) => {
                let message = format!(
                    "duplicate operation name `{}`: `{}` has it too",
                    other.name, other.source.file
                );
                let help = "rename one of the two files";
                out.report(Code::DuplicateName, at(operation, ""), message, help);
                repeated.insert(&*operation.source.file);
            }
            None => drop(first.insert(name, operation)),
        }
    }
    repeated
}

/// Judges that types have names of their own, also beside those that generated code makes up.
fn types(protocol: &Protocol, repeated: &HashSet<&str>, out: &mut Diagnostics) {
    let mut taken: HashMap<String, String> = HashMap::new();
    for operation in &protocol.operations {
        let suffixes: &[(&str, &str)] = match operation.kind {
            Kind::Request(_) => &[("fault", "errors"), ("params", "parameters")],
            Kind::Publish(_) => &[("params", "parameters"), ("filter", "subscriptions")],
        };
        for (suffix, what) in suffixes {
            let meaning = format!(
                "what generated code calls the {what} of `{}`",
                operation.name
            );
            taken.insert(operation.name.with(suffix).pascal(), meaning);
        }
    }
    for role in &protocol.roles {
        for (suffix, what) in [
            ("client", "client"),
            ("service", "service"),
            ("server", "server"),
        ] {
            let meaning = format!("what generated code calls the {what} of `{}`", role.name);
            taken.insert(role.name.with(suffix).pascal(), meaning);
        }
    }
    for ty in protocol
        .types
        .iter()
        .filter(|ty| !repeated.contains(&*ty.source.file))
    {
        let name = ty.name.pascal();
        if target::rust::is_reserved(&name) {
            let message = format!("generated code uses the type name {}", quoted(&name));
            let help = "choose a more specific name";
            out.report(Code::ReservedName, ty.source.clone(), message, help);
        }
        match taken.get(&name) {
            Some(meaning) => {
                let message = format!("duplicate type name {}: it is {meaning}", quoted(&name));
                let help = "rename one of the two definitions";
                out.report(Code::DuplicateName, ty.source.clone(), message, help);
            }
            None => drop(taken.insert(
                name,
                format!("defined at `{}#{}`", ty.source.file, ty.source.pointer),
            )),
        }
    }
}

/// Judges that no type has the name of another one's borrowed form.
fn borrowed(protocol: &Protocol, out: &mut Diagnostics) {
    let has_form = |ty: &&TypeDef| {
        matches!(
            ty.shape,
            Shape::Struct(_) | Shape::Union(_) | Shape::Alias(_)
        )
    };
    let types = protocol.types.iter().filter(has_form);
    let forms: HashSet<String> = types.map(|ty| ty.name.with("ref").pascal()).collect();
    for ty in &protocol.types {
        let name = ty.name.pascal();
        if forms.contains(&name) {
            let message = format!(
                "generated code uses the type name {} for the borrowed form of another type",
                quoted(&name)
            );
            let help = "choose another name";
            out.report(Code::ReservedName, ty.source.clone(), message, help);
        }
    }
}

/// Names that are given twice in one list, as a sentence lists them.
pub(super) fn twice<'a>(names: impl Iterator<Item = &'a Name>) -> Option<String> {
    let mut seen = HashSet::new();
    let repeated: Vec<String> = names
        .map(Name::pascal)
        .filter(|name| !seen.insert(name.clone()))
        .collect();
    (!repeated.is_empty()).then(|| listed(&repeated))
}
