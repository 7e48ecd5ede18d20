//! Messages that are as large as a good one and wrong in one place.

/// Most places of a message that are tried.
const PLACES: usize = 64;

/// The good message with one place wrong: a number that is negative, a word that is another, a text with a line feed in
/// it. Some places take that; whoever measures asks the decoder.
pub(super) fn all(good: &[u8]) -> Vec<Vec<u8>> {
    let places = places(good);
    let step = places.len().div_ceil(PLACES).max(1);
    // The last place counts most: everything before it was read in vain.
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

/// Where something can be replaced, and by what.
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
