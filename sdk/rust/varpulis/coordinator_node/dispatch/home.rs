//! What has become of the worker that a pipeline was deployed on.

use crate::replica::Registry;
use crate::types::{DeploymentPlace, WorkerId, WorkerInstance, WorkerStatus};

/// What has become of the worker that a pipeline was deployed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// It is there.
    There,
    /// It is there and silent.
    Silent,
    /// Another instance is there, so that the pipelines of the one before it have ended.
    Ended {
        /// Whether the new one has yet to show that it lives.
        is_new: bool,
    },
    /// It is not registered.
    Unknown,
}

impl Home {
    pub(super) fn of(registry: &Registry, place: &DeploymentPlace) -> Self {
        Self::find(registry, &place.worker_id, place.instance.as_ref())
    }

    pub(super) fn find(
        registry: &Registry,
        worker_id: &WorkerId,
        instance: Option<&WorkerInstance>,
    ) -> Self {
        let Some(worker) = registry.worker(worker_id) else {
            return Self::Unknown;
        };
        if instance.is_some() && worker.registration.instance.as_ref() != instance {
            let is_new = worker.status == WorkerStatus::Registering;
            return Self::Ended { is_new };
        }
        match worker.status {
            WorkerStatus::Unhealthy => Self::Silent,
            _ => Self::There,
        }
    }
}
