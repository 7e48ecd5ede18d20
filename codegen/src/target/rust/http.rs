//! The HTTP forms of all operations.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value as Json;

use super::file::File;
use super::literal::literal;
use super::names::screaming;
use super::request::duration;
use super::{Emitter, docs};
use crate::model::{Http, Kind, Operation};
use crate::plan::sentences;

/// The members of a route that the runtime sets by default.
const METHOD: &str = "POST";
const STATUS: u16 = 200;
const TIMEOUT_MS: u64 = 10_000;

/// `http.rs`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>) -> File<'e> {
    let mut file = File::new(emitter, "**", None);
    let protocol = emitter.plan.protocol;
    let has_form = protocol.error_form.is_some();
    let routes = protocol.operations.iter();
    let routes = routes.map(|operation| route(operation, has_form));
    let doc = docs::comment(0, sentences::HTTP, &[]);
    file.extend(quote! { #doc pub const ROUTES: &[rt::HttpRoute<'static>] = &[#(#routes),*]; });
    file
}

/// A route, without the members that have their default.
fn route(operation: &Operation, has_form: bool) -> TokenStream {
    let http = &operation.http;
    let (name, to) = (operation.name.snake(), operation.to.snake());
    let (subject, path) = (operation.subject.to_string(), &http.path);
    let mut members = quote!(operation: #name, to: #to, subject: #subject,);
    match &operation.kind {
        Kind::Publish(_) => members.extend(quote!(is_event: true,)),
        Kind::Request(request) if request.timeout_ms != TIMEOUT_MS => {
            let timeout = duration(request.timeout_ms);
            members.extend(quote!(timeout: #timeout,));
        }
        Kind::Request(_) => {}
    }
    if http.method != METHOD {
        let method = &http.method;
        members.extend(quote!(method: #method,));
    }
    members.extend(quote!(path: #path,));
    members.extend(details(http));
    if let Kind::Request(request) = &operation.kind
        && !request.errors.is_empty()
    {
        let errors = request.errors.iter().map(screaming);
        members.extend(quote!(errors: &[#(error::#errors),*],));
    }
    if has_form {
        members.extend(quote!(error_form: rt::Some(&error::ERROR_FORM),));
    }
    quote!(rt::HttpRoute { #members ..rt::HttpRoute::DEFAULT })
}

fn details(http: &Http) -> TokenStream {
    let mut details = TokenStream::new();
    if http.status != STATUS {
        let status = literal(http.status.into());
        details.extend(quote!(status: #status,));
    }
    if !http.members.is_empty() {
        let members = http.members.iter().map(|member| {
            let (key, is_text) = (&member.key, member.is_text);
            quote!((#key, #is_text))
        });
        details.extend(quote!(members: &[#(#members),*],));
    }
    if let Some(reply) = &http.reply {
        let write = rule(&reply.write);
        let read = match &reply.read {
            None => quote!(rt::None),
            Some(read) => {
                let read = rule(read);
                quote!(rt::Some(#read))
            }
        };
        details.extend(quote!(reply: rt::Some(rt::HttpReply { write: #write, read: #read }),));
    }
    if let Some(confirm) = &http.confirm {
        let confirm = confirm.snake();
        details.extend(quote!(confirm: rt::Some(#confirm),));
    }
    details
}

/// A rule of the meta-schema of operations: an object with a single member.
fn rule(json: &Json) -> TokenStream {
    let member = json.as_object().and_then(|members| members.iter().next());
    let (kind, value) = member.expect("the meta-schema requires a member");
    let text = value.as_str().unwrap_or_default();
    match kind.as_str() {
        "pointer" => quote!(rt::HttpRule::Pointer(#text)),
        "length" => quote!(rt::HttpRule::Length(#text)),
        "members" => {
            let members = value.as_object().into_iter().flatten();
            let members = members.map(|(name, json)| {
                let rule = rule(json);
                quote!((#name, #rule))
            });
            quote!(rt::HttpRule::Members(&[#(#members),*]))
        }
        "difference" => {
            let operands = value.as_array().into_iter().flatten().map(rule);
            quote!(rt::HttpRule::Difference(&[#(#operands),*]))
        }
        _ => {
            let text = value.to_string();
            quote!(rt::HttpRule::Value(#text))
        }
    }
}
