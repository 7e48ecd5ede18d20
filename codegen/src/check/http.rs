//! The HTTP forms of operations.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::{Index, at, request};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{AdditionalMembers, Field, Http, Name, Operation, Presence, Shape};

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    let mut routes = HashMap::new();
    for operation in &index.protocol.operations {
        let shape: Vec<_> = operation.http.path.split('/').map(without_name).collect();
        let key = (operation.http.method.as_str(), shape);
        if let Some(other) = routes.insert(key, operation)
            && !(follows_subject(operation) && follows_subject(other))
        {
            let message = format!("`{}` has the same method and path", other.name);
            report(
                operation,
                "/path",
                message,
                "choose another path or method",
                out,
            );
        }
        check_request(index, operation, out);
        check_confirm(index, operation, out);
        check_reply(index, operation, out);
    }
}

/// Whether the path follows from the subject. The check of overlaps reports equal subjects.
fn follows_subject(operation: &Operation) -> bool {
    operation.http.path == Http::new(&operation.subject, true).path
}

/// A segment of a path, without the name of a parameter.
fn without_name(segment: &str) -> &str {
    if segment.starts_with('{') {
        "{}"
    } else {
        segment
    }
}

fn check_request(index: &Index<'_>, operation: &Operation, out: &mut Diagnostics) {
    let http = &operation.http;
    let Some(fields) = fields(index, operation.message()) else {
        return;
    };
    let is_param = |name: &str| {
        operation
            .params
            .iter()
            .any(|param| param.name.snake() == name)
    };
    let is_listed = |field: &Field| http.members.iter().any(|member| member.key == field.key);
    for name in http.params().filter(|name| !is_param(name)) {
        let field = fields.iter().find(|field| field.key == name);
        let is_valid = field.is_some_and(|field| {
            let is_present = field.presence == Presence::Required && !field.nullable;
            is_present && is_listed(field)
        });
        if !is_valid {
            let message = format!("nothing gives the parameter `{name}` of the path a value");
            let help =
                "name a parameter of the subject, or a required string or integer of the request";
            report(operation, "/path", message, help, out);
        }
    }
    if http.has_body() {
        return;
    }
    let nested = fields
        .iter()
        .find(|field| !is_param(&field.key) && !is_listed(field));
    if let Some(field) = nested {
        let message = format!(
            "the member `{}` of the request has no place in a query",
            field.key
        );
        let help = "use POST, or a string, number or boolean";
        report(operation, "/method", message, help, out);
    }
}

fn check_confirm(index: &Index<'_>, operation: &Operation, out: &mut Diagnostics) {
    let Some(confirm) = &operation.http.confirm else {
        return;
    };
    let mut operations = index.protocol.operations.iter();
    let found = operations.find(|other| other.to == operation.to && other.name == *confirm);
    let is_valid = found.is_some_and(|found| {
        let known = |param: &Name| operation.params.iter().any(|own| own.name == *param);
        request(found).is_some() && found.params.iter().all(|param| known(&param.name))
    });
    if !is_valid {
        let message = format!("`{confirm}` cannot confirm the publication");
        let help = "name a request of the same role whose subject has no further parameters";
        report(operation, "/confirm", message, help, out);
    }
}

fn check_reply(index: &Index<'_>, operation: &Operation, out: &mut Diagnostics) {
    let Some(reply) = &operation.http.reply else {
        return;
    };
    let request_fields = fields(index, operation.message());
    let native = request(operation).map(|request| &request.reply);
    for (key, rule, ty) in [
        ("write", Some(&reply.write), native),
        ("read", reply.read.as_ref(), Some(&reply.ty)),
    ] {
        let reply_fields = ty.and_then(|ty| fields(index, ty));
        let mut pointers = Vec::new();
        if let Some(rule) = rule {
            collect(rule, &mut pointers);
        }
        for pointer in pointers {
            let mut steps = pointer.split('/').skip(1);
            let fields = match steps.next() {
                Some("reply") => reply_fields,
                _ => request_fields,
            };
            let (Some(fields), Some(member)) = (fields, steps.next()) else {
                continue;
            };
            if !fields.iter().any(|field| field.key == member) {
                let message =
                    format!("`{pointer}` leads to no value: there is no member `{member}`");
                let pointer = format!("/reply/{key}");
                report(
                    operation,
                    &pointer,
                    message,
                    "correct the JSON pointer",
                    out,
                );
            }
        }
    }
}

/// The fields of a type, if it is an object without other members.
fn fields<'a>(index: &Index<'a>, ty: &Name) -> Option<&'a [Field]> {
    match &index.resolve(ty)?.shape {
        Shape::Struct(shape) if !matches!(shape.additional, AdditionalMembers::Flatten(_)) => {
            Some(&shape.fields)
        }
        _ => None,
    }
}

/// Collects the JSON pointers of a conversion.
fn collect<'j>(rule: &'j Json, pointers: &mut Vec<&'j str>) {
    let members = rule.as_object().into_iter().flatten();
    for (kind, inner) in members {
        match kind.as_str() {
            "pointer" | "length" => pointers.extend(inner.as_str()),
            "members" => {
                let rules = inner.as_object().into_iter().flatten();
                rules.for_each(|(_, rule)| collect(rule, pointers));
            }
            "difference" => {
                let rules = inner.as_array().into_iter().flatten();
                rules.for_each(|rule| collect(rule, pointers));
            }
            _ => {}
        }
    }
}

fn report(
    operation: &Operation,
    pointer: &str,
    message: String,
    help: &str,
    out: &mut Diagnostics,
) {
    let source = at(operation, &format!("/x-http{pointer}"));
    out.report(Code::InvalidHttp, source, message, help);
}
