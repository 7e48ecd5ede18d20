//! Attempts to decode a value that may have another type.

use super::lookahead::Lookahead;
use super::reader::Reader;
use crate::codec::side::Side;
use crate::codec::violation::Violation;

/// The state of a reader before an attempt to decode a value.
#[derive(Clone, Copy, Debug)]
pub(in crate::codec) struct Attempt {
    at: usize,
    levels: u32,
    most: usize,
    side: Side,
    is_validated: bool,
}

impl Attempt {
    /// Begins an attempt. A strict attempt keeps no unknown variants, and validates all assertions.
    pub(in crate::codec) fn begin(reader: &mut Reader<'_>, is_strict: bool) -> Self {
        let attempt = Self {
            at: reader.at,
            levels: reader.levels,
            most: reader.most,
            side: reader.side,
            is_validated: reader.is_validated,
        };
        if is_strict {
            reader.side = Side::Request;
            reader.is_validated = false;
        }
        attempt
    }

    /// Ends the attempt after the value.
    pub(in crate::codec) fn accept(self, reader: &mut Reader<'_>) {
        reader.side = self.side;
        reader.is_validated = self.is_validated;
    }

    /// Ends the attempt before the value. The decoded values still count, so that nested attempts end.
    #[cold]
    pub(in crate::codec) fn refuse(self, reader: &mut Reader<'_>) {
        reader.at = self.at;
        reader.levels = self.levels;
        reader.most = self.most;
        reader.known = Lookahead::default();
        self.accept(reader);
    }
}

impl Reader<'_> {
    /// Consumes a string if it is next, and returns true. Otherwise consumes nothing.
    ///
    /// # Errors
    /// If the next value is a string that is not JSON.
    pub(in crate::codec) fn take_text(&mut self, text: &str) -> Result<bool, Violation> {
        let before = self.at;
        let is_equal = self.text()? == text;
        if !is_equal {
            self.at = before;
        }
        Ok(is_equal)
    }
}
