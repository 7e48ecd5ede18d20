//! The form of errors in the replies of a protocol.

/// Where errors stand in the replies of a protocol that has a form of its own. Without `text` and `code`, they stand only
/// in the headers `Nats-Service-Error-Code` and `Nats-Service-Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorForm {
    /// The JSON pointer of the text.
    pub text: Option<&'static str>,
    /// The JSON pointer of the code, an integer or a string.
    pub code: Option<&'static str>,
    /// The JSON pointer of the status, which servers write.
    pub status: Option<&'static str>,
    /// JSON pointers and the values, as JSON texts, that each error has.
    pub when: &'static [(&'static str, &'static str)],
    /// JSON pointers and values, as JSON texts. A reply with all of them is no error.
    pub unless: &'static [(&'static str, &'static str)],
    /// Codes of the catalogue, and the codes on the wire as JSON texts. Other codes are the same on the wire.
    pub codes: &'static [(&'static str, &'static str)],
}

impl ErrorForm {
    /// The form of errors that stand only in headers.
    pub const DEFAULT: Self = Self {
        text: None,
        code: None,
        status: None,
        when: &[],
        unless: &[],
        codes: &[],
    };
}
