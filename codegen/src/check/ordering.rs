//! Ordering keys: each request has the field that orders the requests.

use super::{Index, at, request};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Field, Name, Operation, Presence, Shape, Value};

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    for operation in &index.protocol.operations {
        let Some((request, key)) =
            request(operation).and_then(|request| Some((request, request.ordering.as_ref()?)))
        else {
            continue;
        };
        if let Some(ty) = index.resolve(&request.request) {
            let fields: &[Field] = match &ty.shape {
                Shape::Struct(shape) => &shape.fields,
                _ => &[],
            };
            check_key(index, operation, key, fields, out);
        }
    }
}

fn check_key(
    index: &Index<'_>,
    operation: &Operation,
    key: &Name,
    fields: &[Field],
    out: &mut Diagnostics,
) {
    let source = at(operation, "/x-nats/ordering");
    let Some(field) = fields.iter().find(|field| field.name == *key) else {
        let message = format!("the request has no field `{key}`");
        let help = "name a required field of the request";
        return out.report(Code::InvalidOrdering, source, message, help);
    };
    let simple = match &field.value {
        Value::Text(_) | Value::Integer(_) => true,
        // A type that could not be lowered has been reported already.
        Value::Named(name) => index
            .resolve(name)
            .is_none_or(|ty| matches!(ty.shape, Shape::Text(_) | Shape::Integer(_))),
        _ => false,
    };
    if field.presence != Presence::Required || field.nullable {
        let message = format!("the ordering key `{key}` may be absent or null");
        let help = "make it required and not nullable";
        out.report(Code::InvalidOrdering, source, message, help);
    } else if !simple {
        let message = format!("the ordering key `{key}` is neither a string nor an integer");
        let help = "name a string or an integer, e.g. the id of the changed object";
        out.report(Code::InvalidOrdering, source, message, help);
    }
}
