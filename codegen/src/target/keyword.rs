//! Names that are a keyword of a target's language.

use super::Target;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Source};
use crate::plan::Plan;
use crate::read::escape;

/// Reports each role and parameter with the name of a keyword.
pub(super) fn check(target: &dyn Target, plan: &Plan<'_>, out: &mut Diagnostics) {
    let is_keyword = |name: &Name| {
        target
            .reserved_words()
            .binary_search(&&*name.snake())
            .is_ok()
    };
    let mut report = |what: &str, name: &Name, source: Source| {
        if is_keyword(name) {
            let message = format!("the {what} name `{name}` is a keyword of {}", target.name());
            out.report(Code::ReservedName, source, message, RENAME);
        }
    };
    for role in &plan.protocol.roles {
        let source = Source {
            file: "manifest.json".to_owned(),
            pointer: format!("/roles{}", escape(&role.name.snake())),
        };
        report("role", &role.name, source);
    }
    for operation in &plan.protocol.operations {
        for param in &operation.params {
            let pointer = format!("/x-nats/params{}", escape(&param.name.snake()));
            let source = Source {
                file: operation.source.file.clone(),
                pointer,
            };
            report("parameter", &param.name, source);
        }
    }
}

const RENAME: &str = "choose another name";
