//! What the keywords of a schema have looked at, for `unevaluatedItems` and `unevaluatedProperties`.

use crate::codec::json::ValueRef;

/// The items of a list, or the members of an object, that some keyword has looked at.
pub(super) struct Evaluated(Vec<bool>);

impl Evaluated {
    /// Nothing has been looked at.
    pub(super) fn over(json: &ValueRef<'_>) -> Self {
        let count = match json {
            ValueRef::Array(items) => items.len(),
            ValueRef::Object(members) => members.len(),
            ValueRef::Null | ValueRef::Bool(_) | ValueRef::Number(_) | ValueRef::Text(_) => 0,
        };
        Self(vec![false; count])
    }

    /// The item or member at `index` has been looked at.
    pub(super) fn mark(&mut self, index: usize) {
        self.0[index] = true;
    }

    /// Whether the item or member at `index` has been looked at.
    pub(super) fn has(&self, index: usize) -> bool {
        self.0[index]
    }

    /// Takes over what others saw of the same value.
    pub(super) fn add(&mut self, others: &Self) {
        for (mine, other) in self.0.iter_mut().zip(&others.0) {
            *mine |= other;
        }
    }
}
