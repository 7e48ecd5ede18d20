//! Subject templates and builders.

use quote::{format_ident, quote};

use super::file::File;
use super::{Emitter, docs, types};
use crate::model::{Operation, Param, Shape};

/// `subject.rs`.
pub(super) fn file(emitter: &Emitter<'_>) -> File {
    let mut file = File::of("**");
    let prefix = &emitter.protocol.prefix;
    file.extend(quote! {
        /// The prefix of every subject, unless a connection is given another.
        pub const PREFIX: Prefix = Prefix::from_static(#prefix);
    });
    for operation in &emitter.protocol.operations {
        let (constant, text) = (
            format_ident!("{}", operation.name.screaming()),
            operation.subject.to_string(),
        );
        let doc = docs::comment(
            0,
            &format!(
                "`{{prefix}}.{text}`: from {} to {}",
                operation.from.words().join(" "),
                operation.to.words().join(" ")
            ),
            &[],
        );
        file.extend(quote! { #doc pub const #constant: Template = Template::new(#text); });
    }
    for operation in &emitter.protocol.operations {
        let (function, constant) = (
            format_ident!("{}", operation.name.snake()),
            format_ident!("{}", operation.name.screaming()),
        );
        let doc = docs::comment(
            0,
            &format!("The subject of `{}`", operation.name.snake()),
            &[],
        );
        let arguments = arguments(emitter, operation);
        let references = operation
            .params
            .iter()
            .map(|param| reference(emitter, param));
        file.extend(quote! {
            #doc
            #[must_use]
            pub fn #function(prefix: &Prefix #(, #arguments)*) -> Subject {
                #constant.subject(prefix, &[#(#references),*])
            }
        });
    }
    file
}

/// The parameters of an operation as function arguments.
pub(super) fn arguments(
    emitter: &Emitter<'_>,
    operation: &Operation,
) -> Vec<proc_macro2::TokenStream> {
    let arguments = operation
        .params
        .iter()
        .map(|param| argument(emitter, param));
    arguments.collect()
}

/// One parameter as a function argument: integers by value, texts by reference.
pub(super) fn argument(emitter: &Emitter<'_>, param: &Param) -> proc_macro2::TokenStream {
    let (name, ty) = (
        format_ident!("{}", param.name.snake()),
        types::ident(&param.ty),
    );
    if by_value(emitter, param) {
        quote!(#name: #ty)
    } else {
        quote!(#name: &#ty)
    }
}

/// A reference to the argument of a parameter.
pub(super) fn reference(emitter: &Emitter<'_>, param: &Param) -> proc_macro2::TokenStream {
    let name = format_ident!("{}", param.name.snake());
    if by_value(emitter, param) {
        quote!(&#name)
    } else {
        quote!(#name)
    }
}

fn by_value(emitter: &Emitter<'_>, param: &Param) -> bool {
    matches!(
        emitter.ty(&param.ty).map(|def| &def.shape),
        Some(Shape::Integer(_))
    )
}
