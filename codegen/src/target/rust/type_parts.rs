//! Parts that the items of several kinds of types share.

use proc_macro2::TokenStream;
use quote::quote;

use super::table::{INDENT, Row, Tail};
use super::{Emitter, docs};
use crate::model::{Name, TypeDef};
use crate::plan::sentences;

/// The tokens of a Rust type.
pub(super) fn tokens(ty: &str) -> TokenStream {
    ty.parse().expect("a type is tokens")
}

/// The head of a table: the names of the type and of its borrowed form, if it exists, with the documentation of the
/// borrowed form.
pub(super) fn head(emitter: &Emitter<'_>, def: &TypeDef) -> Row {
    let name = def.name.pascal();
    match emitter.borrowed_name(def) {
        Some(borrowed) => Row {
            attributes: docs::summary(INDENT, &def.description, def.deprecated),
            parts: vec![format!("{name}, {borrowed}")],
        },
        None => Row {
            attributes: Vec::new(),
            parts: vec![name],
        },
    }
}

/// The documentation of a row for the borrowed form, if the type has a borrowed form.
pub(super) fn row_attributes(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    description: &str,
    is_deprecated: bool,
) -> Vec<String> {
    match emitter.borrowed_name(def) {
        Some(_) => docs::summary(2 * INDENT, description, is_deprecated),
        None => Vec::new(),
    }
}

/// The end of the table of a type with an assertion.
pub(super) fn validated(def: &TypeDef, tail: Tail) -> Tail {
    tail.validated(def.assertion.as_ref().map(Name::screaming).as_deref())
}

/// The variant of an open type for values of a newer peer.
pub(super) fn unknown_variant(ty: &TokenStream) -> TokenStream {
    let doc = docs::comment(4, sentences::UNKNOWN, &[]);
    quote! { #doc Unknown(#ty), }
}
