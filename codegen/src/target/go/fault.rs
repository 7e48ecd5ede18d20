//! The error catalogue.

use super::file::File;
use super::literal::text;
use super::{Emitter, FAULTS, docs, names};
use crate::model::{ErrorForm, ErrorKind};

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
    let form = emitter.plan.protocol.error_form.as_ref();
    let form = form.map(|form| form_of(&mut file, form, errors));
    file.writer.line(&format!(
        "var Catalogue = {call}({}){}",
        kinds.join(", "),
        form.unwrap_or_default()
    ));
    file.render("Package fault contains the error catalogue.")
}

/// The call that sets the form of errors.
fn form_of(file: &mut File<'_>, form: &ErrorForm, errors: &[ErrorKind]) -> String {
    let pointers = [
        ("Text", &form.text),
        ("Code", &form.code),
        ("Status", &form.status),
    ];
    let pointers = pointers.iter().filter_map(|(name, pointer)| {
        let pointer = pointer.as_deref()?;
        Some(format!("{name}: {}", text(pointer)))
    });
    let mut members: Vec<String> = pointers.collect();
    let codes = errors.iter().filter_map(|error| {
        let code = error.wire_code.as_ref()?;
        Some((error.code.snake(), code.clone()))
    });
    let maps = [
        ("When", form.when.clone()),
        ("Unless", form.unless.clone()),
        ("Codes", codes.collect()),
    ];
    for (name, values) in maps.iter().filter(|(_, values)| !values.is_empty()) {
        let values = values
            .iter()
            .map(|(key, json)| format!("{}: {}", text(key), text(&json.to_string())));
        let values: Vec<String> = values.collect();
        members.push(format!(
            "{name}: map[string]string{{{}}}",
            values.join(", ")
        ));
    }
    let ty = file.runtime("ErrorForm");
    format!(".InForm({ty}{{{}}})", members.join(", "))
}
