//! Messages of the size of a valid message with an error at a single place.

/// The largest number of places to try in a message.
const PLACES: usize = 64;

/// The valid message with a single change: a negative number, another literal, or a line feed inside a string. Some
/// changes are valid, so the caller must filter them by the decoder.
pub(super) fn all(good: &[u8]) -> Vec<Vec<u8>> {
    let places = places(good);
    let step = places.len().div_ceil(PLACES).max(1);
    // The last place is the most expensive: the decoder has read all data before it.
    let last = places.last().copied();
    let chosen = places.iter().copied().step_by(step).chain(last);
    chosen
        .map(|(at, replacement)| {
            let mut bad = good.to_vec();
            bad[at..at + replacement.len()].copy_from_slice(replacement);
            bad
        })
        .collect()
}

/// The replaceable places, with their replacements.
fn places(good: &[u8]) -> Vec<(usize, &'static [u8])> {
    let mut found: Vec<(usize, &'static [u8])> = Vec::new();
    for at in 1..good.len() {
        match (good[at - 1], &good[at..]) {
            (b':' | b',' | b'[', [b't', b'r', b'u', b'e', ..]) => found.push((at, b"null")),
            (b':' | b',' | b'[', [b'f', b'a', b'l', b's', b'e', ..]) => {
                found.push((at, b"\"fal\""));
            }
            (b':' | b',' | b'[', [b'0'..=b'9', b'0'..=b'9', ..]) => found.push((at, b"-")),
            (b'"', [b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9', ..]) => found.push((at, b"\n")),
            _ => {}
        }
    }
    found
}
