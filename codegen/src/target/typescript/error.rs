//! The error catalogue.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::code::Code;
use super::file::File;
use super::{Emitter, docs};
use crate::model::{ErrorForm, ErrorKind};
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
    if let Some(form) = &emitter.plan.protocol.error_form {
        file.writer.blank();
        docs::comment(&mut file.writer, &[sentences::ERROR_FORM.to_owned()]);
        let form = members(form, errors);
        file.assign("export const ERROR_FORM: rt.ErrorForm", &form);
    }
    file
}

/// The members of the form of errors.
fn members(form: &ErrorForm, errors: &[ErrorKind]) -> Code {
    let pointer = |pointer: &Option<String>| pointer.as_deref().map(Code::string);
    let list = |pairs: Vec<Code>| (!pairs.is_empty()).then_some(Code::List(pairs));
    let values = |values: &BTreeMap<String, Json>| {
        let pair = |(pointer, json): (&String, &Json)| {
            Code::List(vec![Code::string(pointer), Code::string(&json.to_string())])
        };
        list(values.iter().map(pair).collect())
    };
    let codes = errors.iter().filter_map(|error| {
        let wire = Code::text(error.wire_code.as_ref()?.to_string());
        Some(Code::List(vec![Code::string(&error.code.snake()), wire]))
    });
    Code::options([
        ("text", pointer(&form.text)),
        ("code", pointer(&form.code)),
        ("status", pointer(&form.status)),
        ("when", values(&form.when)),
        ("unless", values(&form.unless)),
        ("codes", list(codes.collect())),
    ])
}
