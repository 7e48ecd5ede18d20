//! Decodes numbers.

use super::number::{Number, float, integer_of};
use super::reader::Reader;
use crate::codec::reason;
use crate::codec::violation::Violation;

/// The powers of ten that a float represents exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The number of digits that always fit into 64 bits.
const SAFE_DIGITS: usize = 19;

/// The number of digits of an integer that a float always represents exactly.
const EXACT_DIGITS: usize = 15;

const ROUNDED: &str = "expected a number that 64-bit floating point represents exactly";

/// The parts of a number's text.
struct Literal<'a> {
    text: &'a str,
    is_negative: bool,
    /// All digits before the exponent as an integer. The value is correct for up to [`SAFE_DIGITS`] digits.
    mantissa: u64,
    digits: usize,
    /// The number of digits after the decimal point.
    fraction: usize,
    has_point: bool,
    has_exponent: bool,
}

impl Literal<'_> {
    /// Returns the nearest float, if it is finite.
    fn float(&self) -> Option<f64> {
        let is_exact = !self.has_exponent && self.digits <= SAFE_DIGITS && self.mantissa <= 1 << 53;
        if let (true, Some(power)) = (is_exact, POWERS.get(self.fraction)) {
            let value = float(self.mantissa) / power;
            return Some(if self.is_negative { -value } else { value });
        }
        self.text
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
    }

    /// Returns the integer, if the number has no point and no exponent and fits into 64 bits.
    fn integer(&self) -> Option<Number> {
        if self.has_point || self.has_exponent {
            return None;
        }
        if !self.is_negative {
            return if self.digits <= SAFE_DIGITS {
                Some(Number::Unsigned(self.mantissa))
            } else {
                self.text.parse().ok().map(Number::Unsigned)
            };
        }
        let value = self.text.parse().ok();
        // Minus zero is not an integer of Rust.
        value.filter(|value| *value != 0).map(Number::Signed)
    }

    /// Whether the number is an integer of up to 64 bits that differs from its nearest float.
    #[cold]
    fn is_rounded(&self, float: f64) -> bool {
        self.integer()
            .is_some_and(|integer| integer != Number::Float(float))
    }
}

impl<'a> Reader<'a> {
    /// Decodes an integer from `min` to `max`. `1.0` and `1e2` are integers.
    ///
    /// # Errors
    /// If the value is not such an integer.
    #[inline]
    pub fn unsigned(&mut self, min: u64, max: u64) -> Result<u64, Violation> {
        let first = self.next_byte();
        let (value, end) = digits(self.bytes(), self.at());
        let count = end - self.at();
        let is_plain = count.wrapping_sub(1) < SAFE_DIGITS
            && (first != b'0' || count == 1)
            && !has_more_parts(self.bytes(), end);
        if is_plain && value >= min && value <= max {
            self.go_to(end);
            return Ok(value);
        }
        let value = self.whole(i128::from(min), i128::from(max))?;
        // The bounds are within the type, so the conversion cannot fail.
        Ok(u64::try_from(value).unwrap_or(max))
    }

    /// Decodes an integer from `min` to `max`. `1.0` and `1e2` are integers.
    ///
    /// # Errors
    /// If the value is not such an integer.
    #[inline]
    pub fn signed(&mut self, min: i64, max: i64) -> Result<i64, Violation> {
        let is_negative = self.next_byte() == b'-';
        let start = self.at() + usize::from(is_negative);
        let (value, end) = digits(self.bytes(), start);
        let count = end - start;
        let is_plain = count.wrapping_sub(1) < SAFE_DIGITS - 1
            && (count == 1 || self.bytes().get(start) != Some(&b'0'))
            && !has_more_parts(self.bytes(), end);
        if let (true, Ok(value)) = (is_plain, i64::try_from(value)) {
            let value = if is_negative { -value } else { value };
            if value >= min && value <= max {
                self.go_to(end);
                return Ok(value);
            }
        }
        let value = self.whole(i128::from(min), i128::from(max))?;
        // The bounds are within the type, so the conversion cannot fail.
        Ok(i64::try_from(value).unwrap_or(max))
    }

    /// Decodes a number. An integer of up to 64 bits must be exact as a float, so that the written number equals it. All
    /// other numbers are rounded to the nearest float.
    ///
    /// # Errors
    /// If the value is not a number, the nearest float is not finite, or an integer would be rounded.
    pub fn number(&mut self) -> Result<f64, Violation> {
        if !matches!(self.next_byte(), b'-' | b'0'..=b'9') {
            return Err(self.mistyped("expected a number"));
        }
        let literal = self.literal()?;
        let value = literal.float().ok_or_else(|| self.out_of_range(&literal))?;
        if literal.digits > EXACT_DIGITS && literal.is_rounded(value) {
            return Err(Violation::new(ROUNDED));
        }
        self.go_to(self.at() + literal.text.len());
        Ok(value)
    }

