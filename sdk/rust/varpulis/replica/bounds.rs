//! Bounds of the terms and indexes in messages.

/// The greatest term and the greatest index that the schema allows.
pub(super) const MAX_NUMBER: u64 = (1 << 53) - 1;

/// The number of terms that messages of other nodes cannot reach. This node can always open another term.
const RESERVED_TERMS: u64 = 1 << 32;

/// How far a message may be ahead of this node's term. A node that was separated for half a year while the others held
/// an election every second stays below.
pub(super) const MAX_TERM_STEP: u64 = 1 << 24;

/// Whether a node in term `own` accepts `term` from another node.
pub(super) fn is_acceptable_term(term: u64, own: u64) -> bool {
    term <= MAX_NUMBER - RESERVED_TERMS && term <= own.saturating_add(MAX_TERM_STEP)
}
