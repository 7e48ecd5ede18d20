//! The fault of an operation: one variant for each error that it may answer with.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{Emitter, docs};
use crate::model::{ErrorKind, Operation, Request};

/// The name of the fault type; nothing can go wrong in an operation without errors.
pub(super) fn ident(operation: &Operation, request: &Request) -> Ident {
    if request.errors.is_empty() {
        format_ident!("Infallible")
    } else {
        format_ident!("{}Fault", operation.name.pascal())
    }
}

/// The fault enum of an operation and what it implements.
pub(super) fn items(
    emitter: &Emitter<'_>,
    operation: &Operation,
    request: &Request,
) -> TokenStream {
    if request.errors.is_empty() {
        return TokenStream::new();
    }
    let name = ident(operation, request);
    let kinds: Vec<&ErrorKind> = request
        .errors
        .iter()
        .filter_map(|code| {
            emitter
                .protocol
                .errors
                .iter()
                .find(|kind| kind.code == *code)
        })
        .collect();
    let doc = docs::comment(
        0,
        &format!(
            "Why a {} refuses `{}`",
            operation.to.words().join(" "),
            operation.name.snake()
        ),
        &[],
    );
    let variants = kinds.iter().map(|kind| {
        let variant = format_ident!("{}", kind.code.pascal());
        let doc = docs::comment(4, &kind.description, &[]);
        let detail = kind.has_detail.then(|| quote!((String)));
        quote! { #doc #variant #detail, }
    });
    let implementation = fault(&name, &kinds);
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum #name { #(#variants)* }

        #implementation

        impl fmt::Display for #name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result { self.write(formatter) }
        }

        impl Error for #name {}
    }
}

fn fault(name: &Ident, kinds: &[&ErrorKind]) -> TokenStream {
    let kind_arms = kinds.iter().map(|kind| {
        let (variant, constant) = (
            format_ident!("{}", kind.code.pascal()),
            format_ident!("{}", kind.code.screaming()),
        );
        let detail = kind.has_detail.then(|| quote!((_)));
        quote!(Self::#variant #detail => &error::#constant,)
    });
    let code_arms = kinds.iter().map(|kind| {
        let (variant, code) = (format_ident!("{}", kind.code.pascal()), kind.code.snake());
        let detail = kind.has_detail.then(|| quote!((detail)));
        quote!(#code => Some(Self::#variant #detail),)
    });
    let detail = detail(kinds);
    let argument = if kinds.iter().any(|kind| kind.has_detail) {
        quote!(detail)
    } else {
        quote!(_)
    };
    quote! {
        impl Fault for #name {
            fn kind(&self) -> &'static ErrorKind { match self { #(#kind_arms)* } }
            #detail
            fn from_code(code: &str, #argument: String) -> Option<Self> { match code { #(#code_arms)* _ => None, } }
            fn catalogue() -> &'static [ErrorKind] { error::CATALOGUE }
        }
    }
}

/// The method that gives the detail.
fn detail(kinds: &[&ErrorKind]) -> TokenStream {
    let names = |detailed: bool| {
        let kinds = kinds.iter().filter(move |kind| kind.has_detail == detailed);
        kinds
            .map(|kind| format_ident!("{}", kind.code.pascal()))
            .collect::<Vec<_>>()
    };
    let (with, without) = (names(true), names(false));
    if with.is_empty() {
        return quote! { fn detail(&self) -> &'static str { "" } };
    }
    let none = (!without.is_empty()).then(|| quote!(#(Self::#without)|* => "",));
    quote! {
        fn detail(&self) -> &str { match self { #(Self::#with(detail))|* => detail, #none } }
    }
}
