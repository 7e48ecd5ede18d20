//! Running over the bytes of a text, eight at a time.

const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGHS: u64 = ONES << 7;

/// The place of the first byte from `at` on that does not stand for itself between quotes: a quote, a backslash or a
/// control character. The end if there is none.
#[inline]
pub(super) fn plain_until(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let marks = specials(u64::from_le_bytes(*chunk));
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    tail(bytes, at)
}

/// Marks the high bit of bytes that do not stand for themselves. The lowest mark is right; those above it may not be.
#[inline]
const fn specials(chunk: u64) -> u64 {
    let quote = chunk ^ (ONES * b'"' as u64);
    let backslash = chunk ^ (ONES * b'\\' as u64);
    let found = (quote.wrapping_sub(ONES) & !quote)
        | (backslash.wrapping_sub(ONES) & !backslash)
        | (chunk.wrapping_sub(ONES * 0x20) & !chunk);
    found & HIGHS
}

#[inline(never)]
fn tail(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    at + rest.iter().position(is_special).unwrap_or(rest.len())
}
