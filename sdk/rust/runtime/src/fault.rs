//! Errors that an operation declares, as generated code defines them.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;

use crate::escaped::Escaped;

/// An entry in the error catalogue of a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorKind {
    /// The code on the wire, e.g. `pipeline_not_found`.
    pub code: &'static str,
    /// The status, according to HTTP.
    pub status: u16,
    /// The text on the wire, without the detail.
    pub text: &'static str,
    /// Whether a detail follows the text.
    pub has_detail: bool,
}

/// The errors that an operation declares.
pub trait Fault: Error + Sized + Send + Sync + 'static {
    /// Returns the entry of the catalogue.
    fn kind(&self) -> &'static ErrorKind;

    /// Returns the detail after the text; empty if the error has no detail.
    fn detail(&self) -> &str;

    /// Returns the error with this code, if the operation declares it.
    fn from_code(code: &str, detail: String) -> Option<Self>;

    /// Returns all errors of the protocol. An error without a code is identified by its text.
    fn catalogue() -> &'static [ErrorKind];

    /// Writes text and detail for a log or a terminal, see [`Escaped`].
    ///
    /// # Errors
    /// If the formatter fails.
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind().text, Escaped(self.detail()))
    }
}

/// The fault of an operation without declared errors.
impl Fault for Infallible {
    fn kind(&self) -> &'static ErrorKind {
        match *self {}
    }

    fn detail(&self) -> &str {
        match *self {}
    }

    fn from_code(_: &str, _: String) -> Option<Self> {
        None
    }

    fn catalogue() -> &'static [ErrorKind] {
        &[]
    }
}
