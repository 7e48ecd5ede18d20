//! Named types: newtypes, enums and unions, each with the macro table that makes it readable and writable; structs have
//! a file of their own.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::file::File;
use super::literal::{float, integer, text};
use super::table::{Table, Tail};
use super::{Emitter, docs, shape, structs};
use crate::model::{
    EnumValue, Integer, Length, Name, Number, Shape, Tagging, Text, TypeDef, Union, Value,
};

/// Adds the items of one type.
pub(super) fn items(emitter: &Emitter<'_>, def: &TypeDef, file: &mut File) -> Result<(), String> {
    let doc = docs::comment(0, &def.description, &[docs::schema(&def.source)]);
    match &def.shape {
        Shape::Struct(shape) => structs::items(emitter, def, &doc, shape, file)?,
        Shape::Text(rule) => text_newtype(def, &doc, rule, file),
        Shape::Integer(range) => integer_newtype(def, &doc, *range, file),
        Shape::Number(range) => number_newtype(def, &doc, *range, file),
        Shape::Enum(values) => enumeration(def, &doc, values, file),
        Shape::Union(shape) => union(emitter, def, &doc, shape, file)?,
        Shape::Alias(value) => alias(emitter, def, &doc, value, file)?,
    }
    if emitter.params.contains(&def.name) {
        let name = ident(&def.name);
        file.extend(quote! { impl Param for #name {} });
    }
    Ok(())
}

/// The tokens of a type's name.
pub(super) fn ident(name: &Name) -> proc_macro2::Ident {
    format_ident!("{}", name.pascal())
}

/// The names of a type and of its borrowed form, if it has one, as tables begin.
pub(super) fn head(emitter: &Emitter<'_>, def: &TypeDef) -> String {
    let name = def.name.pascal();
    match emitter.borrowed_name(def) {
        Some(borrowed) => format!("{name}, {borrowed}"),
        None => name,
    }
}

/// How the table of a type ends that has this rule.
pub(super) fn judged(def: &TypeDef, tail: Tail) -> Tail {
    tail.judged(def.assertion.as_ref().map(Name::screaming).as_deref())
}

fn text_newtype(def: &TypeDef, doc: &TokenStream, rule: &Text, file: &mut File) {
    let name = ident(&def.name);
    let (derive, call) = if rule.sensitive {
        (quote!(Clone, PartialEq, Eq), "secret_text")
    } else {
        let derive = quote!(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash);
        (derive, "text")
    };
    file.extend(quote! { #doc #[derive(#derive)] pub struct #name(String); });
    let arguments = [vec![name.to_string()], text_rule(rule)];
    let table = Table::of_arguments(call, &arguments, &judged(def, Tail::default()));
    let names = [
        ("TextConstraint", true),
        ("Run", rule.pattern.is_some()),
        ("Format", rule.format.is_some()),
    ];
    let names = names.into_iter().filter(|(_, used)| *used);
    file.table(table.using(names.map(|(name, _)| name)));
}

/// The rule of a text as a chain of calls.
fn text_rule(rule: &Text) -> Vec<String> {
    let mut links = vec!["TextConstraint::new()".to_owned()];
    if rule.length != Length::default() {
        let max = rule
            .length
            .max
            .map_or_else(|| "u64::MAX".to_owned(), |max| integer(max.into()));
        links.push(format!(
            ".length({}, {max})",
            integer(rule.length.min.into())
        ));
    }
    if let Some(pattern) = &rule.pattern {
        let runs = pattern.runs.iter().map(|run| {
            let max = run.max.map_or_else(
                || "None".to_owned(),
                |max| format!("Some({})", integer(max.into())),
            );
            let (class, min) = (text(&run.class), integer(run.min.into()));
            format!("Run::new({class}, {min}, {max})")
        });
        let runs = runs.collect::<Vec<_>>().join(", ");
        links.push(format!(".pattern({}, &[{runs}])", text(&pattern.regex)));
    }
    if let Some(format) = rule.format {
        links.push(format!(".format(Format::{format:?})"));
    }
    if let Some(constant) = &rule.constant {
        links.push(format!(".constant({})", text(constant)));
    }
    links
}

fn integer_newtype(def: &TypeDef, doc: &TokenStream, range: Integer, file: &mut File) {
    let (name, inner) = (ident(&def.name), shape::integer(range));
    let ty = format_ident!("{inner}");
    file.extend(quote! {
        #doc
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct #name(#ty);
    });
    let (min, max) = (integer(range.min), integer(range.max));
    let arguments = [name.to_string(), inner.to_owned(), min, max].map(|argument| vec![argument]);
    let tail = judged(def, Tail::default());
    file.table(Table::of_arguments("integer", &arguments, &tail));
}

fn number_newtype(def: &TypeDef, doc: &TokenStream, range: Number, file: &mut File) {
    let name = ident(&def.name);
    file.extend(quote! {
        #doc
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
        pub struct #name(f64);
    });
    let bound = |bound: Option<f64>, open: &str| bound.map_or_else(|| open.to_owned(), float);
    let (min, max) = (
        bound(range.min, "f64::NEG_INFINITY"),
        bound(range.max, "f64::INFINITY"),
    );
    let arguments = [name.to_string(), min, max].map(|argument| vec![argument]);
    let tail = judged(def, Tail::default());
    file.table(Table::of_arguments("number", &arguments, &tail));
}

fn enumeration(def: &TypeDef, doc: &TokenStream, values: &[EnumValue], file: &mut File) {
    let name = ident(&def.name);
    let variants = values.iter().map(|value| {
        let variant = ident(&value.name);
        let doc = docs::part(&value.description, &value.text);
        quote! { #doc #variant, }
    });
    let unknown = def.open.then(|| unknown_variant(&quote!(String)));
    let copy = (!def.open).then(|| quote!(Copy,));
    file.extend(quote! {
        #doc
        #[derive(Clone, #copy Debug, PartialEq, Eq, Hash)]
        pub enum #name { #(#variants)* #unknown }
    });
    let rows = values.iter().map(|value| {
        let variant = format!("{},", value.name.pascal());
        vec![format!("{} =>", text(&value.text)), variant]
    });
    let tail = judged(
        def,
        Tail::default().with(def.open.then_some("non_exhaustive")),
    );
    let table = Table::of_rows("enumeration", &name.to_string(), rows, &tail);
    file.table(table);
}

fn union(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    doc: &TokenStream,
    shape: &Union,
    file: &mut File,
) -> Result<(), String> {
    let name = ident(&def.name);
    let mut types = shape::inner_types(def)?.into_iter();
    let mut variants = Vec::new();
    let mut rows = Vec::new();
    for variant in &shape.variants {
        let ident = ident(&variant.name);
        let doc = docs::part(&variant.description, &variant.tag);
        let held = variant
            .value
            .as_ref()
            .and_then(|value| Some((value, types.next()?)));
        let held = held.map(|(value, ty)| emitter.cycles.sized(def, value, ty));
        let row = match &held {
            Some(ty) => format!("{ident}({}),", shape::source(ty)),
            None => format!("{ident},"),
        };
        rows.push(vec![format!("{} =>", text(&variant.tag)), row]);
        let held = held.map(|ty| quote! { (#ty) });
        variants.push(quote! { #doc #ident #held, });
    }
    let unknown = def.open.then(|| unknown_variant(&quote!(Value)));
    file.extend(quote! {
        #doc
        #[derive(Clone, Debug, PartialEq)]
        pub enum #name { #(#variants)* #unknown }
    });
    let head = head(emitter, def);
    let (call, head) = match &shape.tagging {
        Tagging::External => ("union", head),
        Tagging::Member(key) => ("tagged", format!("{head} by {}", text(key))),
    };
    let tail = judged(
        def,
        Tail::default().with(def.open.then_some("non_exhaustive")),
    );
    file.table(Table::of_rows(call, &head, rows.into_iter(), &tail));
    Ok(())
}

fn unknown_variant(ty: &TokenStream) -> TokenStream {
    let doc = docs::comment(
        4,
        "What a newer peer says and this version does not know; read, never written",
        &[],
    );
    quote! { #doc Unknown(#ty), }
}

/// A newtype. What is judged beside its type can only be made of what the rule accepts; else there is nothing to guard.
fn alias(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    doc: &TokenStream,
    value: &Value,
    file: &mut File,
) -> Result<(), String> {
    let name = ident(&def.name);
    let types = shape::inner_types(def)?;
    let ty = types
        .into_iter()
        .next()
        .ok_or_else(|| format!("{name}: no type inside"))?;
    let ty = emitter.cycles.sized(def, value, ty);
    let default = is_default(def).then(|| quote!(Default,));
    let public = def.assertion.is_none().then(|| quote!(pub));
    file.extend(quote! {
        #doc
        #[derive(Clone, Debug, #default PartialEq)]
        pub struct #name(#public #ty);
    });
    let content = format!("{}({})", head(emitter, def), shape::source(&ty));
    let tail = judged(def, Tail::default());
    file.table(Table::of_content("newtype", &content, &tail));
    Ok(())
}

/// Whether a newtype has a default: a list or a map that may be empty.
pub(super) fn is_default(def: &TypeDef) -> bool {
    let empty = matches!(
        &def.shape,
        Shape::Alias(Value::Array { length, .. } | Value::Map { length, .. }) if length.min == 0
    );
    empty && def.assertion.is_none()
}
