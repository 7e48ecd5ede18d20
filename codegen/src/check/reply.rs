//! Replies: no reply schema accepts the form of errors, `{"error": "…"}`.

use super::Index;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{AdditionalMembers, Presence, Shape, Struct, Tagging, Union, Value};

/// The member that peers recognise errors by.
const ERROR: &str = "error";
/// The maximal nesting depth of types that the check visits.
const DEPTH: usize = 64;

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    for request in index.protocol.operations.iter().filter_map(super::request) {
        let Some(ty) = index.get(&request.reply) else {
            continue;
        };
        if accepts_error(index, &Value::Named(request.reply.clone()), DEPTH) {
            let message = "the error `{\"error\": \"…\"}` satisfies the schema of the reply";
            let help = "make it an object that requires a member with another name than `error`";
            out.report(Code::AmbiguousReply, ty.source.clone(), message, help);
        }
    }
}

/// Whether an object with only a string member `error` is valid; in doubt, yes. Assertions are ignored: a type that can
/// hold any JSON counts as a type that accepts the error.
fn accepts_error(index: &Index<'_>, value: &Value, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return true;
    };
    match value {
        Value::Any => true,
        Value::Map { value, length, .. } => length.min <= 1 && accepts_text(index, value, depth),
        Value::Nullable(value) => accepts_error(index, value, depth),
        Value::Named(name) => match index.resolve(name).map(|ty| &ty.shape) {
            Some(Shape::Struct(shape)) => struct_accepts_error(index, shape, depth),
            Some(Shape::Union(union)) => union.variants.iter().any(|variant| {
                let Some(value) = &variant.value else {
                    return false;
                };
                match &union.tagging {
                    Tagging::External => variant.tag == ERROR && accepts_text(index, value, depth),
                    Tagging::Member(_) => accepts_error(index, value, depth),
                }
            }),
            Some(Shape::Alias(value)) => accepts_error(index, value, depth),
            _ => false,
        },
        _ => false,
    }
}

fn struct_accepts_error(index: &Index<'_>, shape: &Struct, depth: usize) -> bool {
    let others = shape
        .fields
        .iter()
        .any(|field| field.key != ERROR && field.presence == Presence::Required);
    let field = shape.fields.iter().find(|field| field.key == ERROR);
    let fits = match (field, &shape.additional) {
        (Some(field), _) => accepts_text(index, &field.value, depth),
        (None, AdditionalMembers::Ignore) => true,
        (None, AdditionalMembers::Deny) => false,
        (None, AdditionalMembers::Flatten(value)) => accepts_text(index, value, depth),
    };
    !others && fits
}

/// Whether any string is valid; in doubt, yes.
fn accepts_text(index: &Index<'_>, value: &Value, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return true;
    };
    match value {
        Value::Text(_) | Value::Any => true,
        Value::Nullable(value) => accepts_text(index, value, depth),
        Value::Named(name) => match index.resolve(name).map(|ty| &ty.shape) {
            Some(Shape::Text(_) | Shape::Enum(_)) => true,
            Some(Shape::Union(Union { variants, .. })) => {
                variants.iter().any(|variant| variant.value.is_none())
            }
            Some(Shape::Alias(value)) => accepts_text(index, value, depth),
            _ => false,
        },
        _ => false,
    }
}
