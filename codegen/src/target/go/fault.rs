//! The error catalogue.

use super::file::File;
use super::literal::text;
use super::{Emitter, FAULTS, docs, names};

/// `fault/fault.go`.
pub(super) fn file(emitter: &Emitter<'_>) -> String {
    let mut file = File::new(emitter, FAULTS, "manifest.json");
    let errors = &emitter.plan.protocol.errors;
    for kind in errors {
        let name = names::exported(&kind.code);
        let call = file.runtime("NewFaultKind");
        let (code, status, detail) = (text(&kind.code.snake()), kind.status, kind.has_detail);
        file.writer.blank();
        docs::comment(&mut file.writer, &[&kind.description]);
        file.writer.line(&format!(
            "var {name} = {call}({code}, {status}, {}, {detail})",
            text(&kind.text)
        ));
    }
    let kinds: Vec<String> = errors
        .iter()
        .map(|kind| names::exported(&kind.code))
        .collect();
    let call = file.runtime("NewCatalogue");
    file.writer.blank();
    docs::comment(
        &mut file.writer,
        &["Catalogue contains all errors of the protocol."],
    );
    file.writer
        .line(&format!("var Catalogue = {call}({})", kinds.join(", ")));
    file.render("Package fault contains the error catalogue.")
}
