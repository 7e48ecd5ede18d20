//! Dates, times and durations of RFC 3339.

/// `1985-04-12T23:20:50.52Z`
pub(super) fn is_date_time(text: &str) -> bool {
    text.split_once(['T', 't'])
        .is_some_and(|(date, time)| is_date(date) && is_time(time))
}

/// `1985-04-12`
pub(super) fn is_date(text: &str) -> bool {
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text.as_bytes() else {
        return false;
    };
    let date = || {
        let year = number(&[y0, y1, y2, y3])?;
        let last = last_day(year, number(&[m0, m1])?)?;
        Some((1..=last).contains(&number(&[d0, d1])?))
    };
    date().unwrap_or(false)
}

/// The last day of a month, according to RFC 3339 appendix C.
const fn last_day(year: i16, month: i16) -> Option<i16> {
    let is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    Some(match month {
        2 if is_leap_year => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    })
}

/// `23:20:50.52Z`
pub(super) fn is_time(text: &str) -> bool {
    let [h0, h1, b':', m0, m1, b':', s0, s1, rest @ ..] = text.as_bytes() else {
        return false;
    };
    let time = || {
        let (hour, minute) = (number(&[*h0, *h1])?, number(&[*m0, *m1])?);
        let second = number(&[*s0, *s1])?;
        let offset = offset(fraction(rest)?)?;
        // A leap second is the last second of a UTC day.
        let is_last_minute = (hour * 60 + minute - offset).rem_euclid(24 * 60) == 23 * 60 + 59;
        let last_second = if is_last_minute { 60 } else { 59 };
        Some(hour <= 23 && minute <= 59 && second <= last_second)
    };
    time().unwrap_or(false)
}

/// `P1Y2M3DT4H5M6S` or `P7W`. The numbers are integers, and no unit between two other units may be missing.
pub(super) fn is_duration(text: &str) -> bool {
    let Some(text) = text.strip_prefix('P') else {
        return false;
    };
    match text.split_once('T') {
        Some((date, time)) => (date.is_empty() || has_units(date, "YMD")) && has_units(time, "HMS"),
        None => has_units(text, "YMD") || has_units(text, "W"),
    }
}

/// Returns true if `text` consists of numbers with consecutive units out of `units`, at least 1, in this order.
fn has_units(text: &str, units: &str) -> bool {
    let numbers = text.split_inclusive(|char: char| !char.is_ascii_digit());
    let is_number = |part: &str| part.len() > 1 && part.as_bytes()[0].is_ascii_digit();
    let (mut found, mut is_right) = (String::new(), !text.is_empty());
    for part in numbers {
        is_right &= is_number(part);
        found.extend(part.chars().next_back());
    }
    is_right && units.contains(&found)
}

/// The rest after the fraction of a second. A fraction must have digits.
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
    let (sign, rest) = match rest {
        b"Z" | b"z" => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let &[h0, h1, b':', m0, m1] = rest else {
        return None;
    };
    let (hours, minutes) = (number(&[h0, h1])?, number(&[m0, m1])?);
    (hours <= 23 && minutes <= 59).then(|| sign * (hours * 60 + minutes))
}

fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + i16::from(byte - b'0'))
    })
}
