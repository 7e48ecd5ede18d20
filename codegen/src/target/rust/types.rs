//! Named types: newtypes and enums, each with the macro that reads and writes it.

use proc_macro2::TokenStream;
use quote::quote;

use super::file::File;
use super::literal::{float, integer, text};
use super::names::pascal;
use super::table::{Row, Table, Tail};
use super::type_parts::{head, tokens, unknown_variant, validated};
use super::{Emitter, default, docs, structs, union, value};
use crate::model::{EnumValue, Integer, Length, Number, Shape, Text, TypeDef, Value};

/// Adds the items of a type.
pub(super) fn items(emitter: &Emitter<'_>, def: &TypeDef, file: &mut File<'_>) {
    let doc = docs::comment(0, &def.description, &[docs::schema(&def.source)]);
    let deprecated = docs::deprecated(def.deprecated);
    let attributes = quote!(#doc #deprecated);
    match &def.shape {
        Shape::Struct(shape) => structs::items(emitter, def, &attributes, shape, file),
        Shape::Text(rule) => text_newtype(def, &attributes, rule, file),
        Shape::Integer(range) => integer_newtype(def, &attributes, *range, file),
        Shape::Number(range) => number_newtype(def, &attributes, *range, file),
        Shape::Enum(values) => enumeration(def, &attributes, values, file),
        Shape::Union(shape) => union::items(emitter, def, &attributes, shape, file),
        Shape::Alias(value) => newtype(emitter, def, &attributes, value, file),
    }
    if emitter.plan.is_token(def) {
        let name = pascal(&def.name);
        file.extend(if matches!(def.shape, Shape::Enum(_)) {
            quote! { rt::enumeration_token!(#name); }
        } else {
            quote! { impl rt::Param for #name {} }
        });
    }
}

fn text_newtype(def: &TypeDef, attributes: &TokenStream, rule: &Text, file: &mut File<'_>) {
    let name = pascal(&def.name);
    let (derive, call) = if rule.sensitive {
        (quote!(Clone, PartialEq, Eq), "secret_text")
    } else {
        let derive = quote!(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash);
        (derive, "text")
    };
    file.extend(quote! { #attributes #[derive(#derive)] pub struct #name(prelude::String); });
    let arguments = [vec![name.to_string()], text_constraint(rule)];
    let table = Table::of_arguments(call, &arguments, &validated(def, Tail::default()));
    file.table(table);
}

/// The constraints of a string as a chain of calls.
fn text_constraint(rule: &Text) -> Vec<String> {
    let mut links = vec!["rt::TextConstraint::new()".to_owned()];
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
            format!("rt::Run::new({class}, {min}, {max})")
        });
        let runs = runs.collect::<Vec<_>>().join(", ");
        links.push(format!(".pattern({}, &[{runs}])", text(&pattern.regex)));
    }
    if let Some(format) = rule.format {
        links.push(format!(".format(rt::Format::{format:?})"));
    }
    if let Some(constant) = &rule.constant {
        links.push(format!(".constant({})", text(constant)));
    }
    links
}

fn integer_newtype(def: &TypeDef, attributes: &TokenStream, range: Integer, file: &mut File<'_>) {
    let (name, inner) = (pascal(&def.name), value::integer_type(range));
    let ty = tokens(inner);
    file.extend(quote! {
        #attributes
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct #name(#ty);
    });
    let (min, max) = (integer(range.min), integer(range.max));
    let arguments = [name.to_string(), inner.to_owned(), min, max].map(|argument| vec![argument]);
    let tail = validated(def, Tail::default());
    file.table(Table::of_arguments("integer", &arguments, &tail));
}

fn number_newtype(def: &TypeDef, attributes: &TokenStream, range: Number, file: &mut File<'_>) {
    let name = pascal(&def.name);
    file.extend(quote! {
        #attributes
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
        pub struct #name(f64);
    });
    let bound = |bound: Option<f64>, open: &str| bound.map_or_else(|| open.to_owned(), float);
    let (min, max) = (
        bound(range.min, "f64::NEG_INFINITY"),
        bound(range.max, "f64::INFINITY"),
    );
    let arguments = [name.to_string(), min, max].map(|argument| vec![argument]);
    let tail = validated(def, Tail::default());
    file.table(Table::of_arguments("number", &arguments, &tail));
}

fn enumeration(def: &TypeDef, attributes: &TokenStream, values: &[EnumValue], file: &mut File<'_>) {
    let name = pascal(&def.name);
    let variants = values.iter().map(|value| {
        let variant = pascal(&value.name);
        let doc = docs::part(&value.description, &value.text);
        let deprecated = docs::deprecated(value.deprecated);
        quote! { #doc #deprecated #variant, }
    });
    let unknown = def.open.then(|| unknown_variant(&quote!(prelude::String)));
    let copy = (!def.open).then(|| quote!(Copy,));
    file.extend(quote! {
        #attributes
        #[derive(Clone, #copy Debug, PartialEq, Eq, Hash)]
        pub enum #name { #(#variants)* #unknown }
    });
    let head = Row {
        attributes: Vec::new(),
        parts: vec![name.to_string()],
    };
    let rows = values.iter().map(|value| Row {
        attributes: Vec::new(),
        parts: vec![
            format!("{} =>", text(&value.text)),
            format!("{},", value.name.pascal()),
        ],
    });
    let tail = Tail::default().with(def.open.then_some("non_exhaustive"));
    let table = Table::of_rows(
        "enumeration",
        &head,
        &rows.collect::<Vec<_>>(),
        &validated(def, tail),
    );
    file.table(table);
}

/// A newtype. If it has an assertion, the content is private, so that every value is validated.
fn newtype(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    attributes: &TokenStream,
    value: &Value,
    file: &mut File<'_>,
) {
    let name = pascal(&def.name);
    let ty = emitter.ty_in(def, value);
    let default = default::has_default(def).then(|| quote!(Default,));
    let public = def.assertion.is_none().then(|| quote!(pub));
    let content = tokens(&ty);
    file.extend(quote! {
        #attributes
        #[derive(Clone, Debug, #default PartialEq)]
        pub struct #name(#public #content);
    });
    let mut head = head(emitter, def);
    head.parts.push(format!("({ty})"));
    let tail = validated(def, Tail::default());
    file.table(Table::of_content("newtype", &head, &tail));
}
