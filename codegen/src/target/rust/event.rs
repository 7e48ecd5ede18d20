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
    let all: Vec<_> = operation.params.iter().collect();
    let params_struct = params::params_struct(operation, &all);
    let params_ident = pascal(&plan::params(operation));
    let filter = pascal(&plan::filter(operation));
    let filter_doc = docs::comment(0, &sentences::filter(operation), &[]);
    let filter_fields = all.iter().map(|param| {
        let (field, ty) = (snake(&param.name), pascal(&param.ty));
        let doc = docs::comment(4, &sentences::param(&param.name), &[]);
        quote! { #doc pub #field: prelude::Option<#ty>, }
    });
    let tokens = all.iter().map(|param| {
        let field = snake(&param.name);
        quote!(filter.#field.as_ref().map(rt::Param::as_param))
    });
    let (name, subject) = (pascal(message), params::subject(emitter, operation));
    let (text, template) = (operation.name.snake(), screaming(&operation.name));
    let queue = option(match &operation.delivery {
        Delivery::Queue(group) => Some(group),
        Delivery::Instance | Delivery::Broadcast => None,
    });
    let (subject_type, subject_function) = subject;
    quote! {
        #params_struct

        #filter_doc
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
        pub struct #filter { #(#filter_fields)* }

        impl rt::Event for #name {
            type Params = #params_ident;
            #subject_type
            type Filter = #filter;

            const INFO: rt::EventInfo = rt::EventInfo {
                name: #text,
                template: subject::#template,
                prefix: subject::PREFIX,
                queue: #queue,
            };

            #subject_function

            fn filter(filter: &#filter) -> prelude::Vec<prelude::Option<&dyn rt::Param>> {
                rt::vec![#(#tokens),*]
            }
        }
    }
}
