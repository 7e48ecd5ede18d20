//! Values in paths and queries.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::error::{ErrorReply, HttpError};
use super::template::Values;
use crate::codec::json::{Reader, Value};
use crate::codec::side::Side;

/// The characters that are encoded: all except the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Encodes a segment of a path.
pub(super) fn segment(text: &str) -> Result<String, HttpError> {
    if matches!(text, "" | "." | "..") {
        return Err(HttpError::new(format!("{text:?} is no segment of a path")));
    }
    Ok(utf8_percent_encode(text, RESERVED).to_string())
}

/// Appends the pair at `index` of a query to a path.
pub(super) fn append(path: &mut String, index: usize, name: &str, value: &str) {
    path.push(if index == 0 { '?' } else { '&' });
    path.extend(utf8_percent_encode(name, RESERVED));
    path.push('=');
    path.extend(utf8_percent_encode(value, RESERVED));
}

/// Reads a query.
pub(super) fn parse(query: &str) -> Result<Values, ErrorReply> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        let decoded = percent_decode_str(&text).decode_utf8();
        let decoded = decoded.map(std::borrow::Cow::into_owned);
        decoded.map_err(|_| ErrorReply::bad_request("", "expected a query in UTF-8"))
    };
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

/// The text of a member in a path or query, from its JSON text: a string itself, or the JSON text of another value.
pub(super) fn text(json: &str) -> Result<Cow<'_, str>, HttpError> {
    if !json.starts_with('"') {
        return Ok(Cow::Borrowed(json));
    }
    let text = Reader::new(json, Side::Reply).text();
    text.map_err(|error| HttpError::new(error.to_string()))
}

/// The reverse of [`text`], for a member that is a string, or for another member.
pub(super) fn value(text: &str, is_text: bool) -> Option<Value> {
    if is_text {
        return Some(Value::from(text));
    }
    text.parse().ok()
}
