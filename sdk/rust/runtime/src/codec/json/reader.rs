//! Decodes and validates JSON text.

use std::borrow::Cow;
use std::str::Utf8Error;

use super::limits::Limits;
use super::lookahead::Lookahead;
use super::value::{AnyValue, ValueRef};
use crate::codec::side::Side;
use crate::codec::violation::Violation;

/// Decodes JSON text from start to end. Each method decodes the next value, including the white space before it, or
/// returns a violation. After a violation the reader must not be used.
///
/// ```
/// use natsgen_runtime::{Reader, Side};
///
/// let mut reader = Reader::new(r#"{"name": "tea", "cups": [1, 2.0]}"#, Side::Request);
/// let (mut name, mut cups) = (None, 0);
/// reader.object(|reader, key| match &*key {
///     "name" => Ok(name = Some(reader.text()?)),
///     "cups" => reader.array(|reader, _| Ok(cups += reader.unsigned(0, 9)?)),
///     _ => reader.skip(),
/// })?;
/// reader.finish()?;
/// assert_eq!((name.as_deref(), cups), (Some("tea"), 3));
///
/// let mut reader = Reader::new(r#"{"cups": [1, 70]}"#, Side::Request);
/// let error = reader
///     .object(|reader, _| reader.array(|reader, _| reader.unsigned(0, 9).map(drop)))
///     .unwrap_err();
/// assert_eq!(error.to_string(), "expected an integer from 0 to 9 at /cups/1");
/// # Ok::<(), natsgen_runtime::Violation>(())
/// ```
#[derive(Debug)]
pub struct Reader<'a> {
    /// The text; empty if it exceeds the length limit.
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// The number of further levels that are allowed.
    pub(super) levels: u32,
    /// The number of further values that are allowed.
    pub(super) values: u32,
    /// The maximum number of items or members of the next array or object.
    pub(super) most: usize,
    pub(super) side: Side,
    /// Whether an assertion validates a value that contains the next value.
    pub(super) is_validated: bool,
    pub(super) limits: Limits,
    pub(super) whole: &'a str,
    /// The positions that a lookahead has scanned.
    pub(super) known: Lookahead,
    /// The buffer for strings with escapes, reused for each string.
    pub(super) room: Vec<u8>,
}

/// The type of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// The type of the value that begins with this byte.
    pub(in crate::codec) const fn of_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            b'n' => Self::Null,
            b't' | b'f' => Self::Bool,
            b'-' | b'0'..=b'9' => Self::Number,
            b'"' => Self::Text,
            b'[' => Self::Array,
            b'{' => Self::Object,
            _ => return None,
        })
    }
}

impl<'a> Reader<'a> {
    /// Creates a reader with the [default limits](Limits::default).
    #[inline]
    #[must_use]
    pub fn new(text: &'a str, side: Side) -> Self {
        Self::within(text, side, Limits::default())
    }

