//! Replies: no reply schema accepts the form of errors, `{"error": "…"}`, or the acknowledgement of a `JetStream` stream,
//! `{"stream": "…", "seq": 1}`. A stream whose subjects contain those of requests sends such acknowledgements. A protocol
//! with a form of its own may have such replies.

use serde_json::json;

use super::Index;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{AdditionalMembers, ErrorForm, Presence, Shape, Struct, Tagging, Value};

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
    if let Some(form) = &index.protocol.error_form {
        return check_form(index, form, out);
    }
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

/// Checks the replies of a protocol with a form of its own. A caller looks for an error first, so a reply without an error
/// must be possible.
fn check_form(index: &Index<'_>, form: &ErrorForm, out: &mut Diagnostics) {
    if !form.when.is_empty() || !form.unless.is_empty() {
        return;
    }
    let places = [(&form.text, Scalar::Text), (&form.code, Scalar::Integer)];
    for request in index.protocol.operations.iter().filter_map(super::request) {
        let Some(ty) = index.get(&request.reply) else {
            continue;
        };
        let reply = Value::Named(request.reply.clone());
        for (pointer, scalar) in &places {
            let Some(pointer) = pointer.as_deref() else {
                continue;
            };
            let steps: Vec<&str> = pointer.split('/').skip(1).collect();
            if requires(index, &reply, &steps, *scalar) {
                let message = format!(
                    "each reply has a value at {}, so it counts as an error",
                    quoted(pointer)
                );
                let help = "add `when` or `unless` to `error_form` in the manifest: values that tell errors from replies";
                out.report(Code::AmbiguousReply, ty.source.clone(), message, help);
            }
        }
    }
}

/// Whether each value has a scalar at the end of these steps.
fn requires(index: &Index<'_>, value: &Value, steps: &[&str], scalar: Scalar) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return is_scalar(index, value, scalar);
    };
    let Value::Named(name) = value else {
        return false;
    };
    let Some(Shape::Struct(shape)) = index.resolve(name).map(|ty| &ty.shape) else {
        return false;
    };
    let field = shape.fields.iter().find(|field| field.key == *step);
    field.is_some_and(|field| {
        let is_present = field.presence == Presence::Required && !field.nullable;
        is_present && requires(index, &field.value, rest, scalar)
    })
}

/// Whether each value is a string, or a code: a string or an integer.
fn is_scalar(index: &Index<'_>, value: &Value, scalar: Scalar) -> bool {
    match value {
        Value::Text(_) => true,
        Value::Integer(_) => matches!(scalar, Scalar::Integer),
        Value::Named(name) => match index.resolve(name).map(|ty| &ty.shape) {
            Some(Shape::Text(_) | Shape::Enum(_)) => true,
            Some(Shape::Integer(_)) => matches!(scalar, Scalar::Integer),
            _ => false,
        },
        _ => false,
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
