//! The state of the worker that a pipeline was deployed on.

use crate::replica::Registry;
use crate::types::{DeploymentPlace, WorkerId, WorkerInstance, WorkerStatus};

/// The state of the worker that a pipeline was deployed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WorkerState {
    /// The same instance is registered, and its heartbeats arrive.
    Present,
    /// The same instance is registered, and its heartbeats are missing.
    Silent,
    /// Another instance is registered, so that the pipelines of the instance before have ended.
    Replaced {
        /// Whether no heartbeat of the new instance has arrived yet.
        is_new: bool,
    },
    /// The worker is not registered.
    NotRegistered,
}

impl WorkerState {
    pub(super) fn of(registry: &Registry, place: &DeploymentPlace) -> Self {
        Self::find(registry, &place.worker_id, place.instance.as_ref())
    }

    pub(super) fn find(
        registry: &Registry,
        worker_id: &WorkerId,
        instance: Option<&WorkerInstance>,
    ) -> Self {
        let Some(worker) = registry.worker(worker_id) else {
            return Self::NotRegistered;
        };
        if instance.is_some() && worker.registration.instance.as_ref() != instance {
            let is_new = worker.status == WorkerStatus::Registering;
            return Self::Replaced { is_new };
        }
        match worker.status {
            WorkerStatus::Unhealthy => Self::Silent,
            _ => Self::Present,
        }
    }
}
