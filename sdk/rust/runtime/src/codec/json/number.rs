//! Numbers and integers.

use std::cmp::Ordering;
use std::fmt;

/// A JSON number, classified like in `serde_json`. Equality compares the values, independent of the variant: `1` equals
/// `1.0`.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// An integer that is not negative.
    Unsigned(u64),
    /// A negative integer.
    Signed(i64),
    /// Any other number. It must be finite to be encoded.
    Float(f64),
}

impl Number {
    /// Returns the nearest float.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        match *self {
            Self::Unsigned(value) => float(value),
            Self::Signed(value) if value < 0 => -float(value.unsigned_abs()),
            Self::Signed(value) => float(value.unsigned_abs()),
            Self::Float(value) => value,
        }
    }

    /// Returns the integer value, also of `1.0`. Returns `None` for other numbers and for integers beyond 127 bits.
    #[must_use]
    pub fn as_integer(&self) -> Option<i128> {
        match *self {
            Self::Unsigned(value) => Some(value.into()),
            Self::Signed(value) => Some(value.into()),
            Self::Float(value) => integer_in(value),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Float(left), Self::Float(right)) => {
                left.partial_cmp(right) == Some(Ordering::Equal)
            }
            // At least one side is an integer of 64 bits, so an equal integer is not beyond 127 bits.
            _ => self.as_integer().is_some() && self.as_integer() == other.as_integer(),
        }
    }
}

impl fmt::Display for Number {
    /// Writes JSON. A float that is not finite becomes `null`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned(value) => value.fmt(f),
            Self::Signed(value) => value.fmt(f),
            Self::Float(value) if value.is_finite() => {
                f.write_str(zmij::Buffer::new().format_finite(*value))
            }
            Self::Float(_) => f.write_str("null"),
        }
    }
}

/// Returns the float nearest to an integer. Both halves and the product are exact; only the sum is rounded.
#[inline]
pub(super) fn float(value: u64) -> f64 {
    let half = |bits: u64| f64::from(u32::try_from(bits).unwrap_or_default());
    let (high, low) = (half(value >> 32), half(value & 0xffff_ffff));
    high * 4_294_967_296.0 + low
}

/// Returns the integer value of a float, unless it has a fraction or is beyond 127 bits.
fn integer_in(value: f64) -> Option<i128> {
    const FRACTION_BITS: u64 = 52;
    let bits = value.to_bits();
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let exponent = (bits >> FRACTION_BITS) & 0x7ff;
    if exponent == 0 {
        return (fraction == 0).then_some(0);
    }
    let mantissa = i128::from(fraction | (1 << FRACTION_BITS));
    // The value is mantissa * 2^(exponent - 1075).
    let magnitude = if let Some(up) = exponent.checked_sub(1075) {
        (up <= 74).then(|| mantissa << up)?
    } else {
        let down = 1075 - exponent;
        let is_whole = down <= FRACTION_BITS && u64::from(mantissa.trailing_zeros()) >= down;
        is_whole.then(|| mantissa >> down)?
    };
    Some(if value < 0.0 { -magnitude } else { magnitude })
}

/// Returns the integer value of a JSON number, unless it has a fraction or more than 38 digits.
pub(super) fn integer_of(text: &str) -> Option<i128> {
    const DIGITS: usize = 38;
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    // An exponent beyond its type means that the number is too large or too small for an integer.
    let exponent: i64 = exponent.parse().ok()?;
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    let fraction = i64::try_from(fraction.len()).ok()?;
    let zeros = usize::try_from(exponent.checked_add(zeros)?.checked_sub(fraction)?).ok()?;
    if significant.len() > DIGITS || zeros > DIGITS - significant.len() {
        return None;
    }
    let value: i128 = format!("{significant}{:0<zeros$}", "").parse().ok()?;
    Some(if is_negative { -value } else { value })
}
