//! The headers of a message.

use std::borrow::Cow;

/// The header with the id of a request; each retry of the request has the same id.
pub(crate) const REQUEST_ID_HEADER: &str = "Request-Id";
/// The header with the caller's remaining time in milliseconds. It is a duration, so the peers need no common clock.
pub(crate) const TIMEOUT_HEADER: &str = "Request-Timeout";
/// The header of an error with the time in milliseconds after which the caller may try again. The request was not executed.
pub(crate) const RETRY_HEADER: &str = "Retry-After-Ms";
/// The header with the trace context of the caller, in the W3C format.
pub(crate) const TRACE_HEADER: &str = "traceparent";

/// The size of `NATS/1.0`, its line end, and the empty line after the headers.
const FRAME: usize = 12;

/// The size of `: ` between name and value, and of the line end.
const LINE: usize = 4;

/// The headers of a message.
///
/// A name or value cannot end its line: control characters in a value become spaces, and invalid characters in a name
/// become `-`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(Cow<'static, str>, String)>);

impl Headers {
    /// Creates an empty list of headers.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Creates an empty list of headers with capacity for this number of headers.
    #[must_use]
    pub fn with_capacity(headers: usize) -> Self {
        Self(Vec::with_capacity(headers))
    }

    /// Returns the first value of `name`. The comparison ignores ASCII case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Sets `name` to a single value.
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        let name = name.into();
        self.0
            .retain(|(candidate, _)| !candidate.eq_ignore_ascii_case(&name));
        self.append(name, value);
    }

    /// Adds a value to the values of `name`.
    pub fn append(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.0
            .push((clean_name(name.into()), clean_value(value.into())));
    }

    /// Iterates over names and values in wire order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_str()))
    }

    /// Returns true if there are no headers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the size of the headers in bytes in the NATS wire format; 0 without headers.
    #[must_use]
    pub fn wire_size(&self) -> usize {
        match self.0.as_slice() {
            [] => 0,
            lines => {
                FRAME
                    + lines
                        .iter()
                        .map(|(name, value)| name.len() + value.len() + LINE)
                        .sum::<usize>()
            }
        }
    }
}

impl IntoIterator for Headers {
    type Item = (Cow<'static, str>, String);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

fn clean_name(name: Cow<'static, str>) -> Cow<'static, str> {
    let is_clean = |byte: u8| byte.is_ascii_graphic() && byte != b':';
    if name.is_empty() {
        return Cow::Borrowed("-");
    }
    if name.bytes().all(is_clean) {
        return name;
    }
    let clean = |c: char| {
        if u8::try_from(c).is_ok_and(is_clean) {
            c
        } else {
            '-'
        }
    };
    name.chars().map(clean).collect()
}

fn clean_value(value: String) -> String {
    // Fast path: most values need no replacement.
    if value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return value;
    }
    let trimmed = value.trim();
    if trimmed.len() == value.len() && !value.contains(char::is_control) {
        return value;
    }
    trimmed
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_names_ignore_case_and_insert_replaces() {
        let mut headers = Headers::new();
        headers.insert("Request-Id", "1");
        headers.insert("request-id", "2");
        headers.append("REQUEST-ID", "3");
        assert_eq!(headers.get("rEQUEST-iD"), Some("2"));
        assert_eq!(
            headers.iter().collect::<Vec<_>>(),
            [("request-id", "2"), ("REQUEST-ID", "3")]
        );
        assert_eq!(headers.get("Other"), None);
    }

    #[test]
    fn headers_cannot_end_a_line() {
        let check = |name: &'static str, value: &str, expected: (&str, &str)| {
            let mut headers = Headers::new();
            headers.insert(name, value);
            assert_eq!(headers.iter().collect::<Vec<_>>(), [expected]);
        };
        check("A", "one\r\nB: two", ("A", "one  B: two"));
        check("A\r\nB", " padded\0 ", ("A--B", "padded "));
        check("A: B", "ünïcode", ("A--B", "ünïcode"));
        check("", "", ("-", ""));
    }

    #[test]
    fn headers_wire_size_equals_the_encoded_size() {
        let mut headers = Headers::new();
        assert_eq!(headers.wire_size(), 0);
        headers.insert("A", "b");
        assert_eq!(headers.wire_size(), "NATS/1.0\r\nA: b\r\n\r\n".len());
        headers.append("A", "cd");
        assert_eq!(
            headers.wire_size(),
            "NATS/1.0\r\nA: b\r\nA: cd\r\n\r\n".len()
        );
    }
}
