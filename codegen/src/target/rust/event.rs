//! What the message type of a publication says of it: parameters, filter, subject.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::literal::option;
use super::{docs, request, types};
use crate::model::{Delivery, Name, Operation};

/// The items that make a message type an event.
pub(super) fn items(operation: &Operation, message: &Name) -> TokenStream {
    let params: Vec<_> = operation.params.iter().collect();
    let params_struct = request::params_struct(operation, &params, message);
    let params_ident = request::params_ident(operation);
    let filter = format_ident!("{}Filter", operation.name.pascal());
    let filter_doc = docs::comment(
        0,
        &format!(
            "Which [`{}`]s to subscribe to: `None` takes any",
            message.pascal()
        ),
        &[],
    );
    let filter_fields = params.iter().map(|param| {
        let (field, ty) = (
            format_ident!("{}", param.name.snake()),
            types::ident(&param.ty),
        );
        let doc = docs::comment(4, &format!("The token `{{{}}}`", param.name.snake()), &[]);
        quote! { #doc pub #field: Option<#ty>, }
    });
    let tokens = params.iter().map(|param| {
        let field = format_ident!("{}", param.name.snake());
        quote!(filter.#field.as_ref().map(Param::as_param))
    });
    let name = types::ident(message);
    let (text, template) = (
        operation.name.snake(),
        format_ident!("{}", operation.name.screaming()),
    );
    let queue = option(match &operation.delivery {
        Delivery::Queue(group) => Some(group),
        Delivery::Instance | Delivery::Broadcast => None,
    });
    quote! {
        #params_struct

        #filter_doc
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
        pub struct #filter { #(#filter_fields)* }

        impl Event for #name {
            type Params = #params_ident;
            type Filter = #filter;

            const INFO: EventInfo = EventInfo {
                name: #text,
                template: subject::#template,
                prefix: subject::PREFIX,
                queue: #queue,
            };

            fn filter(filter: &#filter) -> Vec<Option<&dyn Param>> { Vec::from([#(#tokens),*]) }
        }
    }
}
