//! Roles: each operation is in the folder of the role that serves it, and the subject of an instance's operation
//! contains the instance.

use std::collections::HashMap;

use super::{Index, at};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Delivery, Kind, Name, Operation, Role, Token};

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
            let message = format!("the document is in `{folder}/`, but `to` is `{to}`");
            let help = format!("move the document to `{to}/`, or correct `to`");
            let source = at(operation, "/x-nats/to");
            out.report(Code::MisplacedOperation, source, message, help);
        }
        match (&operation.delivery, &operation.kind) {
            (Delivery::Broadcast, Kind::Request(_)) => {
                let message = "with the delivery `broadcast` each subscriber would send a reply";
                let help = "use `queue:<name>`, so that a single subscriber replies";
                let source = at(operation, "/x-nats/delivery");
                out.report(Code::BroadcastRequest, source, message, help);
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

/// Checks an operation for an instance of a role. All such operations of a role must agree with the first operation.
fn instance<'a>(
    operation: &'a Operation,
    role: &'a Role,
    instances: &mut HashMap<&'a Name, (&'a Name, &'a Operation)>,
    out: &mut Diagnostics,
) {
    let Some(param) = &role.instance else {
        let message = format!("the role `{}` has no instances", role.name);
        let help = "name its parameter in the manifest, e.g. `\"instance\": \"worker_id\"`, or use `queue:<name>`";
        let source = at(operation, "/x-nats/delivery");
        return out.report(Code::MissingInstance, source, message, help);
    };
    let Some(found) = operation.params.iter().find(|found| found.name == *param) else {
        let message = format!("the subject does not name the instance of `{}`", role.name);
        let help = format!("add `{{{param}}}` to the subject");
        let source = at(operation, "/x-nats/subject");
        return out.report(Code::MissingInstance, source, message, help);
    };
    adjacent(operation, role, param, out);
    let (ty, first) = *instances
        .entry(&role.name)
        .or_insert((&found.ty, operation));
    if *ty != found.ty {
        let message = format!(
            "the type of `{param}` is `{}` here and `{}` in `{}`",
            found.ty.pascal(),
            ty.pascal(),
            first.source.file
        );
        let help = "use the same type in all operations of the role";
        let source = at(operation, &format!("/x-nats/params/{param}"));
        out.report(Code::InstanceTypeConflict, source, message, help);
    }
}

/// Reports a parameter beside the instance. Two servers with the same instance would execute one request, because they
/// subscribe to all values of the other parameter.
fn adjacent(operation: &Operation, role: &Role, instance: &Name, out: &mut Diagnostics) {
    let pairs = operation.subject.0.windows(2);
    let other = pairs.into_iter().find_map(|pair| match pair {
        [Token::Param(one), Token::Param(other)] if one == instance => Some(other),
        [Token::Param(one), Token::Param(other)] if other == instance => Some(one),
        _ => None,
    });
    if let (Some(other), Kind::Request(_)) = (other, &operation.kind) {
        let message = format!(
            "a server of `{}` has the instance `{instance}` only, and gets requests for all values of `{other}`",
            role.name
        );
        let help = "use a single parameter for both, or put a fixed word between them if each server serves all values";
        let source = at(operation, "/x-nats/subject");
        out.report(Code::AmbiguousInstance, source, message, help);
    }
}
