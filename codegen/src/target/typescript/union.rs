//! Unions: a type with the variants as alternatives.

use super::code::Code;
use super::file::File;
use super::literal::{key, string};
use super::{docs, types, value};
use crate::model::{Tagging, TypeDef, Union, Variant};

/// Writes the items of a union.
pub(super) fn items(file: &mut File<'_>, def: &TypeDef, shape: &Union) {
    let items = shape
        .variants
        .iter()
        .map(|variant| docs::item(&variant.tag, &variant.description));
    types::doc(file, def, &items.collect::<Vec<_>>());
    let name = def.name.pascal();
    let tag = match &shape.tagging {
        Tagging::External => None,
        Tagging::Member(tag) => Some(&**tag),
        Tagging::Untagged => return untagged(file, def, shape),
    };
    let mut parts: Vec<String> = shape
        .variants
        .iter()
        .map(|variant| alternative(file, variant, tag))
        .collect();
    if def.open {
        parts.push(match tag {
            Some(tag) => format!("rt.Unknown<{}>", string(tag)),
            None => "rt.Unknown".to_owned(),
        });
    }
    types::alternatives(file, &name, &parts);
    let variants = shape.variants.iter().map(|variant| {
        let codec = variant
            .value
            .as_ref()
            .map(|value| value::codec(file, value));
        (
            variant.tag.clone(),
            codec.unwrap_or_else(|| Code::text("null")),
        )
    });
    let variants = Code::Table(variants.collect());
    let mut arguments = vec![Code::string(&name)];
    arguments.extend(tag.map(Code::string));
    let open = def.open.then(|| Code::text("true"));
    let options = Code::options([("open", open), types::assertion(file, def)]);
    let function = if tag.is_some() { "tagged" } else { "union" };
    types::constant(file, def, function, arguments, options, variants);
}

/// Writes the type and the codec of an untagged union.
fn untagged(file: &mut File<'_>, def: &TypeDef, shape: &Union) {
    let name = def.name.pascal();
    let mut parts: Vec<String> = Vec::new();
    let mut variants = Vec::new();
    for variant in &shape.variants {
        let (part, codec) = match &variant.value {
            Some(value) => (value::ty(file, value), value::codec(file, value)),
            None => (string(&variant.tag), Code::text("null")),
        };
        if !parts.contains(&part) {
            parts.push(part);
        }
        variants.push(Code::List(vec![Code::string(&variant.tag), codec]));
    }
    types::alternatives(file, &name, &parts);
    let options = Code::options([types::assertion(file, def)]);
    let arguments = vec![Code::string(&name)];
    types::constant(
        file,
        def,
        "untagged",
        arguments,
        options,
        Code::List(variants),
    );
}

/// The type of a variant.
fn alternative(file: &mut File<'_>, variant: &Variant, tag: Option<&str>) -> String {
    let own = string(&variant.tag);
    match (&variant.value, tag) {
        (Some(value), Some(_)) => value::ty(file, value),
        (Some(value), None) => format!("{{ {}: {} }}", key(&variant.tag), value::ty(file, value)),
        (None, Some(tag)) => format!("{{ {}: {own} }}", key(tag)),
        (None, None) => own,
    }
}
