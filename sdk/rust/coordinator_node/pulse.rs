//! When each worker was last heard, and what it said.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::coordinator::Heartbeat;
use crate::types::WorkerId;

/// When each worker was last heard, and what it said. It is this coordinator's own: heartbeats are not replicated.
#[derive(Debug, Default)]
pub(super) struct Pulses(Mutex<HashMap<WorkerId, Pulse>>);

/// The last heartbeat of a worker.
#[derive(Clone, Debug)]
pub(super) struct Pulse {
    pub(super) heard: Instant,
    pub(super) heartbeat: Heartbeat,
}

impl Pulses {
    pub(super) fn hear(&self, id: WorkerId, heartbeat: Heartbeat) {
        let heard = Instant::now();
        self.lock().insert(id, Pulse { heard, heartbeat });
    }

    pub(super) fn get(&self, id: &WorkerId) -> Option<Pulse> {
        self.lock().get(id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WorkerId, Pulse>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
