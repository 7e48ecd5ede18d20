//! The client of a role: one method for each operation that goes to it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::file::File;
use super::{Emitter, docs, fault, subject, types};
use crate::model::{Kind, Name, Operation, Request};

/// `<role>/client.rs`.
pub(super) fn file(emitter: &Emitter<'_>, role: &Name) -> File {
    let mut file = File::of(&format!("{}/*.json", role.snake()));
    let name = format_ident!("{}Client", role.pascal());
    let peer = role.words().join(" ");
    let doc = docs::comment(
        0,
        &format!("Talks to a {peer}. A clone is another handle of the same client."),
        &[],
    );
    let new_doc = docs::comment(4, "A client that calls over `connection`", &[]);
    let options_doc = docs::comment(
        4,
        "The same client with other deadlines, retries or trace context",
        &[],
    );
    let methods = emitter
        .operations_to(role)
        .map(|operation| match &operation.kind {
            Kind::Request(request) => call(emitter, operation, request),
            Kind::Publish(message) => publish(emitter, operation, message),
        });
    file.extend(quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct #name { caller: Caller }

        impl #name {
            #new_doc
            #[must_use]
            pub fn new(connection: &Connection) -> Self { Self { caller: Caller::new(connection, &subject::PREFIX) } }

            #options_doc
            #[must_use]
            pub fn with_options(self, options: CallOptions) -> Self { Self { caller: self.caller.with_options(options) } }

            #(#methods)*
        }
    });
    file
}

fn call(emitter: &Emitter<'_>, operation: &Operation, request: &Request) -> TokenStream {
    let method = format_ident!("{}", operation.name.snake());
    let fault = fault::ident(operation, request);
    let (input, reply) = (types::ident(&request.request), types::ident(&request.reply));
    let refusal = match fault.to_string().as_str() {
        "Infallible" => String::new(),
        fault => format!(
            "; [`{fault}`] where the {} refuses",
            operation.to.words().join(" ")
        ),
    };
    let errors = format!("A [`CallError`] that says how far the call came{refusal}");
    let doc = docs::comment(4, &operation.description, &[format!("# Errors\n{errors}.")]);
    let arguments = subject::arguments(emitter, operation);
    let subject = subject_call(operation);
    quote! {
        #doc
        pub async fn #method(&self #(, #arguments)*, request: &#input) -> Result<#reply, CallError<#fault>> {
            self.caller.call(#subject, request).await
        }
    }
}

fn publish(emitter: &Emitter<'_>, operation: &Operation, message: &Name) -> TokenStream {
    let (method, message) = (
        format_ident!("{}", operation.name.snake()),
        types::ident(message),
    );
    let errors = "# Errors\nWhen the message breaks its schema or could not be handed over; `Ok` means accepted, not delivered.";
    let doc = docs::comment(4, &operation.description, &[errors.to_owned()]);
    let arguments = subject::arguments(emitter, operation);
    let subject = subject_call(operation);
    quote! {
        #doc
        pub async fn #method(&self #(, #arguments)*, event: &#message) -> Result<(), PublishFailure> {
            self.caller.publish(#subject, event).await
        }
    }
}

fn subject_call(operation: &Operation) -> TokenStream {
    let function = format_ident!("{}", operation.name.snake());
    let params = operation
        .params
        .iter()
        .map(|param| format_ident!("{}", param.name.snake()));
    quote!(subject::#function(self.caller.prefix() #(, #params)*))
}
