//! The implementation of an event for a message type: parameters, filter and subject.

use proc_macro2::TokenStream;
use quote::quote;

use super::literal::option;
use super::names::{pascal, screaming, snake};
use super::{Emitter, docs, params};
use crate::model::{Delivery, Name, Operation};
use crate::plan::{self, sentences};

/// The items that make a message type an event.
pub(super) fn items(emitter: &Emitter<'_>, operation: &Operation, message: &Name) -> TokenStream {
    let structs = (!operation.params.is_empty()).then(|| structs(operation));
    let (params_type, filter_type) = if operation.params.is_empty() {
        (quote!(()), quote!(()))
    } else {
        let params_type = pascal(&plan::params(operation));
        let filter_type = pascal(&plan::filter(operation));
        (quote!(#params_type), quote!(#filter_type))
    };
    let filter_function = filter_function(operation, &filter_type);
    let name = pascal(message);
    let (text, template) = (operation.name.snake(), screaming(&operation.name));
    let queue = option(match &operation.delivery {
        Delivery::Queue(group) => Some(group),
        Delivery::Instance | Delivery::Broadcast => None,
    });
    let (subject_type, subject_function) = params::subject(emitter, operation);
    quote! {
        #structs

        impl rt::Event for #name {
            type Params = #params_type;
            #subject_type
            type Filter = #filter_type;

            const INFO: rt::EventInfo = rt::EventInfo {
                name: #text,
                template: subject::#template,
                prefix: subject::PREFIX,
                queue: #queue,
            };

            #subject_function

            #filter_function
        }
    }
}

/// The structs of an event with parameters: its parameters, and the filter of a subscription.
fn structs(operation: &Operation) -> TokenStream {
    let all: Vec<_> = operation.params.iter().collect();
    let params_struct = params::params_struct(operation, &all);
    let filter = pascal(&plan::filter(operation));
    let doc = docs::comment(0, &sentences::filter(operation), &[]);
    let fields = all.iter().map(|param| {
        let (field, ty) = (snake(&param.name), pascal(&param.ty));
        let doc = docs::comment(4, &sentences::param(&param.name), &[]);
        quote! { #doc pub #field: prelude::Option<#ty>, }
    });
    quote! {
        #params_struct

        #doc
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
        pub struct #filter { #(#fields)* }
    }
}

/// The function that gives the tokens of a filter.
fn filter_function(operation: &Operation, filter_type: &TokenStream) -> TokenStream {
    if operation.params.is_empty() {
        return quote! {
            fn filter((): &()) -> prelude::Vec<prelude::Option<&dyn rt::Param>> {
                prelude::Vec::new()
            }
        };
    }
    let tokens = operation.params.iter().map(|param| {
        let field = snake(&param.name);
        quote!(filter.#field.as_ref().map(rt::Param::as_param))
    });
    quote! {
        fn filter(filter: &#filter_type) -> prelude::Vec<prelude::Option<&dyn rt::Param>> {
            rt::vec![#(#tokens),*]
        }
    }
}
