//! Checks names for Go: keywords, names that generated code uses itself, and different names with the same Go name.

use std::collections::{BTreeMap, HashMap};

use super::{folder_of, names, operation, reserved};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Operation, Shape, Source, TypeDef};
use crate::plan::{self, Plan};
use crate::read::escape;

const RENAME: &str = "choose another name";

pub(super) fn check(plan: &Plan<'_>, out: &mut Diagnostics) {
    check_roles(plan, out);
    check_operations(plan, out);
    check_errors(plan, out);
    check_items(plan, out);
}

fn check_roles(plan: &Plan<'_>, out: &mut Diagnostics) {
    let mut taken = Taken::default();
    for role in &plan.protocol.roles {
        let pointer = format!("/roles{}", escape(&role.name.snake()));
        let source = Source {
            file: "manifest.json".to_owned(),
            pointer,
        };
        let package = names::package(&role.name.snake());
        let name = &role.name;
        let message = if reserved::KEYWORDS.contains(&&*package) {
            format!("the role name `{name}` is a keyword of Go")
        } else if reserved::PACKAGES.contains(&&*package) {
            format!("the role name `{name}` is the name of a package that generated Go uses")
        } else {
            let what = format!("the role `{name}`");
            taken.take(&package, &name.snake(), &what, &source, out);
            continue;
        };
        out.report(Code::ReservedName, source, message, RENAME);
    }
}

fn check_operations(plan: &Plan<'_>, out: &mut Diagnostics) {
    let mut taken = Taken::default();
    taken.reserve("Prefix", "the prefix of subjects");
    taken.reserve("Roles", "the names of the roles");
    for role in &plan.protocol.roles {
        let what = format!("the name of the role `{}`", role.name);
        taken.reserve(&names::role(&role.name), &what);
    }
    for operation in &plan.protocol.operations {
        let own = operation.name.snake();
        if reserved::FILES.contains(&&*own) {
            let message = format!("the operation name `{own}` is used by generated Go");
            let source = operation.source.clone();
            out.report(Code::ReservedName, source, message, RENAME);
        }
        let name = names::exported(&operation.name);
        let what = format!("the operation `{own}`");
        taken.take(&name, &own, &what, &operation.source, out);
        check_params(plan, operation, out);
    }
}

fn check_params(plan: &Plan<'_>, operation: &Operation, out: &mut Diagnostics) {
    let mut taken = Taken::default();
    for param in &operation.params {
        let name = names::unexported(&param.name);
        let pointer = format!("/x-nats/params{}", escape(&param.name.snake()));
        let source = Source {
            file: operation.source.file.clone(),
            pointer,
        };
        let roles = &plan.protocol.roles;
        let is_instance = roles
            .iter()
            .any(|role| role.instance.as_ref() == Some(&param.name));
        let message = if reserved::KEYWORDS.contains(&&*name) {
            format!("the parameter name `{}` is a keyword of Go", param.name)
        } else if reserved::PARAMS.contains(&&*name)
            || (is_instance && reserved::INSTANCES.contains(&&*name))
            || name == operation::name(operation)
        {
            format!(
                "the parameter name `{}` is used by generated Go",
                param.name
            )
        } else {
            let what = format!("the parameter `{}`", param.name);
            taken.take(&name, &param.name.snake(), &what, &source, out);
            continue;
        };
        out.report(Code::ReservedName, source, message, RENAME);
    }
}

fn check_errors(plan: &Plan<'_>, out: &mut Diagnostics) {
    let mut taken = Taken::default();
    taken.reserve("Catalogue", "all errors");
    for error in &plan.protocol.errors {
        let what = format!("the error `{}`", error.code);
        let name = names::exported(&error.code);
        taken.take(&name, &error.code.pascal(), &what, &error.source, out);
    }
}

/// Reports items of a package with the same name.
fn check_items(plan: &Plan<'_>, out: &mut Diagnostics) {
    let mut packages: BTreeMap<String, Taken> = BTreeMap::new();
    for peer in &plan.peers {
        let taken = packages.entry(peer.role.name.snake()).or_default();
        for name in ["Client", "NewClient", "Service", "Serve"] {
            taken.reserve(name, "an item of the client or the service");
        }
    }
    for (path, document) in &plan.documents {
        let taken = packages.entry(folder_of(path)).or_default();
        if let Some(operation) = document.operation {
            for (name, what) in companions(plan, operation) {
                let go = names::exported(&name);
                let what = format!("{what} of `{}`", operation.name);
                taken.take(&go, &name.pascal(), &what, &operation.source, out);
            }
        }
        for def in &document.types {
            take_type(def, taken, out);
        }
    }
}

/// The items that an operation adds to the types of its document.
fn companions(plan: &Plan<'_>, operation: &Operation) -> Vec<(Name, &'static str)> {
    let mut names = Vec::new();
    let is_event = operation.as_request().is_none();
    if is_event || !plan.handler_params(operation).is_empty() {
        names.push((plan::params(operation), "the parameters"));
    }
    if is_event {
        names.push((plan::filter(operation), "the filter"));
        names.push((plan::subscribe(operation), "the subscription"));
    }
    names
}

fn take_type(def: &TypeDef, taken: &mut Taken, out: &mut Diagnostics) {
    let (name, own) = (names::exported(&def.name), def.name.pascal());
    let what = format!("the type `{own}`");
    taken.take(&name, &own, &what, &def.source, out);
    match &def.shape {
        Shape::Text(_) | Shape::Integer(_) | Shape::Number(_) => {
            let (function, own) = (format!("New{name}"), format!("new {own}"));
            let what = format!("a function of {what}");
            taken.take(&function, &own, &what, &def.source, out);
        }
        Shape::Enum(values) => {
            for value in values {
                let constant = name.clone() + &names::exported(&value.name);
                let own = format!("{own} {}", value.name.pascal());
                let what = format!("a constant of {what}");
                taken.take(&constant, &own, &what, &def.source, out);
            }
        }
        Shape::Struct(_) | Shape::Union(_) | Shape::Alias(_) => {}
    }
}

/// The Go names that are taken. Each has its name in the model, because the neutral checks report equal names of the model.
#[derive(Default)]
struct Taken {
    names: HashMap<String, (String, String)>,
}

impl Taken {
    /// Takes a name for generated code.
    fn reserve(&mut self, name: &str, what: &str) {
        let meaning = (String::new(), what.to_owned());
        self.names.insert(name.to_owned(), meaning);
    }

    /// Takes a name, or reports that another item has it. `own` is the name in the model.
    fn take(&mut self, name: &str, own: &str, what: &str, source: &Source, out: &mut Diagnostics) {
        match self.names.get(name) {
            Some((other, _)) if other == own => {}
            Some((_, other)) => {
                let message = format!("{what} has the Go name `{name}` of {other}");
                out.report(Code::ReservedName, source.clone(), message, RENAME);
            }
            None => {
                let meaning = (own.to_owned(), what.to_owned());
                self.names.insert(name.to_owned(), meaning);
            }
        }
    }
}
