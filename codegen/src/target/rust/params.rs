//! Subject parameters: as arguments, as a tuple and as a struct.

use proc_macro2::TokenStream;
use quote::quote;

use super::names::{pascal, snake};
use super::{Emitter, docs};
use crate::model::{Operation, Param, Shape};
use crate::plan::{self, sentences};

/// The parameters of an operation as function arguments.
pub(super) fn arguments(emitter: &Emitter<'_>, operation: &Operation) -> Vec<TokenStream> {
    let params = operation.params.iter();
    params.map(|param| argument(emitter, param)).collect()
}

/// A parameter as a function argument: integers by value, strings by reference.
pub(super) fn argument(emitter: &Emitter<'_>, param: &Param) -> TokenStream {
    let (name, ty) = (snake(&param.name), pascal(&param.ty));
    if is_by_value(emitter, param) {
        quote!(#name: #ty)
    } else {
        quote!(#name: &#ty)
    }
}

/// A reference to the argument of a parameter.
pub(super) fn reference(emitter: &Emitter<'_>, param: &Param) -> TokenStream {
    let name = snake(&param.name);
    if is_by_value(emitter, param) {
        quote!(&#name)
    } else {
        quote!(#name)
    }
}

/// The type of all parameters as a single value, with lifetime `'a`: `()`, a type or a tuple.
pub(super) fn tuple_type(emitter: &Emitter<'_>, operation: &Operation) -> TokenStream {
    let types = operation.params.iter().map(|param| {
        let ty = pascal(&param.ty);
        if is_by_value(emitter, param) {
            quote!(#ty)
        } else {
            quote!(&'a #ty)
        }
    });
    tuple(&types.collect::<Vec<_>>())
}

/// The arguments as a single value.
pub(super) fn tuple_value(operation: &Operation) -> TokenStream {
    let names = operation.params.iter().map(|param| snake(&param.name));
    tuple(&names.map(|name| quote!(#name)).collect::<Vec<_>>())
}

fn tuple(parts: &[TokenStream]) -> TokenStream {
    match parts {
        [part] => part.clone(),
        parts => quote!((#(#parts),*)),
    }
}

fn is_by_value(emitter: &Emitter<'_>, param: &Param) -> bool {
    let def = emitter.plan.get(&param.ty);
    matches!(def.map(|def| &def.shape), Some(Shape::Integer(_)))
}

/// The associated type and the function with which a message type derives its subject.
pub(super) fn subject(emitter: &Emitter<'_>, operation: &Operation) -> (TokenStream, TokenStream) {
    let function = snake(&operation.name);
    let (ty, value) = (tuple_type(emitter, operation), tuple_value(operation));
    let names = operation.params.iter().map(|param| snake(&param.name));
    let function = quote! {
        fn subject(prefix: &rt::Prefix, #value: Self::SubjectParams<'_>) -> rt::Subject {
            subject::#function(prefix #(, #names)*)
        }
    };
    (quote!(type SubjectParams<'a> = #ty;), function)
}

/// The struct of an operation's parameters, and how a server reads it from a subject.
pub(super) fn params_struct(operation: &Operation, params: &[&Param]) -> TokenStream {
    let name = pascal(&plan::params(operation));
    let doc = docs::comment(0, &sentences::params(operation), &[]);
    let fields = params.iter().map(|param| {
        let (field, ty) = (snake(&param.name), pascal(&param.ty));
        let doc = docs::comment(4, &sentences::param(&param.name), &[]);
        quote! { #doc pub #field: #ty, }
    });
    let reads = params.iter().map(|param| {
        let (field, token) = (snake(&param.name), param.name.snake());
        quote!(#field: tokens.param(#token)?)
    });
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct #name { #(#fields)* }

        impl rt::Params for #name {
            fn read(tokens: &rt::Tokens<'_>) -> prelude::Result<Self, rt::Violation> {
                prelude::Ok(Self { #(#reads),* })
            }
        }
    }
}
