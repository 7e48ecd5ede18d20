//! What the request type of an operation says of it: parameters, reply, fault, deadline, ordering.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::literal::literal;
use super::{Emitter, docs, fault, types};
use crate::model::{Name, Operation, Param, Request};

/// The parameters that a request handler is told: all but the one that names the instance.
pub(super) fn open_params<'a>(emitter: &Emitter<'_>, operation: &'a Operation) -> Vec<&'a Param> {
    let instance = emitter.instance(&operation.to);
    operation
        .params
        .iter()
        .filter(|param| Some(&param.name) != instance)
        .collect()
}

/// The name of the parameters' type.
pub(super) fn params_ident(operation: &Operation) -> proc_macro2::Ident {
    format_ident!("{}Params", operation.name.pascal())
}

/// The struct of an operation's parameters and how it is read from a subject.
pub(super) fn params_struct(
    operation: &Operation,
    params: &[&Param],
    message: &Name,
) -> TokenStream {
    let name = params_ident(operation);
    let doc = docs::comment(
        0,
        &format!("The subject parameters of [`{}`]", message.pascal()),
        &[],
    );
    let fields = params.iter().map(|param| {
        let (field, ty) = (
            format_ident!("{}", param.name.snake()),
            types::ident(&param.ty),
        );
        let doc = docs::comment(4, &format!("The token `{{{}}}`", param.name.snake()), &[]);
        quote! { #doc pub #field: #ty, }
    });
    let reads = params.iter().map(|param| {
        let (field, token) = (format_ident!("{}", param.name.snake()), param.name.snake());
        quote!(#field: tokens.param(#token)?)
    });
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct #name { #(#fields)* }

        impl Params for #name {
            fn read(tokens: &Tokens<'_>) -> Result<Self, Violation> { Ok(Self { #(#reads),* }) }
        }
    }
}

/// The items that make a request type a request.
pub(super) fn items(
    emitter: &Emitter<'_>,
    operation: &Operation,
    request: &Request,
) -> TokenStream {
    let name = types::ident(&request.request);
    let reply = types::ident(&request.reply);
    let fault = fault::ident(operation, request);
    let params = open_params(emitter, operation);
    let (params_struct, params_type) = if params.is_empty() {
        (None, quote!(()))
    } else {
        let ident = params_ident(operation);
        (
            Some(params_struct(operation, &params, &request.request)),
            quote!(#ident),
        )
    };
    let info = info(operation, request);
    let ordering = request.ordering.as_ref().map(|field| {
        let field = format_ident!("{}", field.snake());
        quote! { fn ordering_key(&self) -> Option<OrderingKey> { Some(OrderingKey::new(&self.#field)) } }
    });
    quote! {
        #params_struct

        impl Request for #name {
            type Params = #params_type;
            type Reply = #reply;
            type Fault = #fault;

            #info

            #ordering
        }
    }
}

fn info(operation: &Operation, request: &Request) -> TokenStream {
    let (name, template) = (
        operation.name.snake(),
        format_ident!("{}", operation.name.screaming()),
    );
    let timeout = match request.timeout_ms {
        millis if millis % 1000 == 0 => {
            let secs = literal((millis / 1000).into());
            quote!(Duration::from_secs(#secs))
        }
        millis => {
            let millis = literal(millis.into());
            quote!(Duration::from_millis(#millis))
        }
    };
    let idempotent = request.idempotent;
    quote! {
        const INFO: RequestInfo = RequestInfo {
            name: #name,
            template: subject::#template,
            timeout: #timeout,
            idempotent: #idempotent,
        };
    }
}
