//! Reads and writes errors in the form of a protocol.

use bytes::Bytes;

use crate::codec;
use crate::codec::json::{Map, Value, ValueRef};
use crate::codec::side::Side;
use crate::codec::violation::unescape;
use crate::error_form::ErrorForm;
use crate::fault::ErrorKind;
use crate::transport::Headers;

use super::fault::ERROR_CODE_HEADER;

/// An error in a reply.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The code on the wire, if there is one.
    pub(crate) code: Option<String>,
    /// The text; empty if there is none.
    pub(crate) text: String,
}

/// Finds an error in a payload.
pub(crate) fn find(form: &ErrorForm, payload: &[u8]) -> Option<Found> {
    let reply: ValueRef<'_> = codec::decode(payload, Side::Reply).ok()?;
    let has = |(pointer, json): &(&str, &str)| {
        let expected = json.parse::<Value>().ok();
        reply.pointer(pointer) == expected.as_ref().map(Value::borrowed).as_ref()
    };
    let is_reply = !form.unless.is_empty() && form.unless.iter().all(has);
    if is_reply || !form.when.iter().all(has) {
        return None;
    }
    let text = form
        .text
        .and_then(|pointer| reply.pointer(pointer)?.as_str());
    let code = form.code.and_then(|pointer| code(reply.pointer(pointer)?));
    if form.when.is_empty() && text.is_none() && code.is_none() {
        return None;
    }
    Some(Found {
        code,
        text: text.unwrap_or_default().to_owned(),
    })
}

/// Finds an error whose code stands in the headers.
pub(crate) fn find_in_headers(form: &ErrorForm, headers: &Headers) -> Option<Found> {
    let code = headers.get(ERROR_CODE_HEADER)?;
    let is_known = form.code.is_none() && name(form, code).is_some();
    is_known.then(|| Found {
        code: Some(code.to_owned()),
        text: headers
            .get(super::fault::ERROR_HEADER)
            .unwrap_or_default()
            .to_owned(),
    })
}

/// The code of the catalogue for a code on the wire, if the two differ.
pub(crate) fn name(form: &ErrorForm, wire: &str) -> Option<&'static str> {
    let mut codes = form.codes.iter();
    codes.find_map(|(name, json)| (text_of(json).as_deref() == Some(wire)).then_some(*name))
}

/// Writes an error. Returns the payload, and the code for the header.
pub(crate) fn write(form: &ErrorForm, kind: &ErrorKind, text: &str) -> (Bytes, String) {
    let declared = form.codes.iter().find(|(name, _)| *name == kind.code);
    let declared = declared.and_then(|(_, json)| json.parse::<Value>().ok());
    let has_numbers = || {
        let is_number = |(_, json): &(&str, &str)| !json.starts_with('"');
        !form.codes.is_empty() && form.codes.iter().all(is_number)
    };
    let status = kind.status.to_string();
    if form.text.is_none() {
        let code = declared
            .as_ref()
            .and_then(|code| self::code(&code.borrowed()));
        return (Bytes::new(), code.unwrap_or(status));
    }
    let code = declared.unwrap_or_else(|| {
        if has_numbers() {
            Value::from(kind.status)
        } else {
            Value::from(kind.code)
        }
    });
    let mut reply = Value::Object(Map::new());
    for (pointer, json) in form.when {
        put(&mut reply, pointer, json.parse().unwrap_or_default());
    }
    let members = [
        (form.text, Value::from(text)),
        (form.code, code),
        (form.status, Value::from(kind.status)),
    ];
    for (pointer, value) in members {
        if let Some(pointer) = pointer {
            put(&mut reply, pointer, value);
        }
    }
    // A value without an assertion can be encoded.
    let payload = codec::encode(&reply).unwrap_or_default();
    (payload.into(), status)
}

/// A code as a text: a string, or an integer in decimal notation.
fn code(value: &ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Text(text) => Some(text.clone().into_owned()),
        ValueRef::Number(number) => Some(number.as_integer()?.to_string()),
        _ => None,
    }
}

fn text_of(json: &str) -> Option<String> {
    let value: Value = json.parse().ok()?;
    code(&value.borrowed())
}

