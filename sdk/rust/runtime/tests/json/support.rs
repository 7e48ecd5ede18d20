//! Decodes complete texts.

use natsgen_runtime::{Decode, Limits, Reader};
use natsgen_runtime::{Side, Violation};

/// Decodes the complete text with `read`.
pub(crate) fn all<'a, T>(
    text: &'a str,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, Violation>,
) -> Result<T, String> {
    within(text, Limits::default(), read)
}

pub(crate) fn within<'a, T>(
    text: &'a str,
    limits: Limits,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, Violation>,
) -> Result<T, String> {
    let mut reader = Reader::new(text, Side::Request).limits(limits);
    read(&mut reader)
        .and_then(|value| reader.finish().map(|()| value))
        .map_err(|violation| violation.to_string())
}

pub(crate) fn decode<'a, T: Decode<'a>>(text: &'a str) -> Result<T, String> {
    all(text, T::decode)
}

#[track_caller]
pub(crate) fn check<'a, T: Decode<'a> + PartialEq + std::fmt::Debug>(
    text: &'a str,
    expected: Result<T, &str>,
) {
    assert_eq!(decode::<T>(text), expected.map_err(str::to_owned), "{text}");
}
