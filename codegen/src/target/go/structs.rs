//! Structs: their fields, and the methods that read and write them.

use serde_json::Value as Json;

use super::file::File;
use super::literal::text;
use super::value::{is_exact, unit_word, variable};
use super::{docs, names, type_parts};
use crate::model::{AdditionalMembers, Field, Presence, Struct, TypeDef, Value};
use crate::plan::{self, sentences};

/// The number of members that a mask holds.
const MASK: usize = 64;

/// The form of a field in Go.
enum Form<'a> {
    /// The value itself.
    Plain,
    /// The value itself; nil stands for an absent member.
    Nilable,
    /// A pointer; nil stands for an absent member.
    Pointer,
    /// A pointer; nil stands for null.
    Nullable,
    /// A pointer to a value or null; nil stands for an absent member.
    OptionalNullable,
    /// A pointer; nil stands for the default.
    Default(&'a Json),
}

/// Writes the struct of an object and its methods.
pub(super) fn items(file: &mut File<'_>, def: &TypeDef, shape: &Struct) {
    let name = names::exported(&def.name);
    let fields = variable(&def.name, "fields");
    declaration(file, def, &name, shape);
    fields_variable(file, &fields, shape);
    type_parts::read_method(file, def, |file| read_members(file, &fields, shape));
    type_parts::write_method(file, def, |file| write_members(file, &fields, shape));
    type_parts::json_methods(file, &name);
}

/// The name of a field; a duration that `time.Duration` cannot hold has its unit in its name.
pub(super) fn field_name(field: &Field) -> String {
    match &field.value {
        Value::Duration { unit, range } if !is_exact(*unit, *range) => {
            names::exported(&field.name.with(unit_word(*unit)))
        }
        _ => names::member(&field.name),
    }
}

