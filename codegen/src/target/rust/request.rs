//! The implementation of a request for a message type: parameters, subject, reply, errors, timeout and ordering.

use proc_macro2::TokenStream;
use quote::quote;

use super::literal::literal;
use super::names::{self, pascal, screaming, snake};
use super::{Emitter, params};
use crate::model::{Operation, Request};
use crate::plan;

/// The items that make a message type a request.
pub(super) fn items(
    emitter: &Emitter<'_>,
    operation: &Operation,
    request: &Request,
) -> TokenStream {
    let (name, reply) = (pascal(&request.request), pascal(&request.reply));
    let fault = names::fault(operation, request);
    let handler_params = emitter.plan.handler_params(operation);
    let (params_struct, params_type) = if handler_params.is_empty() {
        (None, quote!(()))
    } else {
        let ident = pascal(&plan::params(operation));
        let item = params::params_struct(operation, &handler_params);
        (Some(item), quote!(#ident))
    };
    let info = info(operation, request);
    let ordering = request.ordering.as_ref().map(|field| {
        let field = snake(field);
        quote! {
            fn ordering_key(&self) -> prelude::Option<rt::OrderingKey> {
                prelude::Some(rt::OrderingKey::new(&self.#field))
            }
        }
    });
    let error_form = emitter.plan.protocol.error_form.as_ref().map(|_| {
        quote! {
            fn error_form() -> prelude::Option<&'static rt::ErrorForm> {
                prelude::Some(&error::ERROR_FORM)
            }
        }
    });
    let (subject_type, subject_function) = params::subject(emitter, operation);
    quote! {
        #params_struct

        impl rt::Request for #name {
            type Params = #params_type;
            #subject_type
            type Reply = #reply;
            type Fault = #fault;

            #info

            #subject_function

            #ordering

            #error_form
        }
    }
}

fn info(operation: &Operation, request: &Request) -> TokenStream {
    let (name, template) = (operation.name.snake(), screaming(&operation.name));
    let from = operation.from.snake();
    let timeout = duration(request.timeout_ms);
    let (idempotent, control) = (request.idempotent, request.control);
    quote! {
        const INFO: rt::RequestInfo = rt::RequestInfo {
            name: #name,
            template: subject::#template,
            from: rt::Role::new(#from, subject::ROLES),
            timeout: #timeout,
            idempotent: #idempotent,
            control: #control,
        };
    }
}

/// A duration in the largest unit without a fraction.
pub(super) fn duration(millis: u64) -> TokenStream {
    if millis.is_multiple_of(1_000) {
        let secs = literal((millis / 1000).into());
        return quote!(rt::Duration::from_secs(#secs));
    }
    let millis = literal(millis.into());
    quote!(rt::Duration::from_millis(#millis))
}
