//! Numbers of documents: JSON distinguishes `2` and `2.0`, but JSON Schema does not.

use serde_json::{Number, Value as Json};

/// The number as an integer of 64 bits, if it is such an integer; `2.0` is an integer.
#[must_use]
pub fn whole(json: &Json) -> Option<i128> {
    let (floor, exact) = floor(json.as_number()?);
    let machine = i128::from(i64::MIN)..=i128::from(u64::MAX);
    (exact && machine.contains(&floor)).then_some(floor)
}

/// The greatest integer that is not above a number, and whether it equals the number.
pub(crate) fn floor(number: &Number) -> (i128, bool) {
    let exact = number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from));
    match (exact, number.as_f64()) {
        (Some(exact), _) => (exact, true),
        (None, float) => {
            let float = float.unwrap_or_default();
            let end = if float < 0.0 { i128::MIN } else { i128::MAX };
            let floor = format!("{:.0}", float.floor()).parse().unwrap_or(end);
            (floor, float.fract() == 0.0)
        }
    }
}
