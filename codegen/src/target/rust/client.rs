//! The client of a role, with a method for each operation of the role.

use proc_macro2::TokenStream;
use quote::quote;

use super::file::File;
use super::names::{self, pascal, snake};
use super::{Emitter, docs, params};
use crate::model::{Kind, Name, Operation, Request};
use crate::plan::{self, Peer, sentences};

/// `<role>/client.rs`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>, peer: &Peer<'_>) -> File<'e> {
    let folder = peer.role.name.snake();
    let mut file = File::new(emitter, &format!("{folder}/*.json"), Some(folder));
    let name = pascal(&plan::client(peer.role));
    let more = ["A clone is another handle of the same client.".to_owned()];
    let doc = docs::comment(0, &sentences::client(peer.role), &more);
    let methods = peer
        .operations
        .iter()
        .map(|operation| match &operation.kind {
            Kind::Request(request) => call(emitter, operation, request),
            Kind::Publish(message) => publish(emitter, operation, message),
        });
    file.extend(quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct #name { caller: rt::Caller }

        impl #name {
            /// Creates a client that uses `connection`.
            #[must_use]
            pub fn new(connection: &rt::Connection) -> Self {
                Self { caller: rt::Caller::new(connection, &subject::PREFIX) }
            }

            /// Sets the options of all calls: timeout, retries, trace context.
            #[must_use]
            pub fn options(self, options: rt::CallOptions) -> Self {
                Self { caller: self.caller.options(options) }
            }

            #(#methods)*
        }
    });
    file
}

fn call(emitter: &Emitter<'_>, operation: &Operation, request: &Request) -> TokenStream {
    let method = snake(&operation.name);
    let fault = names::fault(operation, request);
    let (input, reply) = (pascal(&request.request), pascal(&request.reply));
    let refusal = if request.errors.is_empty() {
        String::new()
    } else {
        format!(" If the peer refuses the request, it contains a [`{fault}`].")
    };
    let errors = format!(
        "# Errors\nA [`CallError`](rt::CallError) that says how far the call came.{refusal}"
    );
    let doc = docs::comment(4, &operation.description, &[errors]);
    let deprecated = docs::deprecated(operation.deprecated);
    let arguments = params::arguments(emitter, operation);
    let params = params::tuple_value(operation);
    quote! {
        #doc
        #deprecated
        pub async fn #method(&self #(, #arguments)*, request: &#input)
            -> prelude::Result<#reply, rt::CallError<#fault>>
        {
            self.caller.call(#params, request).await
        }
    }
}

fn publish(emitter: &Emitter<'_>, operation: &Operation, message: &Name) -> TokenStream {
    let (method, message) = (snake(&operation.name), pascal(message));
    let errors = "# Errors\nFails if the event breaks its schema or cannot be sent. `Ok` does not mean that a subscriber received it.";
    let doc = docs::comment(4, &operation.description, &[errors.to_owned()]);
    let deprecated = docs::deprecated(operation.deprecated);
    let arguments = params::arguments(emitter, operation);
    let params = params::tuple_value(operation);
    quote! {
        #doc
        #deprecated
        pub async fn #method(&self #(, #arguments)*, event: &#message)
            -> prelude::Result<(), rt::PublishFailure>
        {
            self.caller.publish(#params, event).await
        }
    }
}
