//! Limits of a reader.

/// The limits of a [`Reader`](super::Reader). A text beyond a limit is a violation, located at the position where the
/// limit is exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum depth of nested objects and arrays. The upper bound is 255, because each level uses stack space.
    pub depth: u32,
    /// The maximum length of the text in bytes.
    pub length: usize,
    /// The maximum number of items, keys and member values in the text.
    pub count: u32,
}

impl Limits {
    /// The upper bound of `depth`.
    pub(super) const DEEPEST: u32 = 255;
}

impl Default for Limits {
    /// Returns the defaults: a depth of 127, as in `serde_json`, 64 MiB, and a count of a million.
    #[inline]
    fn default() -> Self {
        Self {
            depth: 127,
            length: 64 << 20,
            count: 1_000_000,
        }
    }
}
