//! The error catalogue.

use quote::quote;

use super::file::File;
use super::literal::literal;
use super::names::screaming;
use super::{Emitter, docs};
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
    file
}
