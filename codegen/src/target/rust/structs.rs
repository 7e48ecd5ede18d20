//! Structs: their fields, and the table that says how each goes over the wire.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::file::File;
use super::literal::text;
use super::table::{Table, Tail};
use super::types::{head, ident, judged};
use super::{Emitter, default, docs, shape};
use crate::model::{AdditionalMembers, Field, Presence, Struct, TypeDef};

/// The name of the struct member that keeps what the schema does not name.
fn rest_name(shape: &Struct) -> &'static str {
    let taken = shape
        .fields
        .iter()
        .any(|field| field.name.snake() == "fields");
    if taken { "other_fields" } else { "fields" }
}

/// Adds the struct of an object and its table.
pub(super) fn items(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    doc: &TokenStream,
    shape: &Struct,
    file: &mut File,
) -> Result<(), String> {
    let name = ident(&def.name);
    let mut types = shape::inner_types(def)?.into_iter();
    let mut fields = Vec::new();
    let mut rows = Vec::new();
    for (field, ty) in shape.fields.iter().zip(types.by_ref()) {
        let ty = emitter.cycles.sized(def, &field.value, ty);
        rows.push(row(emitter, def, field, &ty)?);
        fields.push(member(field, &ty));
    }
    let mut tail = Tail::default()
        .with(matches!(shape.additional, AdditionalMembers::Deny).then_some("deny_unknown_fields"));
    if let Some(ty) = types.next() {
        let name = format_ident!("{}", rest_name(shape));
        let doc = docs::comment(4, "All other members of the object", &[]);
        tail = tail.with(Some(&format!("flatten {name}: {}", shape::source(&ty))));
        fields.push(quote! { #doc pub #name: #ty, });
    }
    let default = default::is_derived(emitter, def).then(|| quote!(Default,));
    file.extend(quote! {
        #doc
        #[derive(Clone, Debug, #default PartialEq)]
        pub struct #name { #(#fields)* }
    });
    let tail = judged(def, tail);
    let table = Table::of_rows("object", &head(emitter, def), rows.into_iter(), &tail);
    file.table(table);
    Ok(())
}

/// A field of the struct, of a value of type `ty`.
fn member(field: &Field, ty: &syn::Type) -> TokenStream {
    let name = format_ident!("{}", field.name.snake());
    let doc = docs::part(&field.description, &field.key);
    let ty = match (&field.presence, field.nullable) {
        (Presence::Optional, true) => quote!(Option<Nullable<#ty>>),
        (Presence::Optional, false) | (_, true) => quote!(Option<#ty>),
        (_, false) => quote!(#ty),
    };
    quote! { #doc pub #name: #ty, }
}

/// The row of a field: whether it must be there, its name, what is there, its key.
fn row(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    field: &Field,
    ty: &syn::Type,
) -> Result<Vec<String>, String> {
    let presence = match &field.presence {
        Presence::Required => "required".to_owned(),
        Presence::Optional => "optional".to_owned(),
        Presence::Default(value) => default::word(emitter, def, field, value)?,
    };
    let ty = shape::source(ty);
    let ty = match (&field.presence, field.nullable) {
        (Presence::Optional, true) => format!("Nullable<{ty}>"),
        (_, true) => format!("Option<{ty}>"),
        (_, false) => ty,
    };
    let (name, key) = (field.name.snake(), text(&field.key));
    Ok(vec![format!("{presence} {name}:"), ty, format!("= {key},")])
}
