//! The API keys that workers may register with.

use std::collections::BTreeMap;

use subtle::ConstantTimeEq as _;

use crate::types::{ApiKey, WorkerId};

/// The API keys that workers may register with.
#[derive(Debug)]
pub(super) struct ApiKeys {
    /// The key of all workers without a key of their own.
    pub(super) shared: ApiKey,
    /// The keys of single workers.
    pub(super) own: BTreeMap<WorkerId, ApiKey>,
}

impl ApiKeys {
    /// Whether a worker may register with this key.
    pub(super) fn admit(&self, id: &WorkerId, key: &ApiKey) -> bool {
        let expected = self.of(id);
        // A constant-time comparison, so that the duration does not reveal which part of a guess is right.
        key.expose()
            .as_bytes()
            .ct_eq(expected.expose().as_bytes())
            .into()
    }

    /// The key of a worker.
    pub(super) fn of(&self, id: &WorkerId) -> &ApiKey {
        self.own.get(id).unwrap_or(&self.shared)
    }

    /// All keys.
    #[cfg(feature = "http")]
    pub(super) fn all(&self) -> impl Iterator<Item = &ApiKey> {
        self.own.values().chain([&self.shared])
    }

    /// Whether the key of a worker proves its identity.
    pub(super) fn is_proof(&self, id: &WorkerId) -> bool {
        self.own.contains_key(id)
    }
}
