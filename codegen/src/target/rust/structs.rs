//! Structs: their fields, and the table with which each member is read and written.

use proc_macro2::TokenStream;
use quote::quote;

use super::file::File;
use super::literal::text;
use super::names::{pascal, snake};
use super::table::{Row, Table, Tail};
use super::type_parts::{head, row_attributes, tokens, validated};
use super::{Emitter, default, docs};
use crate::model::{AdditionalMembers, Field, Presence, Struct, TypeDef};
use crate::plan::{self, sentences};

/// Adds the struct of an object and its table.
pub(super) fn items(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    attributes: &TokenStream,
    shape: &Struct,
    file: &mut File<'_>,
) {
    let name = pascal(&def.name);
    let mut fields = Vec::new();
    let mut rows = Vec::new();
    for field in &shape.fields {
        let ty = emitter.ty_in(def, &field.value);
        fields.push(member(emitter, field, &ty));
        rows.push(row(emitter, def, field, &ty));
    }
    let mut tail = Tail::default();
    match &shape.additional {
        AdditionalMembers::Ignore => {}
        AdditionalMembers::Deny => tail = tail.with(Some("deny_unknown_fields")),
        AdditionalMembers::Flatten(value) => {
            let name = plan::additional_members(shape);
            let ty = emitter.map(None, value);
            tail = tail.with(Some(&format!("flatten {}: {ty}", snake(&name))));
            let doc = docs::comment(4, sentences::ADDITIONAL_MEMBERS, &[]);
            let (name, ty) = (snake(&name), tokens(&ty));
            fields.push(quote! { #doc pub #name: #ty, });
        }
    }
    file.extend(quote! {
        #attributes
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct #name { #(#fields)* }
    });
    let table = Table::of_rows("object", &head(emitter, def), &rows, &validated(def, tail));
    file.table(table);
}

/// A field of the struct, of a value of type `ty`.
fn member(emitter: &Emitter<'_>, field: &Field, ty: &str) -> TokenStream {
    let name = snake(&field.name);
    let doc = docs::part(&field.description, &field.key);
    let deprecated = docs::deprecated(field.deprecated);
    let ty = match (&field.presence, field.nullable) {
        (Presence::Optional, true) => emitter.option(&format!("rt::Nullable<{ty}>")),
        (Presence::Optional, false) | (_, true) => emitter.option(ty),
        (_, false) => ty.to_owned(),
    };
    let ty = tokens(&ty);
    quote! { #doc #deprecated pub #name: #ty, }
}

/// The row of a field: whether it must be present, its name, its type, its key.
fn row(emitter: &Emitter<'_>, def: &TypeDef, field: &Field, ty: &str) -> Row {
    let presence = match &field.presence {
        Presence::Required => "required".to_owned(),
        Presence::Optional => "optional".to_owned(),
        Presence::Default(value) => default::word(emitter, field, value),
    };
    let ty = match (&field.presence, field.nullable) {
        (Presence::Optional, true) => format!("rt::Nullable<{ty}>"),
        (_, true) => emitter.option(ty),
        (_, false) => ty.to_owned(),
    };
    let (name, key) = (snake(&field.name), text(&field.key));
    Row {
        attributes: row_attributes(emitter, def, &field.description, field.deprecated),
        parts: vec![format!("{presence} {name}:"), ty, format!("= {key},")],
    }
}
