//! The HTTP forms of all operations.

use quote::quote;

use super::file::File;
use super::literal::literal;
use super::names::screaming;
use super::{Emitter, docs};
use crate::model::Kind;
use crate::plan::sentences;

/// The timeout of an acknowledged event, in milliseconds.
const EVENT_TIMEOUT_MS: u64 = 10_000;

/// `http.rs`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>) -> File<'e> {
    let mut file = File::new(emitter, "**", None);
    let operations = emitter.plan.protocol.operations.iter();
    let routes = operations.map(|operation| {
        let http = &operation.http;
        let (name, to) = (operation.name.snake(), operation.to.snake());
        let subject = operation.subject.to_string();
        let (method, path, status) = (&http.method, &http.path, literal(http.status.into()));
        let members = http.members.iter().map(|member| {
            let (key, is_text) = (&member.key, member.is_text);
            quote!((#key, #is_text))
        });
        let reply = match &http.reply {
            None => quote!(rt::None),
            Some(reply) => {
                let write = reply.write.to_string();
                let read = match &reply.read {
                    None => quote!(rt::None),
                    Some(read) => {
                        let read = read.to_string();
                        quote!(rt::Some(#read))
                    }
                };
                quote!(rt::Some(rt::HttpReply { write: #write, read: #read }))
            }
        };
        let confirm = match &http.confirm {
            None => quote!(rt::None),
            Some(name) => {
                let name = name.snake();
                quote!(rt::Some(#name))
            }
        };
        let (is_event, timeout, errors) = match &operation.kind {
            Kind::Request(request) => (false, request.timeout_ms, &request.errors[..]),
            Kind::Publish(_) => (true, EVENT_TIMEOUT_MS, &[][..]),
        };
        let timeout = literal(timeout.into());
        let errors = errors.iter().map(screaming);
        quote! {
            rt::HttpRoute {
                operation: #name,
                to: #to,
                subject: #subject,
                is_event: #is_event,
                timeout: rt::Duration::from_millis(#timeout),
                method: #method,
                path: #path,
                status: #status,
                members: &[#(#members),*],
                reply: #reply,
                confirm: #confirm,
                errors: &[#(error::#errors),*],
            }
        }
    });
    let doc = docs::comment(0, sentences::HTTP, &[]);
    file.extend(quote! { #doc pub const ROUTES: &[rt::HttpRoute<'static>] = &[#(#routes),*]; });
    file
}
