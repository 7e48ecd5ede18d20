//! Maps by ordering key.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::operation::OrderingKey;

/// A map by ordering key. The key is a seeded hash already, so the map does not hash it again.
pub(crate) type OrderingMap<V> = HashMap<OrderingKey, V, BuildHasherDefault<KeyHasher>>;

/// Returns the hash that an ordering key is.
#[derive(Debug, Default)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("an ordering key is a `u64`");
    }
}
