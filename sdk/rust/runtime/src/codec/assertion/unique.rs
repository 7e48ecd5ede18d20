//! Uniqueness of the items of an array.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::mem;

use crate::codec::json::ValueRef;

/// Returns true if no two items are equal. Equal items have equal hashes, and the keys of the hash are unknown to
/// senders.
pub(super) fn are_unique(items: &[ValueRef<'_>]) -> bool {
    let keys = RandomState::new();
    let hashed = items.iter().map(|item| {
        let mut hasher = keys.build_hasher();
        feed(item, &mut hasher);
        (hasher.finish(), item)
    });
    let mut hashed: Vec<(u64, &ValueRef<'_>)> = hashed.collect();
    hashed.sort_unstable_by_key(|(hash, _)| *hash);
    hashed
        .chunk_by(|(one, _), (other, _)| one == other)
        .all(|alike| {
            let mut others = alike.iter();
            alike.iter().all(|(_, item)| {
                others.next();
                others.as_slice().iter().all(|(_, other)| item != other)
            })
        })
}

/// Hashes the properties that equal values share: `1` equals `1.0`, and the order of members is ignored.
fn feed(json: &ValueRef<'_>, hasher: &mut impl Hasher) {
    mem::discriminant(json).hash(hasher);
    match json {
        ValueRef::Null => {}
        ValueRef::Bool(bool) => bool.hash(hasher),
        // The nearest float; adding 0.0 removes the sign of zero.
        ValueRef::Number(number) => hasher.write_u64((number.as_f64() + 0.0).to_bits()),
        ValueRef::Text(text) => text.hash(hasher),
        ValueRef::Array(items) => {
            hasher.write_usize(items.len());
            for item in items {
                feed(item, hasher);
            }
        }
        ValueRef::Object(members) => {
            hasher.write_usize(members.len());
            let mut members: Vec<(&str, &ValueRef<'_>)> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            for (name, value) in members {
                name.hash(hasher);
                feed(value, hasher);
            }
        }
    }
}
