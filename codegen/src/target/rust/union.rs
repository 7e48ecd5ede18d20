//! Unions: enums with content.

use proc_macro2::TokenStream;
use quote::quote;

use super::file::File;
use super::literal::text;
use super::names::pascal;
use super::table::{Row, Table, Tail};
use super::type_parts::{head, row_attributes, tokens, unknown_variant, validated};
use super::{Emitter, docs};
use crate::model::{Tagging, TypeDef, Union};

/// Adds the enum of a union and its table.
pub(super) fn items(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    attributes: &TokenStream,
    shape: &Union,
    file: &mut File<'_>,
) {
    let name = pascal(&def.name);
    let mut variants = Vec::new();
    let mut rows = Vec::new();
    for variant in &shape.variants {
        let ident = pascal(&variant.name);
        let doc = docs::part(&variant.description, &variant.tag);
        let deprecated = docs::deprecated(variant.deprecated);
        let content = variant
            .value
            .as_ref()
            .map(|value| emitter.ty_in(def, value));
        let row = match &content {
            Some(ty) => format!("{ident}({ty}),"),
            None => format!("{ident},"),
        };
        rows.push(Row {
            attributes: row_attributes(emitter, def, &variant.description, variant.deprecated),
            parts: vec![format!("{} =>", text(&variant.tag)), row],
        });
        let content = content.map(|ty| {
            let ty = tokens(&ty);
            quote! { (#ty) }
        });
        variants.push(quote! { #doc #deprecated #ident #content, });
    }
    let unknown = def.open.then(|| unknown_variant(&quote!(rt::Value)));
    file.extend(quote! {
        #attributes
        #[derive(Clone, Debug, PartialEq)]
        pub enum #name { #(#variants)* #unknown }
    });
    let mut head = head(emitter, def);
    let call = match &shape.tagging {
        Tagging::External => "union",
        Tagging::Member(key) => {
            head.parts.push(format!(" by {}", text(key)));
            "tagged"
        }
        Tagging::Untagged => "untagged",
    };
    let tail = Tail::default().with(def.open.then_some("non_exhaustive"));
    let tail = validated(def, tail);
    file.table(Table::of_rows(call, &head, &rows, &tail));
}
