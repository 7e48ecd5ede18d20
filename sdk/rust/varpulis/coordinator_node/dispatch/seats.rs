//! Finding a worker for a pipeline.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::deployment::chance;
use super::placement::{Candidate, Placement};
use crate::replica::Registry;
use crate::types::{WorkerId, WorkerInstance, WorkerStatus};

/// The places on workers that this coordinator gives away. What is written down counts for all coordinators, and the
/// registry refuses what does not fit; what is chosen here and not written down yet is known only here, so that many
/// deployments at once are spread, too.
#[derive(Clone, Debug, Default)]
pub(super) struct Seats(Arc<Mutex<Given>>);

#[derive(Debug, Default)]
struct Given {
    /// Who got the last one.
    last: Option<WorkerId>,
    /// How many each worker got that are not written down. None of them is 0.
    held: BTreeMap<WorkerId, u64>,
}

/// A place on a worker, held until this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) worker_id: WorkerId,
    pub(super) instance: Option<WorkerInstance>,
    seats: Seats,
}

/// Why nobody can have a pipeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct NoSeat {
    /// How many workers are registered.
    pub(super) workers: usize,
    /// How many of them are ready.
    pub(super) ready: usize,
}

impl Seats {
    /// Chooses a worker that is ready, has room and is not among `tried`.
    pub(super) fn take(
        &self,
        registry: &Registry,
        placement: &Placement,
        tried: &BTreeSet<WorkerId>,
    ) -> Result<Seat, NoSeat> {
        let mut given = self.lock();
        let mut none = NoSeat::default();
        let mut candidates = Vec::new();
        for worker in registry.workers() {
            none.workers += 1;
            if worker.status != WorkerStatus::Ready {
                continue;
            }
            none.ready += 1;
            let id = &worker.registration.id;
            let held = given.held.get(id).copied().unwrap_or_default();
            let candidate = Candidate {
                id,
                deployments: registry.deployment_count(id) as u64 + held,
                most: worker.registration.capacity.max_pipelines.into(),
            };
            if candidate.deployments < candidate.most && !tried.contains(id) {
                candidates.push(candidate);
            }
        }
        let chosen = placement.choose(&candidates, given.last.as_ref(), chance());
        let worker_id = chosen.ok_or(none)?.clone();
        *given.held.entry(worker_id.clone()).or_default() += 1;
        given.last = Some(worker_id.clone());
        let instance = registry
            .worker(&worker_id)
            .and_then(|worker| worker.registration.instance.clone());
        Ok(Seat {
            worker_id,
            instance,
            seats: self.clone(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Given> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut given = self.seats.lock();
        if let Some(held) = given.held.get_mut(&self.worker_id) {
            *held -= 1;
            if *held == 0 {
                given.held.remove(&self.worker_id);
            }
        }
    }
}
