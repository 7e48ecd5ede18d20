//! Subject templates and the functions that build subjects.

use quote::quote;

use super::file::File;
use super::names::{screaming, snake};
use super::{Emitter, docs, params};
use crate::plan::sentences;

/// `subject.rs`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>) -> File<'e> {
    let mut file = File::new(emitter, "**", None);
    let protocol = emitter.plan.protocol;
    let prefix = &protocol.prefix;
    let doc = docs::comment(0, sentences::PREFIX, &[]);
    file.extend(quote! { #doc pub const PREFIX: rt::Prefix = rt::Prefix::from_static(#prefix); });
    let doc = docs::comment(0, sentences::ROLES, &[]);
    let roles = protocol.roles.iter().map(|role| role.name.snake());
    file.extend(quote! { #doc pub const ROLES: &[&str] = &[#(#roles),*]; });
    for operation in &protocol.operations {
        let (constant, text) = (screaming(&operation.name), operation.subject.to_string());
        let doc = docs::comment(0, &sentences::template(operation), &[]);
        file.extend(quote! {
            #doc pub const #constant: rt::Template = rt::Template::new(#text);
        });
    }
    for operation in &protocol.operations {
        let (function, constant) = (snake(&operation.name), screaming(&operation.name));
        let doc = docs::comment(0, &sentences::subject(operation), &[]);
        let arguments = params::arguments(emitter, operation);
        let params = operation.params.iter();
        let references = params.map(|param| params::reference(emitter, param));
        file.extend(quote! {
            #doc
            #[must_use]
            pub fn #function(prefix: &rt::Prefix #(, #arguments)*) -> rt::Subject {
                #constant.subject(prefix, &[#(#references),*])
            }
        });
    }
    file
}
