//! Random numbers and names.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A name that is unique with near certainty: 128 random bits.
pub(super) fn unique() -> String {
    format!("{:016x}{:016x}", random(), random())
}

/// A random number: the standard library seeds each hash map from the system's randomness.
pub(super) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
