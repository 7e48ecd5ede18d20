//! Roles: operations stand in the folder of who serves them, and messages for one instance name it.

use std::collections::HashMap;

use super::{Index, at};
use crate::diagnostic::Diagnostics;
use crate::model::{Delivery, Kind, Name, Operation, Role};

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    let roles: HashMap<&Name, &Role> = index
        .protocol
        .roles
        .iter()
        .map(|role| (&role.name, role))
        .collect();
    let mut instances: HashMap<&Name, (&Name, &Operation)> = HashMap::new();
    for operation in &index.protocol.operations {
        let folder = operation.source.file.split('/').next().unwrap_or_default();
        let to = operation.to.snake();
        if folder != to {
            let message =
                format!("the document stands in `{folder}/`, but the operation goes to `{to}`");
            out.error(
                at(operation, "/x-nats/to"),
                message,
                format!("move the document to `{to}/`, or correct `to`"),
            );
        }
        match (&operation.delivery, &operation.kind) {
            (Delivery::Broadcast, Kind::Request(_)) => {
                let help = "use `queue:<name>`, so that one of those who listen answers";
                out.error(
                    at(operation, "/x-nats/delivery"),
                    "everyone who listens would answer the request",
                    help,
                );
            }
            (Delivery::Instance, _) => {
                if let Some(role) = roles.get(&operation.to) {
                    instance(operation, role, &mut instances, out);
                }
            }
            _ => {}
        }
    }
}

/// Judges an operation for one instance of a role, against the first such operation.
fn instance<'a>(
    operation: &'a Operation,
    role: &'a Role,
    instances: &mut HashMap<&'a Name, (&'a Name, &'a Operation)>,
    out: &mut Diagnostics,
) {
    let Some(param) = &role.instance else {
        let message = format!("the role `{}` has no instances", role.name);
        let help = "name their parameter in the manifest, e.g. `\"instance\": \"worker_id\"`, or use `queue:<name>`";
        return out.error(at(operation, "/x-nats/delivery"), message, help);
    };
    let Some(found) = operation.params.iter().find(|found| found.name == *param) else {
        let message = format!("the subject does not say which `{}` is meant", role.name);
        return out.error(
            at(operation, "/x-nats/subject"),
            message,
            format!("put `{{{param}}}` into it"),
        );
    };
    let (ty, first) = *instances
        .entry(&role.name)
        .or_insert((&found.ty, operation));
    if *ty != found.ty {
        let message = format!(
            "`{param}` is `{}` here and `{}` in `{}`",
            found.ty.pascal(),
            ty.pascal(),
            first.source.file
        );
        let help = "use one type; an instance of a role has one id";
        out.error(
            at(operation, &format!("/x-nats/params/{param}")),
            message,
            help,
        );
    }
}