/// Puts a value at a JSON pointer. The step `0` makes an array, any other step an object.
fn put(place: &mut Value, pointer: &str, value: Value) {
    let Some(steps) = pointer.strip_prefix('/') else {
        *place = value;
        return;
    };
    let (step, rest) = match steps.find('/') {
        Some(end) => steps.split_at(end),
        None => (steps, ""),
    };
    let step = unescape(step);
    if step == "0" && !matches!(place, Value::Object(_)) {
        if !matches!(place, Value::Array(_)) {
            *place = Value::Array(vec![Value::Null]);
        }
        if let Value::Array(items) = place
            && let Some(first) = items.first_mut()
        {
            put(first, rest, value);
        }
        return;
    }
    if !matches!(place, Value::Object(_)) {
        *place = Value::Object(Map::new());
    }
    if let Value::Object(members) = place {
        if !members.contains_key(&step) {
            members.insert(step.to_string(), Value::Null);
        }
        if let Some(member) = members.get_mut(&step) {
            put(member, rest, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NESTED: ErrorForm = ErrorForm {
        text: Some("/error/description"),
        code: Some("/error/err_code"),
        status: Some("/error/code"),
        codes: &[("not_found", "10059")],
        ..ErrorForm::DEFAULT
    };
    const FLAG: ErrorForm = ErrorForm {
        text: Some("/message"),
        code: Some("/errors/0/id"),
        when: &[("/ok", "false")],
        ..ErrorForm::DEFAULT
    };
    const ZERO: ErrorForm = ErrorForm {
        text: Some("/message"),
        code: Some("/code"),
        unless: &[("/code", "0")],
        ..ErrorForm::DEFAULT
    };
    const NOT_FOUND: ErrorKind = ErrorKind {
        code: "not_found",
        status: 404,
        text: "not found",
        has_detail: false,
    };

    #[test]
    fn form_finds_code_and_text_of_an_error() {
        let check = |form: &ErrorForm, reply: &str, expected: Option<(Option<&str>, &str)>| {
            let found = find(form, reply.as_bytes());
            let found = found.as_ref();
            let found = found.map(|found| (found.code.as_deref(), found.text.as_str()));
            assert_eq!(found, expected, "{reply}");
        };
        let error =
            r#"{"type": "x", "error": {"code": 404, "err_code": 10059, "description": "no"}}"#;
        check(&NESTED, error, Some((Some("10059"), "no")));
        check(
            &NESTED,
            r#"{"error": {"err_code": -3}}"#,
            Some((Some("-3"), "")),
        );
        check(
            &NESTED,
            r#"{"error": {"err_code": "E1"}}"#,
            Some((Some("E1"), "")),
        );
        check(&NESTED, r#"{"error": null}"#, None);
        check(&NESTED, r#"{"error": "text"}"#, None);
        check(&NESTED, "[]", None);
        check(&NESTED, "", None);
        check(&FLAG, r#"{"ok": false}"#, Some((None, "")));
        check(&FLAG, r#"{"ok": true, "message": "done"}"#, None);
        let error = r#"{"ok": false, "message": "no", "errors": [{"id": "E"}]}"#;
        check(&FLAG, error, Some((Some("E"), "no")));
        check(&ZERO, r#"{"code": 0, "message": "done"}"#, None);
        check(
            &ZERO,
            r#"{"code": 5, "message": "no"}"#,
            Some((Some("5"), "no")),
        );
    }

    #[test]
    fn form_writes_what_it_finds() {
        let check = |form: &ErrorForm, expected: &str| {
            let (payload, header) = write(form, &NOT_FOUND, "not found: x");
            assert_eq!(payload, expected);
            assert_eq!(header, "404");
            assert_eq!(
                find(form, &payload).map(|found| found.text).as_deref(),
                Some("not found: x")
            );
        };
        check(
            &NESTED,
            r#"{"error":{"description":"not found: x","err_code":10059,"code":404}}"#,
        );
        check(
            &FLAG,
            r#"{"ok":false,"message":"not found: x","errors":[{"id":"not_found"}]}"#,
        );
        check(&ZERO, r#"{"message":"not found: x","code":"not_found"}"#);
        let headers = ErrorForm {
            codes: &[("not_found", "\"NF\"")],
            ..ErrorForm::DEFAULT
        };
        assert_eq!(
            write(&headers, &NOT_FOUND, "x"),
            (Bytes::new(), "NF".to_owned())
        );
    }
}
