//! How much a reader takes.

/// How much a [`Reader`](super::Reader) takes. Beyond any of it there is a violation, at the place where that is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Levels of objects and lists around a value. More than 255 count as 255: each takes a part of the stack.
    pub depth: u32,
    /// Bytes of the whole text.
    pub length: usize,
    /// Members and items of the whole text, and the values of members.
    pub count: u32,
}

impl Limits {
    /// The deepest that can be asked for.
    pub(super) const DEEPEST: u32 = 255;
}

impl Default for Limits {
    /// 127 levels, as `serde_json` has it, 64 MiB, a million values.
    #[inline]
    fn default() -> Self {
        Self {
            depth: 127,
            length: 64 << 20,
            count: 1_000_000,
        }
    }
}
