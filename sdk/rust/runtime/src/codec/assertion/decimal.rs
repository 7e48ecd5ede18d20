//! A number in a schema, compared exactly.

use std::cmp::Ordering;

use crate::codec::json::Number;

/// A number in a schema, of any size and precision.
///
/// The comparison with a number of a message is exact. A number with a fraction counts as the shortest decimal with the
/// same binary value.
#[derive(Clone, Copy, Debug)]
pub struct Decimal<'s> {
    text: &'s str,
    /// The value, if the text has no point and no exponent and the value fits.
    whole: Option<i128>,
    /// The nearest binary float, if it can be computed with a single rounding.
    nearest: Option<f64>,
}

impl<'s> Decimal<'s> {
    /// Creates a number from its JSON text.
    ///
    /// # Panics
    /// If the text is not a JSON number. In a constant or a static this is a compile error.
    #[must_use]
    pub const fn new(text: &'s str) -> Self {
        assert!(is_number(text.as_bytes()), "not a number of JSON");
        Self {
            text,
            whole: whole(text.as_bytes()),
            nearest: nearest(text.as_bytes()),
        }
    }

    /// Returns the text in the schema.
    pub(super) const fn as_str(self) -> &'s str {
        self.text
    }

    /// Compares `number` with this number.
    pub(super) fn compare(self, number: Number) -> Ordering {
        if let (Some(whole), Some(number)) = (self.whole, integer(number)) {
            return number.cmp(&whole);
        }
        // Two decimals have the same order as their nearest floats, unless these are equal.
        let by_nearest = self
            .nearest
            .and_then(|nearest| number.as_f64().partial_cmp(&nearest));
        match by_nearest {
            Some(order @ (Ordering::Less | Ordering::Greater)) => order,
            _ => Exact::read(&written(number)).compare(&Exact::read(self.text)),
        }
    }

    /// Returns true if `number` is a multiple of this number.
    pub(super) fn divides(self, number: Number) -> bool {
        if let (Some(whole), Some(number)) = (self.whole, integer(number))
            && whole != 0
        {
            return number % whole == 0;
        }
        let text = written(number);
        Exact::read(&text).is_multiple_of(&Exact::read(self.text))
    }
}

const fn is_number(text: &[u8]) -> bool {
    let text = match text {
        [b'-', rest @ ..] => rest,
        _ => text,
    };
    let text = match behind_digits(text) {
        Some([b'.', fraction @ ..]) => behind_digits(fraction),
        behind => behind,
    };
    let text = match text {
        Some([b'e' | b'E', b'+' | b'-', power @ ..] | [b'e' | b'E', power @ ..]) => {
            behind_digits(power)
        }
        behind => behind,
    };
    matches!(text, Some([]))
}

/// Returns the rest after at least 1 digit.
const fn behind_digits(text: &[u8]) -> Option<&[u8]> {
    let mut behind = text;
    while let [b'0'..=b'9', rest @ ..] = behind {
        behind = rest;
    }
    if behind.len() < text.len() {
        Some(behind)
    } else {
        None
    }
}

const fn whole(text: &[u8]) -> Option<i128> {
    // 38 digits fit into an `i128`.
    if text.is_empty() || text.len() > 38 {
        return None;
    }
    let is_negative = text[0] == b'-';
    let mut index = if is_negative { 1 } else { 0 };
    let mut whole = 0;
    while index < text.len() {
        if !text[index].is_ascii_digit() {
            return None;
        }
        whole = whole * 10 + (text[index] - b'0') as i128;
        index += 1;
    }
    Some(if is_negative { -whole } else { whole })
}

/// Returns the float nearest to a short decimal without an exponent. Numerator and denominator are exact.
const fn nearest(text: &[u8]) -> Option<f64> {
    const DIGITS: [f64; 10] = [0., 1., 2., 3., 4., 5., 6., 7., 8., 9.];
    // The digits are below 2^53, and the power of ten is below 10^22.
    if text.len() > 15 {
        return None;
    }
    let (mut value, mut unit, mut is_fraction) = (0.0, 1.0, false);
    let mut index = 0;
    while index < text.len() {
        match text[index] {
            b'-' => {}
            b'.' => is_fraction = true,
            digit @ b'0'..=b'9' => {
                value = value * 10.0 + DIGITS[(digit - b'0') as usize];
                if is_fraction {
                    unit *= 10.0;
                }
            }
            _ => return None,
        }
        index += 1;
    }
    let is_negative = !text.is_empty() && text[0] == b'-';
    Some(if is_negative {
        -value / unit
    } else {
        value / unit
    })
}

