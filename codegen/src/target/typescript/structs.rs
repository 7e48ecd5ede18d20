//! Objects: an interface, and the constant with its members.

use super::code::Code;
use super::file::File;
use super::literal::{json, key};
use super::{docs, types, value};
use crate::model::{AdditionalMembers, Field, Name, Presence, Struct, TypeDef};
use crate::plan::{self, sentences};

/// Writes the items of an object type.
pub(super) fn items(file: &mut File<'_>, def: &TypeDef, shape: &Struct) {
    let name = def.name.pascal();
    types::doc(file, def, &[]);
    interface(file, &name, shape);
    let members = shape
        .fields
        .iter()
        .map(|field| (field.key.clone(), member(file, field)));
    let members = Code::Table(members.collect());
    let deny = matches!(shape.additional, AdditionalMembers::Deny).then(|| Code::text("true"));
    let additional = match &shape.additional {
        AdditionalMembers::Flatten(value) => {
            let codec = value::codec(file, value);
            Some(Code::call("flatten", vec![Code::string(&additional_key(shape)), codec]).thunk())
        }
        AdditionalMembers::Ignore | AdditionalMembers::Deny => None,
    };
    let options = Code::options([
        ("deny", deny),
        ("additional", additional),
        types::assertion(file, def),
    ]);
    types::constant(
        file,
        def,
        "object",
        vec![Code::string(&name)],
        options,
        members,
    );
}

fn interface(file: &mut File<'_>, name: &str, shape: &Struct) {
    let fields = shape.fields.iter();
    let mut members: Vec<(Vec<String>, String)> =
        fields.map(|field| declaration(file, field)).collect();
    if let AdditionalMembers::Flatten(value) = &shape.additional {
        let ty = value::ty(file, value);
        let member = format!("{}?: {{ [key: string]: {ty} }};", additional_key(shape));
        members.push((vec![sentences::ADDITIONAL_MEMBERS.to_owned()], member));
    }
    if members.is_empty() {
        return file.writer.line(&format!("export type {name} = rt.Empty;"));
    }
    file.writer
        .block(&format!("export interface {name} {{"), "}", |writer| {
            for (doc, member) in &members {
                docs::comment(writer, doc);
                writer.line(member);
            }
        });
}

/// The documentation and the declaration of a member.
fn declaration(file: &mut File<'_>, field: &Field) -> (Vec<String>, String) {
    let default = match &field.presence {
        Presence::Default(value) => format!("Default: `{value}`."),
        Presence::Required | Presence::Optional => String::new(),
    };
    let doc = vec![
        field.description.clone(),
        default,
        docs::deprecated(field.deprecated),
    ];
    let mark = if field.presence == Presence::Required {
        ""
    } else {
        "?"
    };
    let ty = types::part(file, &field.value, field.nullable);
    (doc, format!("{}{mark}: {ty};", key(&field.key)))
}

/// The codec of a member.
fn member(file: &mut File<'_>, field: &Field) -> Code {
    let codec = value::codec(file, &field.value);
    let codec = if field.nullable {
        Code::call("nullable", vec![codec])
    } else {
        codec
    };
    match &field.presence {
        Presence::Required => Code::call("required", vec![codec]),
        Presence::Optional => Code::call("optional", vec![codec]),
        Presence::Default(value) => Code::call("defaulted", vec![codec, json(value)]),
    }
}

/// The key of the member that holds the additional members of an object.
fn additional_key(shape: &Struct) -> String {
    let mut name: Name = plan::additional_members(shape);
    while shape.fields.iter().any(|field| field.key == name.snake()) {
        name = Name::new(vec!["other".to_owned()]).join(&name);
    }
    name.snake()
}
