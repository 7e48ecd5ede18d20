//! Objects: an interface, and the constant with its members.

use super::code::{Code, WIDTH};
use super::file::File;
use super::literal::{access, json, key};
use super::{docs, types, value};
use crate::model::{AdditionalMembers, Field, Name, Presence, Struct, TypeDef};
use crate::plan::{self, sentences};
use crate::target::writer::Writer;

/// The members of `Object.prototype`.
const INHERITED: [&str; 12] = [
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

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
    let read = has_reader(shape).then(|| Code::text(reader(file, &name, shape)));
    let options = Code::options([
        ("read", read),
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

/// Whether the quick pass reads the members by their names. Objects inherit members with the names in [`INHERITED`], and
/// the map of the additional members needs the table.
fn has_reader(shape: &Struct) -> bool {
    let is_inherited = |field: &Field| INHERITED.contains(&&*field.key);
    !shape.fields.is_empty()
        && !matches!(shape.additional, AdditionalMembers::Flatten(_))
        && !shape.fields.iter().any(is_inherited)
}

/// Writes the function that reads the members in the quick pass, and returns its name.
fn reader(file: &mut File<'_>, name: &str, shape: &Struct) -> String {
    let function = format!("read{name}");
    let is_optional = |field: &Field| field.presence == Presence::Optional;
    let present = shape.fields.iter().filter(|field| !is_optional(field));
    let present = present.count();
    let has_optional = present < shape.fields.len();
    let body = |writer: &mut Writer| {
        if has_optional {
            writer.line(&format!("let count = {present};"));
        }
        for field in &shape.fields {
            let value = access("value", &field.key);
            if is_optional(field) {
                writer.block(&format!("if ({value} !== undefined) {{"), "}", |writer| {
                    read(writer, &field.key);
                    writer.line("count += 1;");
                });
            } else {
                read(writer, &field.key);
            }
        }
        let count = present.to_string();
        writer.line(&format!(
            "return {};",
            if has_optional { "count" } else { &count }
        ));
    };
    let head = format!("const {function}: rt.Reader<{name}> =");
    let parameters = "(value, field, context) => {";
    let line = format!("{head} {parameters}");
    if file.writer.fits(&line, WIDTH) {
        file.writer.block(&line, "};", body);
    } else {
        file.writer.line(&head);
        file.writer
            .indented(|writer| writer.block(parameters, "};", body));
    }
    function
}

/// Writes the statement that reads a member.
fn read(writer: &mut Writer, key: &str) {
    let value = access("value", key);
    let function = access("field", key) + ".read";
    let arguments = vec![Code::text(&*value), Code::text("context")];
    Code::Call(function, arguments).assign(&value, writer);
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