fn declaration(file: &mut File<'_>, def: &TypeDef, name: &str, shape: &Struct) {
    type_parts::comment(file, def, "");
    let mut rows: Vec<(String, String, &'static str)> = Vec::new();
    for field in &shape.fields {
        let description = if field.description.is_empty() {
            sentences::wire(&field.key)
        } else {
            field.description.clone()
        };
        let ty = field_type(file, field);
        let row = format!("{} {ty}", field_name(field));
        rows.push((row, description, docs::deprecated(field.deprecated)));
    }
    if let AdditionalMembers::Flatten(value) = &shape.additional {
        let ty = file.ty(value);
        let row = format!("{} map[string]{ty}", additional_name(shape));
        rows.push((row, sentences::ADDITIONAL_MEMBERS.to_owned(), ""));
    }
    if rows.is_empty() {
        file.writer.line(&format!("type {name} struct{{}}"));
        return;
    }
    file.writer
        .block(&format!("type {name} struct {{"), "}", |writer| {
            for (at, (row, description, deprecated)) in rows.iter().enumerate() {
                if at > 0 {
                    writer.line("");
                }
                docs::comment(writer, &[description, deprecated]);
                writer.line(row);
            }
        });
}

fn additional_name(shape: &Struct) -> String {
    names::exported(&plan::additional_members(shape))
}

fn field_type(file: &mut File<'_>, field: &Field) -> String {
    let ty = file.ty(&field.value);
    match form(file, field) {
        Form::Plain | Form::Nilable => ty,
        Form::Default(_) if field.nullable => format!("*{}[{ty}]", file.codec("Nullable")),
        Form::Pointer | Form::Nullable | Form::Default(_) => format!("*{ty}"),
        Form::OptionalNullable => format!("*{}[{ty}]", file.codec("Nullable")),
    }
}

fn form<'f>(file: &File<'_>, field: &'f Field) -> Form<'f> {
    match &field.presence {
        Presence::Optional if field.nullable => Form::OptionalNullable,
        Presence::Optional if file.is_nilable(&field.value) => Form::Nilable,
        Presence::Optional => Form::Pointer,
        Presence::Default(value) if !file.is_zero(field, value) => Form::Default(value),
        Presence::Required | Presence::Default(_) if field.nullable => Form::Nullable,
        Presence::Required | Presence::Default(_) => Form::Plain,
    }
}

/// The variable with the keys of the members.
fn fields_variable(file: &mut File<'_>, variable: &str, shape: &Struct) {
    let kind = match shape.additional {
        AdditionalMembers::Ignore => "",
        AdditionalMembers::Deny => "Closed",
        AdditionalMembers::Flatten(_) => "Flat",
    };
    let required = shape.fields.iter();
    let required: Vec<bool> = required
        .map(|field| field.presence == Presence::Required)
        .collect();
    let masks: Vec<String> = required.chunks(MASK).map(mask).collect();
    let (many, mask) = match &masks[..] {
        [] => ("", "0".to_owned()),
        [mask] => ("", mask.clone()),
        masks => ("Many", format!("[]uint64{{{}}}", masks.join(", "))),
    };
    let call = file.codec(&format!("New{many}{kind}Fields"));
    let keys = shape.fields.iter().map(|field| text(&field.key));
    let arguments: Vec<String> = [mask].into_iter().chain(keys).collect();
    file.writer.line("");
    file.writer.line(&format!(
        "var {variable} = {call}({})",
        arguments.join(", ")
    ));
}

/// The mask of the true bits, the first bit last.
fn mask(bits: &[bool]) -> String {
    let value = bits
        .iter()
        .rev()
        .fold(0_u64, |value, bit| value << 1 | u64::from(*bit));
    if value == 0 {
        "0".to_owned()
    } else {
        format!("{value:#b}")
    }
}

fn read_members(file: &mut File<'_>, fields: &str, shape: &Struct) {
    let mut cases: Vec<(String, String)> = Vec::new();
    for (at, field) in shape.fields.iter().enumerate() {
        cases.push((format!("case {at}:"), read_field(file, field)));
    }
    if let AdditionalMembers::Flatten(value) = &shape.additional {
        let (call, read) = (file.codec("Member"), file.reader(value));
        let name = additional_name(shape);
        cases.push((
            "default:".to_owned(),
            format!("{call}(r, &v.{name}, {read})"),
        ));
    }
    file.writer.line(&format!("o := r.Object(&{fields})"));
    file.writer.block("for o.Next() {", "}", |writer| {
        type_parts::switch(writer, "o.Field", &cases);
    });
    for field in &shape.fields {
        if let Form::Default(json) = form(file, field) {
            set_default(file, field, json);
        }
    }
}

fn read_field(file: &mut File<'_>, field: &Field) -> String {
    let place = format!("v.{}", field_name(field));
    match form(file, field) {
        Form::Plain | Form::Nilable => file.read(&field.value, &place),
        Form::Default(_) if field.nullable => {
            let (call, read) = (file.codec("DecodeNullable"), file.reader(&field.value));
            format!("{place} = {call}(r, {read})")
        }
        Form::Pointer | Form::Default(_) => {
            format!("{place} = {}", file.new_value(&field.value))
        }
        Form::Nullable => {
            let (call, read) = (file.codec("NewNullable"), file.reader(&field.value));
            format!("{place} = {call}(r, {read})")
        }
        Form::OptionalNullable => {
            let (call, read) = (file.codec("DecodeNullable"), file.reader(&field.value));
            format!("{place} = {call}(r, {read})")
        }
    }
}

/// Writes the statement that sets an absent member to its default.
fn set_default(file: &mut File<'_>, field: &Field, json: &Json) {
    let place = format!("v.{}", field_name(field));
    if let Some(literal) = file.literal(field, json) {
        file.writer
            .block(&format!("if {place} == nil {{"), "}", |writer| {
                writer.line(&format!("{place} = new({literal})"));
            });
    } else {
        let default = default_from(file, field, json, &place);
        file.writer.lines(&format!("{place} = {default}"));
    }
}

/// The pointer at `place`, or a pointer to the default.
fn default_from(file: &mut File<'_>, field: &Field, json: &Json, place: &str) -> String {
    let read = if field.nullable {
        let (ty, read) = (file.ty(&field.value), file.reader(&field.value));
        let (nullable, reader) = (file.codec("Nullable"), file.codec("Reader"));
        let decode = file.codec("DecodeNullable");
        let signature = format!("func(v *{nullable}[{ty}], r *{reader})");
        super::value::function(&signature, &format!("*v = *{decode}(r, {read})"))
    } else {
        file.reader(&field.value)
    };
    let call = file.codec("DefaultFrom");
    format!("{call}({place}, {}, {read})", text(&json.to_string()))
}

fn write_members(file: &mut File<'_>, fields: &str, shape: &Struct) {
    file.writer.line("w.Object()");
    for field in &shape.fields {
        write_field(file, field);
    }
    if let AdditionalMembers::Flatten(value) = &shape.additional {
        let (call, write) = (file.codec("WriteMembers"), file.writer_function(value));
        let name = additional_name(shape);
        file.writer
            .lines(&format!("{call}(w, v.{name}, &{fields}, {write})"));
    }
    file.writer.line("w.EndObject()");
}

fn write_field(file: &mut File<'_>, field: &Field) {
    let place = format!("v.{}", field_name(field));
    let key = format!("w.Field({})", text(&field.key));
    let form = form(file, field);
    let statement = match form {
        Form::Plain | Form::Nilable => file.write(&field.value, &place),
        Form::Pointer => file.write(&field.value, &format!("*{place}")),
        Form::Nullable => {
            let (call, write) = (
                file.codec("WriteNullable"),
                file.writer_function(&field.value),
            );
            format!("{call}(w, {place}, {write})")
        }
        Form::OptionalNullable => write_nullable(file, field, &place),
        Form::Default(json) => write_default(file, field, json, &place),
    };
    if matches!(form, Form::Nilable | Form::Pointer | Form::OptionalNullable) {
        file.writer
            .block(&format!("if {place} != nil {{"), "}", |writer| {
                writer.line(&key);
                writer.lines(&statement);
            });
    } else {
        file.writer.line(&key);
        file.writer.lines(&statement);
    }
}

fn write_nullable(file: &mut File<'_>, field: &Field, place: &str) -> String {
    let (call, write) = (
        file.codec("EncodeNullable"),
        file.writer_function(&field.value),
    );
    format!("{call}(w, {place}, {write})")
}

fn write_default(file: &mut File<'_>, field: &Field, json: &Json, place: &str) -> String {
    if field.nullable {
        let place = default_from(file, field, json, place);
        return write_nullable(file, field, &place);
    }
    match file.literal(field, json) {
        // A method needs a value with an address.
        Some(literal) if matches!(field.value, Value::Named(_)) => {
            let call = file.codec("DefaultTo");
            format!("{call}({place}, {literal}).EncodeTo(w)")
        }
        Some(literal) => {
            // gofmt writes no spaces around an operator among several arguments.
            let literal = literal.replace(" * ", "*");
            let place = format!("{}({place}, {literal})", file.codec("Default"));
            file.write(&field.value, &place)
        }
        None => {
            let place = default_from(file, field, json, place);
            match &field.value {
                Value::Named(_) => format!("{place}.EncodeTo(w)"),
                value => file.write(value, &format!("*{place}")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structs_mask_has_the_first_field_in_the_lowest_bit() {
        assert_eq!(mask(&[true, false, true, true, false]), "0b1101");
        assert_eq!(mask(&[false, false]), "0");
        assert_eq!(mask(&[true; 64]).len(), 66);
    }
}
