//! The service of a role: the trait to implement and the server that calls it.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::file::File;
use super::literal::option;
use super::names::{self, pascal, snake};
use super::{Emitter, docs, params};
use crate::model::{Operation, Request};
use crate::plan::{self, Peer, Subscription, sentences};

/// `<role>/service.rs`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>, peer: &Peer<'_>) -> File<'e> {
    let folder = peer.role.name.snake();
    let mut file = File::new(emitter, &format!("{folder}/*.json"), Some(folder));
    file.extend(service(emitter, peer));
    file.extend(server(emitter, peer));
    file
}

fn service(emitter: &Emitter<'_>, peer: &Peer<'_>) -> TokenStream {
    let name = pascal(&plan::service(peer.role));
    let server = pascal(&plan::server(peer.role));
    let more = [
        peer.role.description.clone(),
        format!("Implement it with `async fn` methods and pass it to [`{server}`]."),
    ];
    let doc = docs::comment(0, &sentences::service(peer.role), &more);
    let methods = peer.requests().map(|(operation, request)| {
        let method = snake(&operation.name);
        let (input, reply) = (pascal(&request.request), pascal(&request.reply));
        let fault = names::fault(operation, request);
        let params = (!emitter.plan.handler_params(operation).is_empty()).then(|| {
            let ident = pascal(&plan::params(operation));
            quote!(params: #ident,)
        });
        let doc = docs::comment(4, &operation.description, &[]);
        quote! {
            #doc
            fn #method(&self, context: &rt::Context, #params request: #input)
                -> impl prelude::Future<Output = prelude::Result<#reply, #fault>> + prelude::Send;
        }
    });
    quote! {
        #doc
        pub trait #name: prelude::Send + prelude::Sync + 'static { #(#methods)* }
    }
}

fn server(emitter: &Emitter<'_>, peer: &Peer<'_>) -> TokenStream {
    let server = pascal(&plan::server(peer.role));
    let service = pascal(&plan::service(peer.role));
    let generic = generic(emitter);
    let doc = docs::comment(0, &sentences::server(peer.role), &[]);
    let requests = peer.requests();
    let routes = requests.map(|(operation, request)| route(emitter, operation, request, &generic));
    let instance = peer.instance();
    let argument = instance.map(|param| params::argument(emitter, param));
    let bound = instance.map(|param| {
        let (token, reference) = (param.name.snake(), params::reference(emitter, param));
        quote!((#token, #reference))
    });
    let subscriptions = peer.subscriptions.iter().map(subscription);
    let start_doc = docs::comment(
        4,
        "Subscribes and serves requests until the returned [`Server`](rt::Server) is shut down or dropped",
        &[
            "# Errors\nFails if the server refuses a subscription or the connection is closed."
                .to_owned(),
        ],
    );
    quote! {
        #doc
        #[derive(Debug)]
        #[must_use = "a server does nothing before `start`"]
        pub struct #server<#generic> { router: rt::Router<#generic> }

        impl<#generic: #service> #server<#generic> {
            /// Creates a server of `service`.
            pub fn new(service: #generic) -> Self {
                Self { router: rt::Router::new(service) #(#routes)* }
            }

            /// Sets the limits of the server.
            pub fn options(self, options: rt::ServeOptions) -> Self {
                Self { router: self.router.options(options) }
            }

            #start_doc
            pub async fn start(self, connection: &rt::Connection, #argument)
                -> prelude::Result<rt::Server, rt::StartError>
            {
                self.router
                    .start(connection, &subject::PREFIX, &[#(#subscriptions),*], &[#bound])
                    .await
            }
        }
    }
}

/// The name of the type parameter of the service: `S`, or a longer name if a type has that name.
fn generic(emitter: &Emitter<'_>) -> Ident {
    let mut name = "S".to_owned();
    while emitter.folders.contains_key(&name) {
        name.push('S');
    }
    format_ident!("{name}")
}

fn route(
    emitter: &Emitter<'_>,
    operation: &Operation,
    request: &Request,
    generic: &Ident,
) -> TokenStream {
    let (method, input) = (snake(&operation.name), pascal(&request.request));
    let has_params = !emitter.plan.handler_params(operation).is_empty();
    let params = has_params.then(|| quote!(call.params,));
    quote! {
        .operation(|service, call: rt::Call<#input>| async move {
            #generic::#method(&service, &call.context, #params call.request).await
        })
    }
}

fn subscription(subscription: &Subscription) -> TokenStream {
    let pattern = &subscription.pattern;
    let queue = option(subscription.queue.as_ref());
    quote!(rt::Listen { pattern: #pattern, queue: #queue })
}
