//! Reads JSON text, one value after the other, and checks on the way.

use std::borrow::Cow;
use std::str::Utf8Error;

use super::limits::Limits;
use super::lookahead::Lookahead;
use super::value::{AnyValue, ValueRef};
use crate::codec::side::Side;
use crate::codec::violation::Violation;

/// Reads JSON text from front to back. Every method reads the value that is next, with the white space before it, or
/// says what is wrong with it: after an error there is nothing more to be read.
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
    /// What is read; empty if there is too much of it.
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// How many more levels may be entered.
    pub(super) levels: u32,
    /// How many more values may be read.
    pub(super) values: u32,
    /// How many items or members the list or object that is next may have.
    pub(super) most: usize,
    pub(super) side: Side,
    /// Whether an assertion validates a value around the next one.
    pub(super) is_validated: bool,
    pub(super) limits: Limits,
    pub(super) whole: &'a str,
    /// What was looked at ahead.
    pub(super) known: Lookahead,
    /// Where texts with escapes are put together; kept from one to the next.
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
    /// A text.
    Text,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl<'a> Reader<'a> {
    /// Reads a text within the [default limits](Limits::default).
    #[inline]
    #[must_use]
    pub fn new(text: &'a str, side: Side) -> Self {
        Self::within(text, side, Limits::default())
    }

    /// Reads bytes within the [default limits](Limits::default).
    ///
    /// # Errors
    /// When they are not UTF-8.
    #[inline]
    pub fn from_bytes(bytes: &'a [u8], side: Side) -> Result<Self, Violation> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(text, side)),
            Err(error) => Err(not_utf8(error)),
        }
    }

    /// Reads the same text from its beginning, within other limits.
    #[inline]
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
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

    /// Ends the reading.
    ///
    /// # Errors
    /// When anything but white space is left.
    #[inline]
    pub fn finish(mut self) -> Result<(), Violation> {
        self.ahead();
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(self.syntax("trailing characters", self.at))
        }
    }

    /// Where the text is read.
    #[must_use]
    pub fn side(&self) -> Side {
        self.side
    }

    /// The type of the value that is next, as its first byte tells.
    ///
    /// # Errors
    /// When no value begins here.
    #[inline]
    pub fn peek(&mut self) -> Result<Kind, Violation> {
        match self.ahead() {
            b'n' => Ok(Kind::Null),
            b't' | b'f' => Ok(Kind::Bool),
            b'-' | b'0'..=b'9' => Ok(Kind::Number),
            b'"' => Ok(Kind::Text),
            b'[' => Ok(Kind::Array),
            b'{' => Ok(Kind::Object),
            _ => Err(self.no_value()),
        }
    }

    /// Reads `null` if it is next, and nothing otherwise.
    #[inline]
    pub fn take_null(&mut self) -> bool {
        self.ahead() == b'n' && self.take("null")
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// When the value is anything else.
    #[inline]
    pub fn bool(&mut self) -> Result<bool, Violation> {
        match self.ahead() {
            b't' if self.take("true") => Ok(true),
            b'f' if self.take("false") => Ok(false),
            _ => Err(self.mistyped("expected true or false")),
        }
    }

    /// Reads a text: borrowed, unless it has escapes.
    ///
    /// # Errors
    /// When the value is anything else.
    #[inline]
    pub fn text(&mut self) -> Result<Cow<'a, str>, Violation> {
        match self.plain() {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.odd_text(),
        }
    }

    /// Reads any value.
    ///
    /// # Errors
    /// When it is not JSON, has duplicate keys, or is beyond the limits.
    #[inline]
    pub fn json(&mut self) -> Result<ValueRef<'a>, Violation> {
        self.any_value()
    }

    /// Reads over a value. Duplicate keys are no matter here; all else is.
    ///
    /// # Errors
    /// When it is not JSON, or beyond the limits.
    pub fn skip(&mut self) -> Result<(), Violation> {
        match self.ahead() {
            b'"' => self.skip_text(),
            b'{' => self.object(|reader, _| reader.skip()),
            b'[' => self.array(|reader, _| reader.skip()),
            b'-' | b'0'..=b'9' => self.skip_number(),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => Err(self.no_value()),
        }
    }

    /// Begins the value that an assertion validates. Returns its start, unless it is inside such a value.
    pub(in crate::codec) fn begin_validated(&mut self) -> Option<usize> {
        if self.is_validated {
            return None;
        }
        self.ahead();
        self.is_validated = true;
        Some(self.at)
    }

    /// Ends the value that began at `start`. Returns a reader over its text.
    pub(in crate::codec) fn end_validated(&mut self, start: usize) -> Self {
        self.is_validated = false;
        let text = self.text.get(start..self.at).unwrap_or_default();
        Self::within(text, self.side, self.limits)
    }

    /// Reads any value, with texts of the kind asked for.
    pub(super) fn any_value<S>(&mut self) -> Result<AnyValue<S>, Violation>
    where
        S: AsRef<str> + From<Cow<'a, str>>,
    {
        match self.ahead() {
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
            b't' => self.word("true").map(|()| AnyValue::Bool(true)),
            b'f' => self.word("false").map(|()| AnyValue::Bool(false)),
            b'n' => self.word("null").map(|()| AnyValue::Null),
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
