//! The error catalogue.

use quote::{format_ident, quote};

use super::file::File;
use super::literal::literal;
use super::{Emitter, docs};

/// `error.rs`.
pub(super) fn file(emitter: &Emitter<'_>) -> File {
    let mut file = File::of("manifest.json");
    for kind in &emitter.protocol.errors {
        let (name, code, text, detail) = (
            format_ident!("{}", kind.code.screaming()),
            kind.code.snake(),
            &kind.text,
            kind.has_detail,
        );
        let status = literal(kind.status.into());
        let doc = docs::comment(0, &kind.description, &[]);
        file.extend(quote! {
            #doc
            pub const #name: ErrorKind = ErrorKind { code: #code, status: #status, text: #text, has_detail: #detail };
        });
    }
    let names = emitter
        .protocol
        .errors
        .iter()
        .map(|kind| format_ident!("{}", kind.code.screaming()));
    file.extend(quote! {
        /// Every error of the protocol.
        pub const CATALOGUE: &[ErrorKind] = &[#(#names),*];
    });
    file
}