    /// Creates a reader for bytes with the [default limits](Limits::default).
    ///
    /// # Errors
    /// If the bytes are not UTF-8.
    #[inline]
    pub fn from_bytes(bytes: &'a [u8], side: Side) -> Result<Self, Violation> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(text, side)),
            Err(error) => Err(not_utf8(error)),
        }
    }

    /// Restarts at the beginning of the text with other limits.
    #[inline]
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self::within(self.whole, self.side, limits)
    }

    #[inline]
    fn within(whole: &'a str, side: Side, limits: Limits) -> Self {
        let depth = limits.depth.min(Limits::DEEPEST);
        let is_too_long = whole.len() > limits.length;
        Self {
            text: if is_too_long { "" } else { whole },
            at: 0,
            levels: depth,
            values: limits.count,
            most: usize::MAX,
            side,
            is_validated: false,
            limits: Limits { depth, ..limits },
            whole,
            known: Lookahead::default(),
            room: Vec::new(),
        }
    }

    /// Completes the reading.
    ///
    /// # Errors
    /// If the rest of the text is not white space.
    #[inline]
    pub fn finish(mut self) -> Result<(), Violation> {
        self.next_byte();
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(self.syntax("trailing characters", self.at))
        }
    }

    /// Returns the side that reads the text.
    #[must_use]
    pub fn side(&self) -> Side {
        self.side
    }

    /// Returns the type of the next value, determined by its first byte.
    ///
    /// # Errors
    /// If no value starts with this byte.
    #[inline]
    pub fn peek(&mut self) -> Result<Kind, Violation> {
        Kind::of_byte(self.next_byte()).ok_or_else(|| self.no_value())
    }

    /// Consumes `null` if it is next, and returns true. Otherwise consumes nothing.
    #[inline]
    pub fn take_null(&mut self) -> bool {
        self.next_byte() == b'n' && self.take("null")
    }

    /// Decodes `true` or `false`.
    ///
    /// # Errors
    /// If the value is not a boolean.
    #[inline]
    pub fn bool(&mut self) -> Result<bool, Violation> {
        match self.next_byte() {
            b't' if self.take("true") => Ok(true),
            b'f' if self.take("false") => Ok(false),
            _ => Err(self.mistyped("expected true or false")),
        }
    }

    /// Decodes a string. It is borrowed, unless it has escapes.
    ///
    /// # Errors
    /// If the value is not a string.
    #[inline]
    pub fn text(&mut self) -> Result<Cow<'a, str>, Violation> {
        match self.plain() {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.odd_text(),
        }
    }

    /// Decodes any value.
    ///
    /// # Errors
    /// If the text is not JSON, has duplicate keys, or exceeds a limit.
    #[inline]
    pub fn json(&mut self) -> Result<ValueRef<'a>, Violation> {
        self.any_value()
    }

    /// Skips a value. Duplicate keys are allowed here; everything else is validated.
    ///
    /// # Errors
    /// If the text is not JSON, or exceeds a limit.
    pub fn skip(&mut self) -> Result<(), Violation> {
        match self.next_byte() {
            b'"' => self.skip_text(),
            b'{' => self.object(|reader, _| reader.skip()),
            b'[' => self.array(|reader, _| reader.skip()),
            b'-' | b'0'..=b'9' => self.skip_number(),
            b't' => self.literal_word("true"),
            b'f' => self.literal_word("false"),
            b'n' => self.literal_word("null"),
            _ => Err(self.no_value()),
        }
    }

    /// Skips a value like [`skip`](Self::skip), and returns its text.
    #[cfg(feature = "http")]
    pub(crate) fn raw(&mut self) -> Result<&'a str, Violation> {
        self.next_byte();
        let start = self.at;
        self.skip()?;
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    /// Begins the value that an assertion validates. Returns its start, unless it is inside such a value.
    pub(in crate::codec) fn begin_validated(&mut self) -> Option<usize> {
        if self.is_validated {
            return None;
        }
        self.next_byte();
        self.is_validated = true;
        Some(self.at)
    }

    /// Ends the value that began at `start`. Returns a reader over its text.
    pub(in crate::codec) fn end_validated(&mut self, start: usize) -> Self {
        self.is_validated = false;
        let text = self.text.get(start..self.at).unwrap_or_default();
        Self::within(text, self.side, self.limits)
    }

    /// Decodes any value, with strings of type `S`.
    pub(super) fn any_value<S>(&mut self) -> Result<AnyValue<S>, Violation>
    where
        S: AsRef<str> + From<Cow<'a, str>>,
    {
        match self.next_byte() {
            b'"' => Ok(AnyValue::Text(S::from(self.quoted()?))),
            b'{' => self.any_map().map(AnyValue::Object),
            b'[' => {
                let mut items = Vec::new();
                self.array(|reader, _| {
                    items.push(reader.any_value()?);
                    Ok(())
                })?;
                Ok(AnyValue::Array(items))
            }
            b'-' | b'0'..=b'9' => self.any_number().map(AnyValue::Number),
            b't' => self.literal_word("true").map(|()| AnyValue::Bool(true)),
            b'f' => self.literal_word("false").map(|()| AnyValue::Bool(false)),
            b'n' => self.literal_word("null").map(|()| AnyValue::Null),
            _ => Err(self.no_value()),
        }
    }
}

#[cold]
#[inline(never)]
fn not_utf8(error: Utf8Error) -> Violation {
    let place = error.valid_up_to() + 1;
    Violation::of_text(format!("expected UTF-8 at byte {place}"))
}
