//! Dates and times by RFC 3339.
//!
//! The conversions between days and dates are those of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".

use std::time::{Duration, SystemTime};

const DAY: i64 = 86_400;

/// The number of days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;

/// The number of days in 400 years.
const ERA: i64 = 146_097;

/// A formatted time.
pub(super) struct Formatted {
    text: [u8; 30],
    length: usize,
}

/// Parses a date and time, e.g. `2026-11-30T12:00:00.5+01:00`. Digits beyond nanoseconds are ignored. A leap second is the
/// same as the next second.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| number(bytes.get(from..to)?);
    let has = |at: usize, byte: u8| {
        bytes
            .get(at)
            .is_some_and(|found| found.eq_ignore_ascii_case(&byte))
    };
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    let is_form = has(4, b'-') && has(7, b'-') && has(10, b'T') && has(13, b':') && has(16, b':');
    let is_valid = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !is_form || !is_valid || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (nanos, zone) = fraction(bytes.get(19..)?)?;
    let offset = offset(zone)?;
    let minutes = (hour * 60 + minute) - offset;
    // Leap seconds are at the end of a day of UTC.
    if second == 60 && minutes.rem_euclid(24 * 60) != 24 * 60 - 1 {
        return None;
    }
    let seconds = days(year, month, day) * DAY + minutes * 60 + second;
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let whole = if seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(whole)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(whole)
    };
    whole?.checked_add(Duration::from_nanos(nanos))
}

/// Formats a time in UTC, with as many digits as needed. `None` outside of the years 0 to 9999.
pub(super) fn format(time: SystemTime) -> Option<Formatted> {
    let (seconds, nanos) = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => (i64::try_from(after.as_secs()).ok()?, after.subsec_nanos()),
        Err(before) => {
            let before = before.duration();
            let seconds = -i64::try_from(before.as_secs()).ok()?;
            match before.subsec_nanos() {
                0 => (seconds, 0),
                nanos => (seconds - 1, 1_000_000_000 - nanos),
            }
        }
    };
    let (year, month, day) = date(seconds.div_euclid(DAY));
    if !(0..=9999).contains(&year) {
        return None;
    }
    let second = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let mut text = *b"0000-00-00T00:00:00.000000000Z";
    put_digits(&mut text[..4], year);
    put_digits(&mut text[5..7], month);
    put_digits(&mut text[8..10], day);
    put_digits(&mut text[11..13], hour);
    put_digits(&mut text[14..16], minute);
    put_digits(&mut text[17..19], second);
    put_digits(&mut text[20..29], nanos.into());
    // Without zeros at the end, and without the point if all digits are zero.
    let digits = text[..29].iter().rposition(|byte| *byte != b'0')?;
    let length = if text[digits] == b'.' {
        digits
    } else {
        digits + 1
    };
    text[length] = b'Z';
    Some(Formatted {
        text,
        length: length + 1,
    })
}

impl Formatted {
    pub(super) fn as_str(&self) -> &str {
        // Digits and separators are ASCII.
        std::str::from_utf8(&self.text[..self.length]).unwrap_or_default()
    }
}

/// Writes a number in decimal digits over all of `text`. `format!` takes ten times as long.
fn put_digits(text: &mut [u8], mut value: i64) {
    for digit in text.iter_mut().rev() {
        *digit = b'0' + u8::try_from(value % 10).unwrap_or_default();
        value /= 10;
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |value, digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + i64::from(digit - b'0'))
    })
}

/// Splits the nanoseconds from the zone.
fn fraction(rest: &[u8]) -> Option<(u64, &[u8])> {
    let Some(digits) = rest.strip_prefix(b".") else {
        return Some((0, rest));
    };
    let count = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (digits, zone) = digits.split_at(count);
    let first = digits.iter().chain(std::iter::repeat(&b'0')).take(9);
    let nanos = first.fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
    (count > 0).then_some((nanos, zone))
}

/// Returns the offset of a zone in minutes.
fn offset(zone: &[u8]) -> Option<i64> {
    match zone {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), hour @ .., b':', tens, ones] if hour.len() == 2 => {
            let (hour, minute) = (number(hour)?, number(&[*tens, *ones])?);
            let minutes = hour * 60 + minute;
            let minutes = if *sign == b'-' { -minutes } else { minutes };
            (hour <= 23 && minute <= 59).then_some(minutes)
        }
        _ => None,
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the number of days from 1970-01-01 to a date. The year begins with March, so that a leap day is its last day.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * ERA + year * 365 + year / 4 - year / 100 + day - EPOCH
}

/// Returns the date of a number of days after 1970-01-01.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH;
    let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}
