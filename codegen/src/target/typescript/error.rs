//! The error catalogue.

use super::code::Code;
use super::file::File;
use super::{Emitter, docs};
use crate::plan::sentences;

/// `error.ts`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>) -> File<'e> {
    let mut file = File::new(emitter, "error", "manifest.json").with_types_only();
    let errors = &emitter.plan.protocol.errors;
    for kind in errors {
        file.writer.blank();
        docs::comment(&mut file.writer, std::slice::from_ref(&kind.description));
        let code = Code::options([
            ("code", Some(Code::string(&kind.code.snake()))),
            ("status", Some(Code::text(kind.status.to_string()))),
            ("text", Some(Code::string(&kind.text))),
            ("hasDetail", Some(Code::text(kind.has_detail.to_string()))),
        ]);
        file.assign(
            &format!("export const {}: rt.ErrorKind", kind.code.screaming()),
            &code,
        );
    }
    let names = errors.iter().map(|kind| Code::text(kind.code.screaming()));
    file.writer.blank();
    docs::comment(&mut file.writer, &[sentences::CATALOGUE.to_owned()]);
    file.assign(
        "export const CATALOGUE: readonly rt.ErrorKind[]",
        &Code::List(names.collect()),
    );
    file
}
