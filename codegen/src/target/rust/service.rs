//! The service of a role: the trait to implement and the server that dispatches to it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::file::File;
use super::literal::option;
use super::{Emitter, docs, fault, request, subject, types};
use crate::listen::{Listen, listens};
use crate::model::{Kind, Name, Operation, Request};

/// `<role>/service.rs`.
pub(super) fn file(emitter: &Emitter<'_>, role: &Name) -> File {
    let mut file = File::of(&format!("{}/*.json", role.snake()));
    let requests: Vec<_> = emitter
        .requests_of(role)
        .filter_map(Operation::as_request)
        .collect();
    file.extend(service(emitter, role, &requests));
    file.extend(server(emitter, role, &requests));
    file
}

fn service(emitter: &Emitter<'_>, role: &Name, requests: &[(&Operation, &Request)]) -> TokenStream {
    let name = format_ident!("{}Service", role.pascal());
    let description = emitter
        .protocol
        .roles
        .iter()
        .find(|candidate| candidate.name == *role);
    let text = description
        .map(|role| role.description.as_str())
        .unwrap_or_default();
    let doc = docs::comment(
        0,
        &format!("What a {} serves. {text}", role.words().join(" ")),
        &[format!(
            "Implement it with `async fn` methods and hand it to [`{}Server`].",
            role.pascal()
        )],
    );
    let methods = requests.iter().map(|(operation, request)| {
        let method = format_ident!("{}", operation.name.snake());
        let (input, reply) = (types::ident(&request.request), types::ident(&request.reply));
        let fault = fault::ident(operation, request);
        let params = (!request::open_params(emitter, operation).is_empty()).then(|| {
            let ident = request::params_ident(operation);
            quote!(params: #ident,)
        });
        let doc = docs::comment(4, &operation.description, &[]);
        quote! {
            #doc
            fn #method(&self, context: &Context, #params request: #input)
                -> impl Future<Output = Result<#reply, #fault>> + Send;
        }
    });
    quote! {
        #doc
        pub trait #name: Send + Sync + 'static { #(#methods)* }
    }
}

fn server(emitter: &Emitter<'_>, role: &Name, requests: &[(&Operation, &Request)]) -> TokenStream {
    let (server, service) = (
        format_ident!("{}Server", role.pascal()),
        format_ident!("{}Service", role.pascal()),
    );
    let doc = docs::comment(
        0,
        &format!("Serves a [`{service}`]: decodes, checks, dispatches, answers"),
        &[],
    );
    let new_doc = docs::comment(4, "A server of `service`, not yet started", &[]);
    let options_doc = docs::comment(4, "The same server with other limits", &[]);
    let start_doc = docs::comment(
        4,
        "Subscribes and serves until the returned [`Server`] is shut down or dropped",
        &["# Errors\nWhen the subscription is refused or the connection is closed.".to_owned()],
    );
    let routes = requests
        .iter()
        .map(|(operation, request)| route(emitter, operation, request));
    let instance = requests
        .iter()
        .flat_map(|(operation, _)| &operation.params)
        .find(|param| Some(&param.name) == emitter.instance(role));
    let argument = instance.map(|param| subject::argument(emitter, param));
    let bound = instance.map(|param| {
        let (token, reference) = (param.name.snake(), subject::reference(emitter, param));
        quote!((#token, #reference))
    });
    let listens = listens(&emitter.subjects, emitter.requests_of(role));
    let listens = listens.iter().map(listen);
    quote! {
        #doc
        #[derive(Debug)]
        pub struct #server<S> { router: Router<S> }

        impl<S: #service> #server<S> {
            #new_doc
            #[must_use]
            pub fn new(service: S) -> Self {
                Self { router: Router::new(service) #(#routes)* }
            }

            #options_doc
            #[must_use]
            pub fn with_options(self, options: ServeOptions) -> Self { Self { router: self.router.with_options(options) } }

            #start_doc
            pub async fn start(self, connection: &Connection, #argument) -> Result<Server, StartError> {
                self.router.start(connection, &subject::PREFIX, &[#(#listens),*], &[#bound]).await
            }
        }
    }
}

fn route(emitter: &Emitter<'_>, operation: &Operation, request: &Request) -> TokenStream {
    let (method, input) = (
        format_ident!("{}", operation.name.snake()),
        types::ident(&request.request),
    );
    let params =
        (!request::open_params(emitter, operation).is_empty()).then(|| quote!(call.params,));
    quote! {
        .operation(|service, call: Call<#input>| async move {
            service.#method(&call.context, #params call.request).await
        })
    }
}

fn listen(listen: &Listen) -> TokenStream {
    let pattern = &listen.pattern;
    let queue = option(listen.queue.as_ref());
    quote!(Listen { pattern: #pattern, queue: #queue })
}

impl Operation {
    /// The operation with its request part, if it is a request.
    pub(super) fn as_request(&self) -> Option<(&Self, &Request)> {
        match &self.kind {
            Kind::Request(request) => Some((self, request)),
            Kind::Publish(_) => None,
        }
    }
}
