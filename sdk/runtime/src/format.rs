//! Formats of texts that are enforced.

use std::fmt;
use std::ops::RangeInclusive;

use jiff::civil::Date;

/// A text format that is enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// A date and time of RFC 3339 section 5.6.
    DateTime,
    /// A UUID of RFC 4122, with hyphens, in any case.
    Uuid,
}

impl Format {
    /// Whether `text` is of this format.
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::DateTime => date_time(text).is_some(),
            Self::Uuid => is_uuid(text),
        }
    }
}

impl fmt::Display for Format {
    /// What people call a text of this format, e.g. `a UUID`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DateTime => "a date and time of RFC 3339",
            Self::Uuid => "a UUID",
        })
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Reads `1985-04-12T23:20:50.52Z`. jiff alone would take more than RFC 3339 allows, so it only judges the date.
fn date_time(text: &str) -> Option<()> {
    let bytes = text.as_bytes();
    let separators: [(usize, &[u8]); 5] =
        [(4, b"-"), (7, b"-"), (10, b"Tt"), (13, b":"), (16, b":")];
    let has_separators = separators
        .iter()
        .all(|(index, any)| bytes.get(*index).is_some_and(|b| any.contains(b)));
    if !has_separators {
        return None;
    }
    let year = number(bytes, 0..=3)?;
    let (month, day) = (number(bytes, 5..=6)?, number(bytes, 8..=9)?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let (hour, minute) = (number(bytes, 11..=12)?, number(bytes, 14..=15)?);
    let second = number(bytes, 17..=18)?;
    let offset = offset(fraction(&bytes[19..])?)?;
    // A leap second is the last one of a day of UTC.
    let is_last_minute = (hour * 60 + minute - offset).rem_euclid(24 * 60) == 23 * 60 + 59;
    let last_second = if is_last_minute { 60 } else { 59 };
    (hour <= 23 && minute <= 59 && second <= last_second).then_some(())
}

/// What follows the fraction of a second, if there is one, it must have digits.
fn fraction(rest: &[u8]) -> Option<&[u8]> {
    let Some(fraction) = rest.strip_prefix(b".") else {
        return Some(rest);
    };
    let digits = fraction
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (digits > 0).then(|| &fraction[digits..])
}

/// The offset from UTC in minutes.
fn offset(rest: &[u8]) -> Option<i16> {
    let sign = match rest {
        [b'Z' | b'z'] => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let has_form = rest.len() == 6 && rest[3] == b':';
    let (hours, minutes) = (number(rest, 1..=2)?, number(rest, 4..=5)?);
    (has_form && hours <= 23 && minutes <= 59).then(|| sign * (hours * 60 + minutes))
}

fn number(bytes: &[u8], range: RangeInclusive<usize>) -> Option<i16> {
    bytes.get(range)?.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + i16::from(byte - b'0'))
    })
}
