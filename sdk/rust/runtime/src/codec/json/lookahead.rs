//! The positions of objects and arrays that a lookahead has scanned.

/// The ends of the objects and arrays that a lookahead has scanned. So the reader scans each of them only once, even
/// inside nested unions.
#[derive(Clone, Debug, Default)]
pub(super) struct Lookahead {
    /// The positions of opening brackets in the order of the text, each with the position after its closing bracket.
    pub(super) spans: Vec<(usize, usize)>,
    /// The position up to which the text has been scanned.
    pub(super) end: usize,
}
