//! Named types: a type, and the constant of the same name that reads and writes it.

use super::code::{Code, WIDTH};
use super::file::File;
use super::literal::string;
use super::{docs, structs, union, value};
use crate::model::{EnumValue, Shape, Text, TypeDef, Value};

/// Writes the items of a type.
pub(super) fn items(file: &mut File<'_>, def: &TypeDef) {
    match &def.shape {
        Shape::Struct(shape) => structs::items(file, def, shape),
        Shape::Union(shape) => union::items(file, def, shape),
        Shape::Enum(values) => enumeration(file, def, values),
        Shape::Text(text) if text.sensitive => {
            text_type(file, def, text, "secretType", "SecretType", "rt.Secret");
        }
        Shape::Text(text) if is_branded(file, def, text) => {
            let ty = format!("rt.Brand<string, {}>", string(&def.name.pascal()));
            text_type(file, def, text, "textType", "TextType", &ty);
        }
        Shape::Text(text) => alias(file, def, &value::text_type(text), value::text_codec(text)),
        Shape::Integer(range) => alias(
            file,
            def,
            value::integer_type(*range),
            value::integer_codec(*range),
        ),
        Shape::Number(range) => alias(file, def, "number", value::number_codec(*range)),
        Shape::Alias(aliased) => {
            let ty = value::ty(file, aliased);
            let codec = value::codec(file, aliased);
            alias(file, def, &ty, codec);
        }
    }
}

/// Whether a string type is distinct from other strings: a subject parameter, or a string with a pattern.
fn is_branded(file: &File<'_>, def: &TypeDef, text: &Text) -> bool {
    text.constant.is_none() && (file.emitter.plan.is_token(def) || text.pattern.is_some())
}

fn text_type(
    file: &mut File<'_>,
    def: &TypeDef,
    text: &Text,
    function: &str,
    annotation: &str,
    ty: &str,
) {
    let name = def.name.pascal();
    doc(file, def, &[]);
    file.writer.line(&format!("export type {name} = {ty};"));
    let arguments = vec![Code::string(&name), value::constraints(text)];
    let options = Code::options([assertion(file, def)]);
    let annotation = match annotation {
        "SecretType" => "rt.SecretType".to_owned(),
        annotation => format!("rt.{annotation}<{name}>"),
    };
    file.assign(
        &format!("export const {name}: {annotation}"),
        &value::with_options(function, arguments, options),
    );
}

fn enumeration(file: &mut File<'_>, def: &TypeDef, values: &[EnumValue]) {
    let is_open = def.open && !file.emitter.tags.contains(&def.name);
    let items = values
        .iter()
        .map(|value| docs::item(&value.text, &value.description));
    let is_described = values.iter().any(|value| !value.description.is_empty());
    doc(
        file,
        def,
        &items.filter(|_| is_described).collect::<Vec<_>>(),
    );
    let texts: Vec<String> = values.iter().map(|value| string(&value.text)).collect();
    let name = def.name.pascal();
    union_type(file, &name, &texts, is_open);
    let list = Code::List(
        values
            .iter()
            .map(|value| Code::string(&value.text))
            .collect(),
    );
    let options = Code::options([
        ("open", is_open.then(|| Code::text("true"))),
        assertion(file, def),
    ]);
    let code = value::with_options("enumeration", vec![Code::string(&name), list], options);
    file.assign(&format!("export const {name}: rt.Codec<{name}>"), &code);
}

/// Writes `export type name = a | b;`. Open, the type also has the strings of newer peers.
fn union_type(file: &mut File<'_>, name: &str, parts: &[String], is_open: bool) {
    let union = parts.join(" | ");
    if !is_open {
        return alternatives(file, name, parts);
    }
    let line = format!("export type {name} = rt.Open<{union}>;");
    if file.writer.fits(&line, WIDTH) {
        return file.writer.line(&line);
    }
    file.writer
        .block(&format!("export type {name} = rt.Open<"), ">;", |writer| {
            if writer.fits(&union, WIDTH) {
                writer.line(&union);
            } else {
                for part in parts {
                    writer.line(&format!("| {part}"));
                }
            }
        });
}

/// Writes `export type name = a | b;`.
pub(super) fn alternatives(file: &mut File<'_>, name: &str, parts: &[String]) {
    let line = format!("export type {name} = {};", parts.join(" | "));
    if parts.len() == 1 || file.writer.fits(&line, WIDTH) {
        return file.writer.line(&line);
    }
    let last = parts.len() - 1;
    let union = parts.join(" | ") + ";";
    file.writer
        .block(&format!("export type {name} ="), "", |writer| {
            if writer.fits(&union, WIDTH) {
                return writer.line(&union);
            }
            for (at, part) in parts.iter().enumerate() {
                let end = if at == last { ";" } else { "" };
                writer.line(&format!("| {part}{end}"));
            }
        });
}

/// Writes a type that is another type under a new name.
fn alias(file: &mut File<'_>, def: &TypeDef, ty: &str, codec: Code) {
    let name = def.name.pascal();
    doc(file, def, &[]);
    file.writer.line(&format!("export type {name} = {ty};"));
    let options = Code::options([assertion(file, def)]);
    constant(
        file,
        def,
        "alias",
        vec![Code::string(&name)],
        options,
        codec,
    );
}

/// Writes the constant of a type: its name, its options unless they are empty, and its parts.
pub(super) fn constant(
    file: &mut File<'_>,
    def: &TypeDef,
    function: &str,
    mut arguments: Vec<Code>,
    options: Code,
    parts: Code,
) {
    let name = def.name.pascal();
    if !options.is_empty() {
        arguments.push(options);
    }
    arguments.push(parts.thunk());
    file.assign(
        &format!("export const {name}: rt.Codec<{name}>"),
        &Code::call(function, arguments),
    );
}

/// Writes the doc comment of a type, after an empty line.
pub(super) fn doc(file: &mut File<'_>, def: &TypeDef, more: &[String]) {
    file.writer.blank();
    let mut paragraphs = vec![def.description.clone()];
    paragraphs.extend_from_slice(more);
    paragraphs.extend([docs::schema(&def.source), docs::deprecated(def.deprecated)]);
    docs::comment(&mut file.writer, &paragraphs);
}

/// The option with the assertion of a type.
pub(super) fn assertion(file: &mut File<'_>, def: &TypeDef) -> (&'static str, Option<Code>) {
    let name = def.assertion.as_ref().map(crate::model::Name::screaming);
    ("assertion", name.map(|name| file.item("assertion", &name)))
}

/// The type of a field or variant.
pub(super) fn part(file: &mut File<'_>, value: &Value, is_nullable: bool) -> String {
    let ty = value::ty(file, value);
    if is_nullable {
        format!("{ty} | null")
    } else {
        ty
    }
}
