//! Identifiers.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::model::{Name, Operation, Request};
use crate::plan;

/// A function, a module or a field.
pub(super) fn snake(name: &Name) -> Ident {
    format_ident!("{}", name.snake())
}

/// A type or a variant.
pub(super) fn pascal(name: &Name) -> Ident {
    format_ident!("{}", name.pascal())
}

/// A constant.
pub(super) fn screaming(name: &Name) -> Ident {
    format_ident!("{}", name.screaming())
}

/// The name of a type's borrowed form.
pub(super) fn borrowed(name: &Name) -> String {
    name.with("ref").pascal()
}

/// The type of an operation's errors.
pub(super) fn fault(operation: &Operation, request: &Request) -> TokenStream {
    if request.errors.is_empty() {
        quote!(rt::Infallible)
    } else {
        let fault = pascal(&plan::fault(operation));
        quote!(#fault)
    }
}
