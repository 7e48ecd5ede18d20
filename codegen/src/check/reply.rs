//! Replies: no reply schema accepts the form of errors, `{"error": "…"}`, or the acknowledgement of a `JetStream` stream,
//! `{"stream": "…", "seq": 1}`. A stream whose subjects contain those of requests sends such acknowledgements.

use serde_json::json;

use super::Index;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{AdditionalMembers, Presence, Shape, Struct, Tagging, Value};

/// The members of an object that is not a reply.
type Form = [(&'static str, Scalar)];

/// The type of a member.
#[derive(Clone, Copy)]
enum Scalar {
    Text,
    Integer,
}

const ERROR: &Form = &[("error", Scalar::Text)];
const ACKNOWLEDGEMENT: &Form = &[("stream", Scalar::Text), ("seq", Scalar::Integer)];
/// The maximal nesting depth of types that the check visits.
const DEPTH: usize = 64;

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    for request in index.protocol.operations.iter().filter_map(super::request) {
        let Some(ty) = index.get(&request.reply) else {
            continue;
        };
        let reply = Value::Named(request.reply.clone());
        if accepts(index, &reply, ERROR, DEPTH) {
            let message = "the error `{\"error\": \"…\"}` satisfies the schema of the reply";
            let help = "make it an object that requires a member with another name than `error`";
            out.report(Code::AmbiguousReply, ty.source.clone(), message, help);
        } else if accepts(index, &reply, ACKNOWLEDGEMENT, DEPTH) {
            let message = "the acknowledgement `{\"stream\": \"…\", \"seq\": 1}` of a stream satisfies the schema of the reply";
            let help = "require a member with another name than `stream` and `seq`";
            out.report(Code::StreamReply, ty.source.clone(), message, help);
        }
    }
}

/// Whether an object of this form is valid; in doubt, yes. Assertions are ignored: a type that can hold any JSON counts as
/// a type that accepts the form.
fn accepts(index: &Index<'_>, value: &Value, form: &Form, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return true;
    };
    let holds = |value: &Value, scalar| accepts_scalar(index, value, scalar, depth);
    match value {
        Value::Any => true,
        Value::Map { value, length, .. } => {
            length.min <= form.len() as u64 && form.iter().all(|(_, scalar)| holds(value, *scalar))
        }
        Value::Nullable(value) => accepts(index, value, form, depth),
        Value::Named(name) => match index.resolve(name).map(|ty| &ty.shape) {
            Some(Shape::Struct(shape)) => struct_accepts(index, shape, form, depth),
            Some(Shape::Union(union)) => union.variants.iter().any(|variant| {
                let Some(value) = &variant.value else {
                    return false;
                };
                match &union.tagging {
                    Tagging::External => form
                        .iter()
                        .any(|(name, scalar)| variant.tag == *name && holds(value, *scalar)),
                    Tagging::Member(_) => accepts(index, value, form, depth),
                    Tagging::Untagged => {
                        variant.may_accept(&json!({})) && accepts(index, value, form, depth)
                    }
                }
            }),
            Some(Shape::Alias(value)) => accepts(index, value, form, depth),
            _ => false,
        },
        _ => false,
    }
}

fn struct_accepts(index: &Index<'_>, shape: &Struct, form: &Form, depth: usize) -> bool {
    let is_in_form = |key: &str| form.iter().any(|(name, _)| *name == key);
    let needs_others = shape
        .fields
        .iter()
        .any(|field| field.presence == Presence::Required && !is_in_form(&field.key));
    let fits = |(name, scalar): &(&str, Scalar)| {
        let field = shape.fields.iter().find(|field| field.key == *name);
        match (field, &shape.additional) {
            (Some(field), _) => accepts_scalar(index, &field.value, *scalar, depth),
            (None, AdditionalMembers::Ignore) => true,
            (None, AdditionalMembers::Deny) => false,
            (None, AdditionalMembers::Flatten(value)) => {
                accepts_scalar(index, value, *scalar, depth)
            }
        }
    };
    !needs_others && form.iter().all(fits)
}

/// Whether any string or integer is valid; in doubt, yes.
fn accepts_scalar(index: &Index<'_>, value: &Value, scalar: Scalar, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return true;
    };
    match (value, scalar) {
        (Value::Any, _)
        | (Value::Text(_), Scalar::Text)
        | (Value::Integer(_) | Value::Number(_) | Value::Duration { .. }, Scalar::Integer) => true,
        (Value::Nullable(value), _) => accepts_scalar(index, value, scalar, depth),
        (Value::Named(name), _) => match (index.resolve(name).map(|ty| &ty.shape), scalar) {
            (Some(Shape::Text(_) | Shape::Enum(_)), Scalar::Text)
            | (Some(Shape::Integer(_) | Shape::Number(_)), Scalar::Integer) => true,
            (Some(Shape::Union(union)), scalar) => {
                let untagged = union.tagging == Tagging::Untagged;
                union.variants.iter().any(|variant| match &variant.value {
                    Some(value) => untagged && accepts_scalar(index, value, scalar, depth),
                    None => matches!(scalar, Scalar::Text),
                })
            }
            (Some(Shape::Alias(value)), _) => accepts_scalar(index, value, scalar, depth),
            _ => false,
        },
        _ => false,
    }
}
