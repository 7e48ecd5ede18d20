//! The evaluated items and members, for `unevaluatedItems` and `unevaluatedProperties`.

use crate::codec::json::ValueRef;

/// The items of an array, or the members of an object, that a keyword has evaluated.
pub(super) struct Evaluated(Vec<bool>);

impl Evaluated {
    /// Creates the state in which nothing is evaluated.
    pub(super) fn over(json: &ValueRef<'_>) -> Self {
        let count = match json {
            ValueRef::Array(items) => items.len(),
            ValueRef::Object(members) => members.len(),
            ValueRef::Null | ValueRef::Bool(_) | ValueRef::Number(_) | ValueRef::Text(_) => 0,
        };
        Self(vec![false; count])
    }

    /// Marks the item or member at `index` as evaluated.
    pub(super) fn mark(&mut self, index: usize) {
        self.0[index] = true;
    }

    /// Returns true if the item or member at `index` is evaluated.
    pub(super) fn has(&self, index: usize) -> bool {
        self.0[index]
    }

    /// Adds the evaluated items or members of another assertion for the same value.
    pub(super) fn add(&mut self, others: &Self) {
        for (mine, other) in self.0.iter_mut().zip(&others.0) {
            *mine |= other;
        }
    }
}
