//! The headers of a message.

use std::borrow::Cow;

/// The header that names a request; it stays the same when the request is sent again.
pub(crate) const REQUEST_ID_HEADER: &str = "Request-Id";
/// The header with the time that the caller still waits, in milliseconds. A duration, so no clock is shared.
pub(crate) const TIMEOUT_HEADER: &str = "Request-Timeout";
/// The header with the trace context of the caller, as the W3C defines it.
pub(crate) const TRACE_HEADER: &str = "traceparent";

/// `NATS/1.0`, its line end, and the empty line that ends the headers.
const FRAME: usize = 12;

/// `: ` between name and value, and the line end.
const LINE: usize = 4;

/// The headers of a message.
///
/// Nothing that is put in can end a line: control characters of a value become spaces, and characters that cannot
/// stand in a name become `-`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(Cow<'static, str>, String)>);

impl Headers {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// None, with room for this many.
    #[must_use]
    pub fn with_capacity(headers: usize) -> Self {
        Self(Vec::with_capacity(headers))
    }

    /// The first value of `name`, whatever its case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Sets the one value of `name`.
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        let name = name.into();
        self.0
            .retain(|(candidate, _)| !candidate.eq_ignore_ascii_case(&name));
        self.append(name, value);
    }

    /// Adds a value of `name` to those that it has.
    pub fn append(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.0
            .push((clean_name(name.into()), clean_value(value.into())));
    }

    /// Names and values in the order in which they are written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_str()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their size in bytes as NATS writes them; without headers nothing is written.
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
    // Most values need no look at their characters.
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
    fn names_are_compared_without_case_and_inserted_once() {
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
    fn nothing_can_end_a_line() {
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
    fn their_size_is_what_is_written() {
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
