//! Reservations of room on workers.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::placement::{Candidate, Placement};
use crate::replica::Registry;
use crate::types::{WorkerId, WorkerInstance, WorkerStatus};

/// Reserves room on workers. Written deployments count for all coordinators, and the registry refuses a deployment that
/// does not fit. A reservation that is not written yet is known only to this coordinator. It spreads concurrent
/// deployments over the workers.
#[derive(Clone, Debug, Default)]
pub(super) struct Reservations(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The worker of the last reservation.
    last: Option<WorkerId>,
    /// The number of reservations of each worker that are not written. No entry is 0.
    reserved: BTreeMap<WorkerId, u64>,
}

/// Room for a pipeline on a worker, reserved until this is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    pub(super) worker_id: WorkerId,
    pub(super) instance: Option<WorkerInstance>,
    reservations: Reservations,
}

/// No worker can take a pipeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct NoCapacity {
    /// The number of registered workers.
    pub(super) workers: usize,
    /// The number of ready workers among them.
    pub(super) ready: usize,
}

impl Reservations {
    /// Reserves room on a ready worker with free capacity that is not among `tried`. Saturated workers are chosen only
    /// if there is no other worker.
    pub(super) fn reserve(
        &self,
        registry: &Registry,
        placement: &Placement,
        tried: &BTreeSet<WorkerId>,
        is_saturated: impl Fn(&WorkerId) -> bool,
    ) -> Result<Reservation, NoCapacity> {
        let mut state = self.lock();
        let mut shortage = NoCapacity::default();
        let (mut candidates, mut saturated) = (Vec::new(), Vec::new());
        for worker in registry.workers() {
            shortage.workers += 1;
            if worker.status != WorkerStatus::Ready {
                continue;
            }
            shortage.ready += 1;
            let id = &worker.registration.id;
            let reserved = state.reserved.get(id).copied().unwrap_or_default();
            let candidate = Candidate {
                id,
                deployments: registry.deployment_count(id) as u64 + reserved,
                most: worker.registration.capacity.max_pipelines.into(),
            };
            if candidate.deployments >= candidate.most || tried.contains(id) {
                continue;
            }
            if is_saturated(id) {
                saturated.push(candidate);
            } else {
                candidates.push(candidate);
            }
        }
        if candidates.is_empty() {
            candidates = saturated;
        }
        let chosen = placement.choose(&candidates, state.last.as_ref(), random());
        let worker_id = chosen.ok_or(shortage)?.clone();
        *state.reserved.entry(worker_id.clone()).or_default() += 1;
        state.last = Some(worker_id.clone());
        let instance = registry
            .worker(&worker_id)
            .and_then(|worker| worker.registration.instance.clone());
        Ok(Reservation {
            worker_id,
            instance,
            reservations: self.clone(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut state = self.reservations.lock();
        if let Some(reserved) = state.reserved.get_mut(&self.worker_id) {
            *reserved -= 1;
            if *reserved == 0 {
                state.reserved.remove(&self.worker_id);
            }
        }
    }
}

/// A random number: the standard library seeds each hash map from the system's randomness.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
