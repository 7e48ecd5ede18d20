//! The synthetic protocol as protocol buffers.

use std::fmt::Write;

use super::{Field, GRADES, Kind, Operation, PLACE, Role, Text};

/// A role: its shared types, its messages and its service.
pub(super) fn text(role: &Role) -> Text {
    let mut text = format!(
        "syntax = \"proto3\";\npackage synthetic.{};\n\n// The reply to a publication.\nmessage Empty {{}}\n",
        role.name
    );
    grades(&mut text, role);
    message(
        &mut text,
        role,
        &format!("{}Place", role.pascal),
        "Where an item is.",
        &PLACE,
    );
    for operation in &role.operations {
        let Operation {
            pascal,
            request,
            reply,
            ..
        } = operation;
        message(
            &mut text,
            role,
            &format!("{pascal}Request"),
            "What to do.",
            request,
        );
        if let Some(reply) = reply {
            message(
                &mut text,
                role,
                &format!("{pascal}Reply"),
                "What was done.",
                reply,
            );
        }
    }
    service(&mut text, role);
    (format!("{}.proto", role.name), text)
}

fn grades(text: &mut String, role: &Role) {
    push(
        text,
        format_args!("\n// How good an item is.\nenum {}Grade {{\n", role.pascal),
    );
    let prefix = format!("{}_GRADE", role.name.to_uppercase());
    for (number, grade) in GRADES.iter().enumerate() {
        let grade = grade.to_uppercase();
        push(
            text,
            format_args!("  // A state of an item.\n  {prefix}_{grade} = {number};\n"),
        );
    }
    text.push_str("}\n");
}

fn message(text: &mut String, role: &Role, name: &str, description: &str, fields: &[Field]) {
    push(
        text,
        format_args!("\n// {description}\nmessage {name} {{\n"),
    );
    for (index, field) in fields.iter().enumerate() {
        let label = match field.kind {
            Kind::Texts => "repeated ",
            _ if !field.required => "optional ",
            _ => "",
        };
        let scalar = match field.kind {
            Kind::Id | Kind::Text | Kind::Time | Kind::Texts => "string",
            Kind::Grade => &format!("{}Grade", role.pascal),
            Kind::Place => &format!("{}Place", role.pascal),
            Kind::Integer => "uint32",
            Kind::Number => "double",
            Kind::Flag => "bool",
        };
        let (name, tag) = (field.name, index + 1);
        push(
            text,
            format_args!("  // The {} of the item.\n", name.replace('_', " ")),
        );
        push(text, format_args!("  {label}{scalar} {name} = {tag};\n"));
    }
    text.push_str("}\n");
}

fn service(text: &mut String, role: &Role) {
    push(
        text,
        format_args!("\n// Holds items in places.\nservice {} {{\n", role.pascal),
    );
    for Operation { pascal, reply, .. } in &role.operations {
        let reply = reply.map_or("Empty".to_owned(), |_| format!("{pascal}Reply"));
        text.push_str("  // Does one thing to one item of a shelf.\n");
        push(
            text,
            format_args!("  rpc {pascal}({pascal}Request) returns ({reply});\n"),
        );
    }
    text.push_str("}\n");
}

/// Appends to a string, which cannot fail.
fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).expect("a string accepts all text");
}