fn integer(number: Number) -> Option<i128> {
    match number {
        Number::Unsigned(number) => Some(number.into()),
        Number::Signed(number) => Some(number.into()),
        Number::Float(_) => None,
    }
}

fn written(number: Number) -> String {
    match number {
        Number::Unsigned(number) => number.to_string(),
        Number::Signed(number) => number.to_string(),
        Number::Float(number) => format!("{number:e}"),
    }
}

/// A decimal in normal form: `0.` followed by the digits, times ten to the power of `point`. The digits have no leading
/// and no trailing zeros; zero has no digits.
struct Exact {
    is_negative: bool,
    digits: Vec<u8>,
    point: i64,
}

impl Exact {
    fn read(text: &str) -> Self {
        let (is_negative, text) = text
            .strip_prefix('-')
            .map_or((false, text), |text| (true, text));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, fraction].concat().into_bytes();
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        let end = digits
            .iter()
            .rposition(|digit| *digit != b'0')
            .map_or(zeros, |last| last + 1);
        let point = power(exponent)
            .saturating_add_unsigned(whole.len() as u64)
            .saturating_sub_unsigned(zeros as u64);
        let digits: Vec<u8> = digits[zeros..end]
            .iter()
            .map(|digit| digit - b'0')
            .collect();
        Self {
            is_negative: is_negative && !digits.is_empty(),
            point: if digits.is_empty() { i64::MIN } else { point },
            digits,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        let by_size = || {
            self.point
                .cmp(&other.point)
                .then_with(|| self.digits.cmp(&other.digits))
        };
        match (self.is_negative, other.is_negative) {
            (false, false) => by_size(),
            (true, true) => by_size().reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }

    fn is_multiple_of(&self, divisor: &Self) -> bool {
        if self.digits.is_empty() {
            return true;
        }
        if divisor.digits.is_empty() {
            return false;
        }
        // Both numbers become integers: `zeros` is the number of zeros after the digits of this number. If the divisor
        // needed zeros instead, this number is not a multiple, because it does not end in a zero.
        let last = |number: &Self| {
            number
                .point
                .saturating_sub_unsigned(number.digits.len() as u64)
        };
        let Ok(zeros) = usize::try_from(last(self).saturating_sub(last(divisor))) else {
            return false;
        };
        // Each zero adds a factor of 2 and a factor of 5. The divisor has less than 4 such factors per digit.
        let zeros = zeros.min(4 * divisor.digits.len());
        let mut rest = Vec::with_capacity(divisor.digits.len() + 1);
        for digit in self
            .digits
            .iter()
            .copied()
            .chain(std::iter::repeat_n(0, zeros))
        {
            rest.push(digit);
            reduce(&mut rest, &divisor.digits);
        }
        rest.is_empty()
    }
}

/// Returns the exponent of a decimal, saturated if it does not fit.
fn power(text: &str) -> i64 {
    let limit = if text.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    };
    text.parse().unwrap_or(limit)
}

/// Subtracts `divisor` from `rest` as often as possible, at most 9 times. Both are decimal digits, and `rest` keeps no
/// leading zeros.
fn reduce(rest: &mut Vec<u8>, divisor: &[u8]) {
    trim(rest);
    while rest.len() > divisor.len() || (rest.len() == divisor.len() && rest.as_slice() >= divisor)
    {
        let mut borrow = 0;
        let padding = rest.len() - divisor.len();
        for index in (0..rest.len()).rev() {
            let taken = borrow
                + if index < padding {
                    0
                } else {
                    divisor[index - padding]
                };
            borrow = u8::from(rest[index] < taken);
            rest[index] = rest[index] + borrow * 10 - taken;
        }
        trim(rest);
    }
}

fn trim(digits: &mut Vec<u8>) {
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    digits.drain(..zeros);
}
