//! Validates a value while it is decoded or encoded.

use crate::codec::json::{Reader, Writer};
use crate::codec::side::Side;
use crate::codec::violation::Violation;

use super::keyword::Assertion;

impl Reader<'_> {
    /// Reads a value and validates its text, unless an assertion validates a value around it. Generated assertions
    /// contain the assertions of the values inside.
    ///
    /// # Errors
    /// The errors of `read` and of the assertion.
    #[doc(hidden)]
    #[inline]
    pub fn validated<T>(
        &mut self,
        assertion: &Assertion<'_>,
        read: impl FnOnce(&mut Self) -> Result<T, Violation>,
    ) -> Result<T, Violation> {
        let Some(start) = self.begin_validated() else {
            return read(self);
        };
        let value = read(self);
        let text = self.end_validated(start);
        let value = value?;
        validate(assertion, text)?;
        Ok(value)
    }
}

impl Writer {
    /// Writes a value and validates its text, unless an assertion validates a value around it. Generated assertions
    /// contain the assertions of the values inside.
    ///
    /// # Errors
    /// The errors of `write` and of the assertion.
    #[doc(hidden)]
    pub fn validated(
        &mut self,
        assertion: &Assertion<'_>,
        write: impl FnOnce(&mut Self) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        let Some(start) = self.begin_validated() else {
            return write(self);
        };
        let outcome = write(self);
        let text = self.end_validated(start);
        outcome?;
        validate(assertion, Reader::from_bytes(text, Side::Request)?)
    }
}

#[inline(never)]
fn validate(assertion: &Assertion<'_>, mut text: Reader<'_>) -> Result<(), Violation> {
    assertion.validate(&text.json()?)
}
