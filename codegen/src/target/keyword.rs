//! Names that are a keyword of a target's language.

use super::Target;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Shape, Source};
use crate::plan::Plan;
use crate::read::escape;

/// Reports each operation, role, parameter, field and document with the name of a keyword.
pub(super) fn check(target: &dyn Target, plan: &Plan<'_>, out: &mut Diagnostics) {
    let is_keyword = |name: &Name| {
        target
            .reserved_words()
            .binary_search(&&*name.snake())
            .is_ok()
    };
    let mut report = |what: &str, name: &Name, source: Source, help: &str| {
        if is_keyword(name) {
            let message = format!("the {what} name `{name}` is a keyword of {}", target.name());
            out.report(Code::ReservedName, source, message, help);
        }
    };
    for role in &plan.protocol.roles {
        let source = Source {
            file: "manifest.json".to_owned(),
            pointer: format!("/roles{}", escape(&role.name.snake())),
        };
        report("role", &role.name, source, RENAME);
    }
    for operation in &plan.protocol.operations {
        report(
            "operation",
            &operation.name,
            operation.source.clone(),
            RENAME,
        );
        for param in &operation.params {
            let pointer = format!("/x-nats/params{}", escape(&param.name.snake()));
            let source = Source {
                file: operation.source.file.clone(),
                pointer,
            };
            report("parameter", &param.name, source, RENAME);
        }
    }
    for document in plan
        .documents
        .values()
        .filter(|document| document.operation.is_none())
    {
        let topic = document
            .file
            .strip_prefix("types/")
            .unwrap_or(document.file);
        if let Some(name) = topic.strip_suffix(".json").and_then(Name::from_snake) {
            let source = Source {
                file: document.file.to_owned(),
                pointer: String::new(),
            };
            report("document", &name, source, RENAME);
        }
    }
    for def in &plan.protocol.types {
        let Shape::Struct(shape) = &def.shape else {
            continue;
        };
        for field in shape.fields.iter().filter(|field| is_keyword(&field.name)) {
            report("field", &field.name, field.source.clone(), TITLE);
        }
    }
}

const RENAME: &str = "choose another name; natsgen never renames automatically";
const TITLE: &str = "give the field another name with `title`, e.g. `\"title\": \"event type\"`; the key does not change";