    /// Decodes the next number into the matching variant.
    pub(super) fn any_number(&mut self) -> Result<Number, Violation> {
        let literal = self.literal()?;
        let number = literal
            .integer()
            .or_else(|| literal.float().map(Number::Float))
            .ok_or_else(|| self.out_of_range(&literal))?;
        self.go_to(self.at() + literal.text.len());
        Ok(number)
    }

    /// Skips the next number.
    pub(super) fn skip_number(&mut self) -> Result<(), Violation> {
        let literal = self.literal()?;
        // A shorter number without an exponent always fits into a float.
        let may_overflow = literal.has_exponent || literal.digits > 300;
        if may_overflow && literal.float().is_none() {
            return Err(self.out_of_range(&literal));
        }
        self.go_to(self.at() + literal.text.len());
        Ok(())
    }

    /// Decodes an integer in any notation.
    #[cold]
    #[inline(never)]
    fn whole(&mut self, min: i128, max: i128) -> Result<i128, Violation> {
        if !matches!(self.next_byte(), b'-' | b'0'..=b'9') {
            return Err(self.mistyped(reason::integer(min, max)));
        }
        let literal = self.literal()?;
        // Most numbers here are plain integers out of range.
        let plain = literal.text.parse().ok();
        if plain.is_none() && literal.float().is_none() {
            return Err(self.out_of_range(&literal));
        }
        let value = plain
            .or_else(|| integer_of(literal.text))
            .filter(|value| (min..=max).contains(value))
            .ok_or_else(|| Violation::new(reason::integer(min, max)))?;
        self.go_to(self.at() + literal.text.len());
        Ok(value)
    }

    /// Scans the next number.
    fn literal(&self) -> Result<Literal<'a>, Violation> {
        let bytes = self.bytes();
        let is_negative = self.byte() == Some(b'-');
        let start = self.at() + usize::from(is_negative);
        let (whole, mut end) = digits(bytes, start);
        let has_leading_zero = bytes.get(start) == Some(&b'0') && end > start + 1;
        if end == start {
            return Err(self.no_digit(end));
        }
        if has_leading_zero {
            return Err(self.syntax("invalid number", start + 1));
        }
        let (mut mantissa, mut digit_count, mut fraction) = (whole, end - start, 0);
        let has_point = bytes.get(end) == Some(&b'.');
        if has_point {
            let (behind, fraction_end) = digits_behind(bytes, end + 1, mantissa);
            fraction = fraction_end - end - 1;
            if fraction == 0 {
                return Err(self.no_digit(fraction_end));
            }
            mantissa = behind;
            digit_count += fraction;
            end = fraction_end;
        }
        let has_exponent = matches!(bytes.get(end), Some(b'e' | b'E'));
        if has_exponent {
            let has_sign = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
            let exponent = end + 1 + usize::from(has_sign);
            end = digits(bytes, exponent).1;
            if end == exponent {
                return Err(self.no_digit(end));
            }
        }
        Ok(Literal {
            text: self.source().get(self.at()..end).unwrap_or_default(),
            is_negative,
            mantissa,
            digits: digit_count,
            fraction,
            has_point,
            has_exponent,
        })
    }

    #[cold]
    #[inline(never)]
    fn no_digit(&self, at: usize) -> Violation {
        let what = if at < self.bytes().len() {
            "invalid number"
        } else {
            "EOF while parsing a value"
        };
        self.syntax(what, at)
    }

    #[cold]
    #[inline(never)]
    fn out_of_range(&self, literal: &Literal<'_>) -> Violation {
        self.syntax("number out of range", self.at() + literal.text.len() - 1)
    }
}

/// Reads the digits at `at`. Returns their value, which is correct for up to [`SAFE_DIGITS`] digits, and the position
/// after them.
#[inline]
fn digits(bytes: &[u8], at: usize) -> (u64, usize) {
    digits_behind(bytes, at, 0)
}

#[inline]
fn digits_behind(bytes: &[u8], mut at: usize, mut value: u64) -> (u64, usize) {
    while let Some(byte) = bytes.get(at) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    (value, at)
}

/// Returns true if the number continues after its first digits.
#[inline]
fn has_more_parts(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), Some(b'.' | b'e' | b'E'))
}
