//! The objects and arrays that the reader has looked at ahead.

/// Where the objects and lists end that were looked at ahead: each is walked over once, however many unions it is in.
#[derive(Clone, Debug, Default)]
pub(super) struct Lookahead {
    /// The places of opening brackets, in the order of the text, and those behind the closing ones.
    pub(super) spans: Vec<(usize, usize)>,
    /// Where the text begins of which nothing is known.
    pub(super) end: usize,
}
