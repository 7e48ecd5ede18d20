//! The error catalogue.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::file::File;
use super::literal::literal;
use super::names::screaming;
use super::{Emitter, docs};
use crate::model::{ErrorForm, ErrorKind};
use crate::plan::sentences;

/// `error.rs`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>) -> File<'e> {
    let mut file = File::new(emitter, "manifest.json", None);
    let errors = &emitter.plan.protocol.errors;
    for kind in errors {
        let (name, code) = (screaming(&kind.code), kind.code.snake());
        let (text, detail) = (&kind.text, kind.has_detail);
        let status = literal(kind.status.into());
        let doc = docs::comment(0, &kind.description, &[]);
        file.extend(quote! {
            #doc
            pub const #name: rt::ErrorKind = rt::ErrorKind {
                code: #code,
                status: #status,
                text: #text,
                has_detail: #detail,
            };
        });
    }
    let names = errors.iter().map(|kind| screaming(&kind.code));
    let doc = docs::comment(0, sentences::CATALOGUE, &[]);
    file.extend(quote! { #doc pub const CATALOGUE: &[rt::ErrorKind] = &[#(#names),*]; });
    if let Some(form) = &emitter.plan.protocol.error_form {
        let doc = docs::comment(0, sentences::ERROR_FORM, &[]);
        let form = form_of(form, errors);
        file.extend(quote! { #doc pub const ERROR_FORM: rt::ErrorForm = #form; });
    }
    file
}

/// The form of errors, without the members that have their default.
fn form_of(form: &ErrorForm, errors: &[ErrorKind]) -> TokenStream {
    let pointers = [
        ("text", &form.text),
        ("code", &form.code),
        ("status", &form.status),
    ];
    let pointers = pointers.iter().filter_map(|(name, pointer)| {
        let (name, pointer) = (format_ident!("{name}"), pointer.as_deref()?);
        Some(quote!(#name: prelude::Some(#pointer),))
    });
    let values = [("when", &form.when), ("unless", &form.unless)];
    let values = values.iter().filter(|(_, values)| !values.is_empty());
    let values = values.map(|(name, values)| {
        let name = format_ident!("{name}");
        let values = values.iter().map(|(pointer, json)| {
            let json = json.to_string();
            quote!((#pointer, #json))
        });
        quote!(#name: &[#(#values),*],)
    });
    let codes = errors.iter().filter_map(|error| {
        let (name, code) = (error.code.snake(), error.wire_code.as_ref()?.to_string());
        Some(quote!((#name, #code)))
    });
    quote! {
        rt::ErrorForm { #(#pointers)* #(#values)* codes: &[#(#codes),*], ..rt::ErrorForm::DEFAULT }
    }
}
