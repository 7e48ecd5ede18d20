//! Unions: structs with a field for each variant.

use super::file::File;
use super::literal::text;
use super::value::variable;
use super::{docs, names, type_parts};
use crate::model::{Tagging, TypeDef, Union, Value, Variant};
use crate::plan::sentences;

/// Writes the struct of a union and its methods.
pub(super) fn items(file: &mut File<'_>, def: &TypeDef, shape: &Union) {
    let name = names::exported(&def.name);
    let tags = variable(&def.name, "tags");
    declaration(file, def, &name, shape);
    tags_variable(file, def, &tags, shape);
    type_parts::read_method(file, def, |file| read_variants(file, def, &tags, shape));
    type_parts::write_method(file, def, |file| write_variants(file, &tags, shape));
    type_parts::json_methods(file, &name);
}

fn declaration(file: &mut File<'_>, def: &TypeDef, name: &str, shape: &Union) {
    type_parts::comment(
        file,
        def,
        "A value has a single variant: a single field is set.",
    );
    let mut rows = Vec::new();
    for variant in &shape.variants {
        let description = if variant.description.is_empty() {
            sentences::wire(&variant.tag)
        } else {
            variant.description.clone()
        };
        let row = format!("{} {}", names::member(&variant.name), ty(file, variant));
        rows.push((row, description, docs::deprecated(variant.deprecated)));
    }
    if def.open {
        let ty = file.standard("encoding/json", "RawMessage");
        rows.push((format!("Unknown {ty}"), sentences::UNKNOWN.to_owned(), ""));
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

/// The type of the field of a variant.
fn ty(file: &mut File<'_>, variant: &Variant) -> String {
    match &variant.value {
        None => "bool".to_owned(),
        Some(Value::Nullable(inner)) => {
            let (nullable, inner) = (file.codec("Nullable"), file.ty(inner));
            format!("*{nullable}[{inner}]")
        }
        Some(value) => {
            let ty = file.ty(value);
            if file.is_nilable(value) {
                ty
            } else {
                format!("*{ty}")
            }
        }
    }
}

/// The variable with the tags of the variants.
fn tags_variable(file: &mut File<'_>, def: &TypeDef, variable: &str, shape: &Union) {
    let open = if def.open { "Open" } else { "" };
    let (call, first) = match &shape.tagging {
        Tagging::External => (format!("New{open}Tags"), units_mask(shape)),
        Tagging::Untagged => ("NewAlternatives".to_owned(), units_mask(shape)),
        Tagging::Member(key) => (format!("New{open}TagsBy"), text(key)),
    };
    let call = file.codec(&call);
    let tags = shape.variants.iter().map(|variant| text(&variant.tag));
    let arguments: Vec<String> = [first].into_iter().chain(tags).collect();
    file.writer.line("");
    file.writer.line(&format!(
        "var {variable} = {call}({})",
        arguments.join(", ")
    ));
}

/// A number with a bit for each variant without a value.
fn units_mask(shape: &Union) -> String {
    let units = shape.variants.iter().enumerate();
    let units = units.filter(|(_, variant)| variant.value.is_none());
    match units.fold(0_u128, |mask, (at, _)| mask | 1 << at.min(127)) {
        0 => "0".to_owned(),
        mask => format!("{mask:#b}"),
    }
}

fn read_variants(file: &mut File<'_>, def: &TypeDef, tags: &str, shape: &Union) {
    let mut cases = Vec::new();
    for (at, variant) in shape.variants.iter().enumerate() {
        let place = format!("v.{}", names::member(&variant.name));
        let statement = match &variant.value {
            None => format!("{place} = true"),
            Some(Value::Nullable(inner)) => {
                let (call, read) = (file.codec("DecodeNullable"), file.reader(inner));
                format!("{place} = {call}(r, {read})")
            }
            Some(value) if file.is_nilable(value) => file.read(value, &place),
            Some(value) => format!("{place} = {}", file.new_value(value)),
        };
        cases.push((format!("case {at}:"), statement));
    }
    let unknown = if def.open { "&v.Unknown" } else { "nil" };
    let untagged = shape.tagging == Tagging::Untagged;
    let begin = if untagged {
        format!("u := r.Untagged(&{tags})")
    } else {
        format!("u := r.Union(&{tags}, {unknown})")
    };
    file.writer.line(&begin);
    let name = names::exported(&def.name);
    file.writer.block("for u.Next() {", "}", |writer| {
        if untagged {
            // An earlier attempt may have set another field.
            writer.line(&format!("*v = {name}{{}}"));
        }
        type_parts::switch(writer, "u.Variant", &cases);
    });
}

fn write_variants(file: &mut File<'_>, tags: &str, shape: &Union) {
    file.writer.line(&format!("u := w.Union(&{tags})"));
    for (at, variant) in shape.variants.iter().enumerate() {
        let place = format!("v.{}", names::member(&variant.name));
        let statement = match &variant.value {
            None => {
                file.writer.block(&format!("if {place} {{"), "}", |writer| {
                    writer.line(&format!("u.Unit({at})"));
                });
                continue;
            }
            Some(Value::Nullable(inner)) => {
                let (call, write) = (file.codec("EncodeNullable"), file.writer_function(inner));
                format!("{call}(w, {place}, {write})")
            }
            Some(value) if file.is_nilable(value) => file.write(value, &place),
            Some(value) => file.write(value, &format!("*{place}")),
        };
        file.writer
            .block(&format!("if {place} != nil {{"), "}", |writer| {
                writer.line(&format!("u.Begin({at})"));
                writer.lines(&statement);
                writer.line("u.Close()");
            });
    }
    file.writer.line("u.End()");
}
