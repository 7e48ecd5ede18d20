//! The form of errors of a protocol that has its own form: a server can write each error, and a caller can recognize it.

use std::collections::HashMap;

use super::Index;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{ErrorForm, Source};
use crate::read::{MANIFEST, escape};

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    check_codes(index, out);
    let Some(form) = &index.protocol.error_form else {
        return;
    };
    check_places(form, out);
    if form.text.is_none() && (form.code.is_some() || !form.when.is_empty()) {
        let message = "the form has no place for the text of an error";
        let help = "add `text`, e.g. `\"/error/description\"`";
        report("", message.to_owned(), help, out);
    }
}

/// Checks the codes on the wire. Without a place for them, only headers can hold a code.
fn check_codes(index: &Index<'_>, out: &mut Diagnostics) {
    let protocol = index.protocol;
    let has_place = |form: &ErrorForm| form.code.is_some() || form.text.is_none();
    let has_place = protocol.error_form.as_ref().is_some_and(has_place);
    let mut codes = HashMap::new();
    for error in &protocol.errors {
        let source = Source {
            file: error.source.file.clone(),
            pointer: format!("{}{}", error.source.pointer, escape("code")),
        };
        if error.wire_code.is_some() && !has_place {
            let message = "the reply has no place for the code";
            let help = "add `code` to `error_form` in the manifest, or remove the code";
            out.report(Code::InvalidErrorForm, source, message, help);
            continue;
        }
        let code = match &error.wire_code {
            None => error.code.snake(),
            Some(code) => code
                .as_str()
                .map_or_else(|| code.to_string(), str::to_owned),
        };
        if let Some(other) = codes.insert(code.clone(), &error.code) {
            let message = format!(
                "the errors `{other}` and `{}` have the code {}",
                error.code,
                quoted(&code)
            );
            let help = "give each error a code of its own";
            out.report(Code::InvalidErrorForm, source, message, help);
        }
    }
}

/// Checks that each place can hold its value: no place is inside another place.
fn check_places(form: &ErrorForm, out: &mut Diagnostics) {
    let named = [
        ("text", &form.text),
        ("code", &form.code),
        ("status", &form.status),
    ];
    let named = named
        .into_iter()
        .filter_map(|(name, pointer)| Some((name.to_owned(), pointer.as_deref()?)));
    let when = form
        .when
        .keys()
        .map(|pointer| (format!("when{}", escape(pointer)), pointer.as_str()));
    let places: Vec<(String, &str)> = named.chain(when).collect();
    for pointer in form.when.keys().chain(form.unless.keys()) {
        if !pointer.starts_with('/') {
            let message = format!("{} is not the JSON pointer of a member", quoted(pointer));
            report("", message, "write a pointer, e.g. `/ok`", out);
        }
    }
    for (at, (name, place)) in places.iter().enumerate() {
        if place.is_empty() {
            let message = "the whole reply cannot be a part of an error".to_owned();
            report(
                &format!("/{name}"),
                message,
                "write the pointer of a member, e.g. `/error`",
                out,
            );
        }
        let is_inside = |(_, other): &&(String, &str)| {
            let inside = |one: &str, other: &str| {
                one.strip_prefix(other)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            inside(place, other) || inside(other, place)
        };
        if let Some((_, other)) = places[..at].iter().find(is_inside) {
            let message = format!("the places {} and {} overlap", quoted(other), quoted(place));
            report(
                &format!("/{name}"),
                message,
                "choose places that are not inside each other",
                out,
            );
        }
    }
}

fn report(pointer: &str, message: String, help: &str, out: &mut Diagnostics) {
    let source = Source {
        file: MANIFEST.to_owned(),
        pointer: format!("/error_form{pointer}"),
    };
    out.report(Code::InvalidErrorForm, source, message, help);
}
