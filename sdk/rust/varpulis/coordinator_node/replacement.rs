//! Decides whether a new instance of a worker may replace the registered instance.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::generated::Caller;
use natsgen_runtime::{CallOptions, Connection};

use super::api_keys::ApiKeys;
use super::liveness::Liveness;
use crate::coordinator::RegisterFault;
use crate::replica::{Registry, WorkerRecord};
use crate::subject::PREFIX;
use crate::types::{RegisterWorker, WorkerId, WorkerStatus};
use crate::worker::DeployRequest;

/// How long the commands of a worker may take to show that a process is subscribed to them.
const PROBE_LIMIT: Duration = Duration::from_secs(1);

/// Decides whether a new instance of a worker may replace the registered instance. A key that all workers share is no
/// proof of identity, so a holder of that key replaces no instance that is alive.
pub(super) struct Replacement {
    keys: Arc<ApiKeys>,
    liveness: Arc<Liveness>,
    caller: Caller,
    /// An instance that is silent for longer than this is not alive.
    limit: Duration,
}

/// The state of a registering instance, as the registry shows it.
pub(super) struct RegisteredState {
    /// The registry contains the same registration already.
    pub(super) is_known: bool,
    /// The status of the instance; `None` if another instance is registered.
    status: Option<WorkerStatus>,
    /// The instance was replaced.
    pub(super) is_replaced: bool,
    /// The registered instance; empty if the id is free or its worker has no instance.
    pub(super) instance: String,
    /// The registration would replace another instance, which may be alive.
    replaces_live: bool,
}

impl Replacement {
    pub(super) fn new(
        keys: &Arc<ApiKeys>,
        liveness: &Arc<Liveness>,
        connection: &Connection,
        limit: Duration,
    ) -> Self {
        let options = CallOptions::new().timeout(PROBE_LIMIT);
        Self {
            keys: Arc::clone(keys),
            liveness: Arc::clone(liveness),
            caller: Caller::new(connection, &PREFIX).options(options),
            limit,
        }
    }

    /// Refuses a registration that would replace an instance without a proof.
    pub(super) async fn check(
        &self,
        id: &WorkerId,
        state: &RegisteredState,
    ) -> Result<(), RegisterFault> {
        let may_replace = !state.replaces_live || self.keys.is_proof(id) || self.is_silent(id);
        if may_replace || !self.may_be_served(id).await {
            Ok(())
        } else {
            Err(RegisterFault::WorkerIdInUse)
        }
    }

    fn is_silent(&self, id: &WorkerId) -> bool {
        let is_silent = self
            .liveness
            .read(id, |worker| worker.last_seen.elapsed() > self.limit);
        is_silent == Some(true)
    }

    /// Whether a process may be subscribed to the commands of a worker.
    pub(super) async fn may_be_served(&self, id: &WorkerId) -> bool {
        let is_served = self.caller.has_responder::<DeployRequest>(id).await;
        is_served != Some(false)
    }
}

impl RegisteredState {
    /// Whether no heartbeat has confirmed the instance yet. The replaced instances may not have been notified.
    pub(super) fn is_new(&self) -> bool {
        self.status
            .is_none_or(|status| status == WorkerStatus::Registering)
    }

    pub(super) fn is_draining(&self) -> bool {
        self.status == Some(WorkerStatus::Draining)
    }

    pub(super) fn of(registration: &RegisterWorker, registry: &Registry) -> Self {
        let record = registry.worker(&registration.id);
        let own = record.filter(|record| record.is_renewed_by(registration));
        let instance = record.and_then(|record| record.registration.instance.as_ref());
        let is_replaced = record.is_some_and(|record| {
            let instance = registration.instance.as_ref();
            instance.is_some_and(|instance| record.replaced.contains(instance))
        });
        // Two registrations without instances may come from the same process.
        let is_other = |record: &WorkerRecord| {
            own.is_none()
                && (instance.is_some() || registration.instance.is_some())
                && !matches!(
                    record.status,
                    WorkerStatus::Draining | WorkerStatus::Unhealthy
                )
        };
        Self {
            is_known: own.is_some_and(|own| own.registration == *registration),
            status: own.map(|own| own.status),
            is_replaced,
            instance: instance.map(ToString::to_string).unwrap_or_default(),
            replaces_live: !is_replaced && record.is_some_and(is_other),
        }
    }
}
