//! Scans the bytes of strings, 8 or 16 at a time. A plain byte is a byte that needs no escape.

/// The number of bytes in a chunk.
const CHUNK: usize = 8;
/// The number of bytes in a vector, used for long strings.
const VECTOR: usize = 16;
const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGHS: u64 = ONES << 7;

/// Returns the position of the first byte from `at` on that is not plain: a quote, a backslash or a control character.
/// Returns the length if all bytes are plain.
#[inline]
pub(super) fn plain_until(bytes: &[u8], mut at: usize) -> usize {
    let long = at + VECTOR;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let evaluated = specials(u64::from_le_bytes(*chunk));
        if evaluated != 0 {
            return at + (evaluated.trailing_zeros() / 8) as usize;
        }
        at += CHUNK;
        if at == long {
            at += plain_vectors(bytes.get(at..).unwrap_or_default());
        }
    }
    at + plain_in_tail(bytes.get(at..).unwrap_or_default(), bytes.last_chunk())
}

/// Returns the length of the leading vectors in which all bytes are plain.
#[inline]
fn plain_vectors(bytes: &[u8]) -> usize {
    let vectors = bytes.as_chunks().0.iter();
    VECTOR * vectors.take_while(|vector| is_plain(vector)).count()
}

/// Returns true if all bytes are plain.
#[inline]
fn is_plain(vector: &[u8; VECTOR]) -> bool {
    // The minimum of the three terms is zero for a byte that is not plain. Compilers vectorize this expression.
    let is_special = |byte: &u8| {
        let control = byte & !(b' ' - 1);
        control.min(byte ^ b'"').min(byte ^ b'\\') == 0
    };
    let specials = vector
        .iter()
        .fold(0, |found, byte| found | u8::from(is_special(byte)));
    specials == 0
}

/// Sets the high bit of each byte that is not plain. The lowest set bit is exact; higher bits can be false positives.
#[inline]
const fn specials(chunk: u64) -> u64 {
    // With a bit flipped, the quote follows directly after the control characters, so a single comparison finds both.
    let turned = chunk ^ (ONES * 2);
    let backslash = chunk ^ (ONES * b'\\' as u64);
    let found =
        (turned.wrapping_sub(ONES * 0x21) & !turned) | (backslash.wrapping_sub(ONES) & !backslash);
    found & HIGHS
}

/// Returns the number of leading plain bytes in a tail of less than 8 bytes. `last` are the last 8 bytes of the text,
/// which end with the tail.
#[inline]
fn plain_in_tail(tail: &[u8], last: Option<&[u8; 8]>) -> usize {
    let Some(last) = last else {
        return plain_in_few(tail);
    };
    if tail.is_empty() {
        return 0;
    }
    // The shift fills with zeros, which count as control characters.
    let chunk = u64::from_le_bytes(*last) >> (64 - 8 * tail.len());
    (specials(chunk).trailing_zeros() / 8) as usize
}

fn plain_in_few(bytes: &[u8]) -> usize {
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    bytes.iter().position(is_special).unwrap_or(bytes.len())
}

/// Copies a text and returns true if all of its bytes are plain. `to` must have room for the complete text.
#[inline]
pub(super) fn copy_plain(from: &[u8], to: &mut [u8]) -> bool {
    let Some(last) = from.last_chunk() else {
        copy_few(from, to);
        return is_plain_few(from);
    };
    let to = &mut to[..from.len()];
    for (vector, room) in from.as_chunks().0.iter().zip(to.as_chunks_mut().0) {
        *room = *vector;
        if !is_plain(vector) {
            return false;
        }
    }
    // The last vector overlaps the previous vector, which is faster than copying single bytes.
    if let Some(room) = to.last_chunk_mut() {
        *room = *last;
    }
    is_plain(last)
}

/// Returns true if all bytes are plain, for a text of less than 16 bytes.
#[inline]
fn is_plain_few(bytes: &[u8]) -> bool {
    if let (Some(low), Some(high)) = (bytes.first_chunk(), bytes.last_chunk()) {
        specials(u64::from_le_bytes(*low)) | specials(u64::from_le_bytes(*high)) == 0
    } else if let Some(ends) = ends(bytes) {
        specials(ends) == 0
    } else {
        plain_in_few(bytes) == bytes.len()
    }
}

/// Copies the leading plain bytes and returns their number. `to` must have room for the complete text.
#[inline]
pub(super) fn copy_until(from: &[u8], to: &mut [u8]) -> usize {
    let mut done = 0;
    for (vector, room) in from.as_chunks().0.iter().zip(to.as_chunks_mut().0) {
        *room = *vector;
        if !is_plain(vector) {
            break;
        }
        done += VECTOR;
    }
    let (from, to) = (&from[done..], &mut to[done..]);
    for (chunk, room) in from.as_chunks().0.iter().zip(to.as_chunks_mut().0) {
        *room = *chunk;
        let evaluated = specials(u64::from_le_bytes(*chunk));
        if evaluated != 0 {
            return done + (evaluated.trailing_zeros() / 8) as usize;
        }
        done += CHUNK;
    }
    let rest = from.as_chunks::<CHUNK>().1;
    let plain = plain_in_few(rest);
    let start = from.len() - rest.len();
    to[start..start + plain].copy_from_slice(&rest[..plain]);
    done + plain
}

/// Copies bytes, with a fast path for up to 32 bytes. `to` must have room for all of them.
#[inline]
pub(super) fn copy_few(from: &[u8], to: &mut [u8]) {
    let to = &mut to[..from.len()];
    match from.len() {
        0 => {}
        1..4 => {
            let (middle, last) = (from.len() / 2, from.len() - 1);
            (to[0], to[middle], to[last]) = (from[0], from[middle], from[last]);
        }
        4..8 => copy_ends::<4>(from, to),
        8..16 => copy_ends::<8>(from, to),
        16..=32 => copy_ends::<16>(from, to),
        _ => to.copy_from_slice(from),
    }
}

/// Copies the first and the last `LENGTH` bytes. This copies the complete text if it has at most twice as many bytes.
#[inline]
fn copy_ends<const LENGTH: usize>(from: &[u8], to: &mut [u8]) {
    if let (Some(low), Some(high)) = (from.first_chunk::<LENGTH>(), from.last_chunk::<LENGTH>()) {
        to[..LENGTH].copy_from_slice(low);
        let behind = to.len() - LENGTH;
        to[behind..].copy_from_slice(high);
    }
}

/// Returns true if a text starts with `start`. Always returns false for a `start` of less than 4 bytes.
#[inline]
pub(super) fn begins_with(bytes: &[u8], start: &[u8]) -> bool {
    let Some(bytes) = bytes.get(..start.len()) else {
        return false;
    };
    if let (Some(left), Some(right)) = (bytes.last_chunk::<8>(), start.last_chunk::<8>()) {
        let mut chunks = bytes.as_chunks().0.iter().zip(start.as_chunks().0);
        let is_same = |(left, right): (&[u8; 8], &[u8; 8])| left == right;
        return left == right && chunks.all(is_same);
    }
    match (ends(bytes), ends(start)) {
        (Some(left), Some(right)) => left == right,
        _ => false,
    }
}

/// Returns the first and the last 4 bytes.
#[inline]
fn ends(bytes: &[u8]) -> Option<u64> {
    Some(both(*bytes.first_chunk()?, *bytes.last_chunk()?))
}

#[inline]
fn both(low: [u8; 4], high: [u8; 4]) -> u64 {
    u64::from(u32::from_le_bytes(low)) | u64::from(u32::from_le_bytes(high)) << 32
}
