//! Whether the items of a list differ from each other.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use crate::json::Json;

/// Whether no two items are equal, in time that is linear in their size.
pub(super) fn are_unique(items: &[Json<'_>]) -> bool {
    let keys = RandomState::new();
    let mut seen: HashMap<u64, Vec<&Json<'_>>> = HashMap::with_capacity(items.len());
    items.iter().all(|item| {
        let alike = seen.entry(digest(item, &keys)).or_default();
        let is_new = !alike.contains(&item);
        alike.push(item);
        is_new
    })
}

/// A hash that equal values share: `1` and `1.0`, and objects with their members in another order.
fn digest(json: &Json<'_>, keys: &RandomState) -> u64 {
    let mut hasher = keys.build_hasher();
    std::mem::discriminant(json).hash(&mut hasher);
    match json {
        Json::Null => {}
        Json::Bool(bool) => bool.hash(&mut hasher),
        Json::Number(_) => bits(json).hash(&mut hasher),
        Json::Text(text) => text.hash(&mut hasher),
        Json::Array(items) => {
            for item in items {
                digest(item, keys).hash(&mut hasher);
            }
        }
        Json::Object(members) => members
            .iter()
            .map(|(name, value)| keys.hash_one((name, digest(value, keys))))
            .fold(0, u64::wrapping_add)
            .hash(&mut hasher),
    }
    hasher.finish()
}

/// The bits of the nearest binary number, which equal numbers share.
fn bits(number: &Json<'_>) -> Option<u64> {
    // Zero has two signs.
    number.as_f64().map(|nearest| (nearest + 0.0).to_bits())
}
