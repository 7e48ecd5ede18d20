//! Checks names for Rust: names that generated code uses itself, and different names with the same Rust name.

use std::collections::HashSet;

use super::{names, reserved};
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Operation, Protocol, Shape, Source, TypeDef, Union};
use crate::plan::Plan;
use crate::read::escape;

const RENAME: &str = "choose another name; natsgen never renames automatically";

pub(super) fn check(plan: &Plan<'_>, out: &mut Diagnostics) {
    let protocol = plan.protocol;
    for role in &protocol.roles {
        let pointer = format!("/roles{}", escape(&role.name.snake()));
        let source = Source {
            file: "manifest.json".to_owned(),
            pointer,
        };
        check_taken("role", &role.name, reserved::ROLES, source, out);
    }
    for error in &protocol.errors {
        check_taken(
            "error",
            &error.code,
            reserved::ERRORS,
            error.source.clone(),
            out,
        );
        check_variant(&error.code, &error.code.snake(), error.source.clone(), out);
    }
    for operation in &protocol.operations {
        let source = operation.source.clone();
        check_taken(
            "operation",
            &operation.name,
            reserved::OPERATIONS,
            source,
            out,
        );
        check_params(operation, out);
    }
    for def in &protocol.types {
        check_type(def, out);
        check_variants(def, out);
    }
    check_borrowed_forms(protocol, out);
}

fn check_params(operation: &Operation, out: &mut Diagnostics) {
    for param in &operation.params {
        let pointer = format!("/x-nats/params{}", escape(&param.name.snake()));
        let source = Source {
            file: operation.source.file.clone(),
            pointer,
        };
        check_taken("parameter", &param.name, reserved::PARAMS, source, out);
    }
}

/// Reports a name that generated code uses itself.
fn check_taken(what: &str, name: &Name, names: &[&str], source: Source, out: &mut Diagnostics) {
    if names.contains(&&*name.snake()) {
        let message = format!("the {what} name `{name}` is used by generated Rust");
        out.report(Code::ReservedName, source, message, RENAME);
    }
}

fn check_type(def: &TypeDef, out: &mut Diagnostics) {
    if def.name.pascal() == "Self" {
        let message = "the type name `Self` is a keyword of Rust";
        out.report(Code::ReservedName, def.source.clone(), message, RENAME);
    }
}

fn check_variants(def: &TypeDef, out: &mut Diagnostics) {
    match &def.shape {
        Shape::Enum(values) => {
            for value in values {
                check_variant(&value.name, &value.text, def.source.clone(), out);
            }
        }
        Shape::Union(Union { variants, .. }) => {
            for one in variants {
                check_variant(&one.name, &one.tag, def.source.clone(), out);
            }
        }
        Shape::Struct(_)
        | Shape::Text(_)
        | Shape::Integer(_)
        | Shape::Number(_)
        | Shape::Alias(_) => {}
    }
}

/// Reports a variant that would be called `Self`.
fn check_variant(name: &Name, wire: &str, source: Source, out: &mut Diagnostics) {
    if name.pascal() == "Self" {
        let message = format!("{} gives the name `Self`, a keyword of Rust", quoted(wire));
        out.report(Code::ReservedName, source, message, "choose another text");
    }
}

/// Reports a type with the name of another type's borrowed form.
fn check_borrowed_forms(protocol: &Protocol, out: &mut Diagnostics) {
    let has_form = |def: &&TypeDef| {
        matches!(
            def.shape,
            Shape::Struct(_) | Shape::Union(_) | Shape::Alias(_)
        )
    };
    let types = protocol.types.iter().filter(has_form);
    let forms: HashSet<String> = types.map(|def| names::borrowed(&def.name)).collect();
    for def in &protocol.types {
        let name = def.name.pascal();
        if forms.contains(&name) {
            let message = format!(
                "the type name {} is also the name of the borrowed form of another type in Rust",
                quoted(&name)
            );
            out.report(Code::ReservedName, def.source.clone(), message, RENAME);
        }
    }
}
