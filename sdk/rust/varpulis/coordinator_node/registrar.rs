//! Registrations of workers.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Context, Limited, True};
use tokio::time::timeout_at;

use super::api_keys::ApiKeys;
use super::health::Counts;
use super::key_digest::key_digest;
use super::replacement::{RegisteredState, Replacement};
use super::settings::HeartbeatInterval;
use crate::coordinator::{RegisterFault, RegisterReply, RegisterRequest, RegisterStatus};
use crate::replica::{Registry, Replica};
use crate::types::{
    Command, CommandReply, LogId, RegisterWorker, WorkerId, WorkerInstance, WorkerStatus,
    WorkerStatusChanged,
};
use crate::worker::{Registration, WorkerClient};

/// The time that is reserved for a refusal to reach the caller before it times out.
pub(super) const REPLY_TIME: Duration = Duration::from_millis(500);

/// The number of attempts to write a registration while other instances register.
const ATTEMPTS: u32 = 3;

/// The demands of a registration beside its instance.
#[derive(Clone, Copy)]
struct Demands {
    /// The worker drains.
    is_draining: bool,
    /// The worker asks whether the instance is still registered.
    is_confirming: bool,
}

/// Writes registrations to the registry.
pub(super) struct Registrar {
    pub(super) keys: Arc<ApiKeys>,
    pub(super) replacement: Replacement,
    pub(super) replica: Arc<Replica>,
    pub(super) client: WorkerClient,
    pub(super) interval: HeartbeatInterval,
    pub(super) counts: Arc<Counts>,
}

impl Registrar {
    /// Registers a worker, or renews its registration.
    pub(super) async fn register(
        &self,
        context: &Context,
        request: RegisterRequest,
    ) -> Result<RegisterReply, RegisterFault> {
        let mut reply =
            RegisterReply::new(request.worker_id.to_string(), RegisterStatus::Registered);
        reply.heartbeat_interval = Some(self.interval);
        reply.cluster_id = self.replica.cluster();
        reply.renewable = Some(True);
        let registered = self.register_within(context, request).await;
        let counter = match &registered {
            Ok(()) => &self.counts.registrations,
            Err(RegisterFault::RegistryUnavailable(_)) => &self.counts.unavailable,
            Err(_) => &self.counts.refused,
        };
        counter.add(1);
        registered.map(|()| reply)
    }

    async fn register_within(
        &self,
        context: &Context,
        request: RegisterRequest,
    ) -> Result<(), RegisterFault> {
        if !self.keys.admit(&request.worker_id, &request.api_key) {
            return Err(RegisterFault::InvalidApiKey);
        }
        let reply_time = REPLY_TIME.min(context.remaining() / 10);
        let demands = Demands {
            is_draining: request.draining.is_some(),
            is_confirming: request.confirm.is_some(),
        };
        let key = key_digest(&request.api_key, &request.worker_id);
        let mut registration =
            RegisterWorker::new(request.worker_id, request.address, key, request.capacity);
        match request.instance {
            Some(instance) => registration.instance = Some(instance),
            None => self.assign_instance(&mut registration).await,
        }
        let registering = self.write_registration(&registration, demands);
        let registered = timeout_at(context.deadline() - reply_time, registering).await;
        registered.unwrap_or_else(|_| Err(unavailable("it did not change in time")))
    }

    /// Chooses an instance for a worker that told none. Varpulis 0.11 registers before it subscribes to its commands, so a
    /// worker without a subscriber has started again, and its pipelines have ended.
    async fn assign_instance(&self, registration: &mut RegisterWorker) {
        let id = &registration.id;
        let known = self.replica.local(|registry| {
            let known = &registry.worker(id)?.registration;
            known.instance.clone().filter(|_| known.assigned.is_some())
        });
        let known = match known {
            Some(known) if self.replacement.may_be_served(id).await => Some(known),
            _ => None,
        };
        let instance = known.or_else(|| WorkerInstance::try_from(natsgen_runtime::token()).ok());
        registration.instance = instance;
        registration.assigned = Some(True);
    }

    async fn write_registration(
        &self,
        registration: &RegisterWorker,
        demands: Demands,
    ) -> Result<(), RegisterFault> {
        let state = if demands.is_confirming {
            self.current_state(registration).await?
        } else {
            let state = |registry: &Registry| RegisteredState::of(registration, registry);
            self.replica.local(state)
        };
        let (is_new, is_draining) = (state.is_new(), state.is_draining());
        if !state.is_known {
            let entry = self.write_instance(registration, state).await?;
            if is_new {
                let applied = self.replica.applied(entry).await;
                applied.map_err(|error| unavailable(&error.to_string()))?;
            }
        }
        if is_new {
            self.notify_replaced(&registration.id).await;
        }
        if demands.is_draining && !is_draining {
            let status = WorkerStatus::Draining;
            let change = WorkerStatusChanged::new(registration.id.clone(), status);
            if self
                .write(Command::WorkerStatusChanged(change))
                .await?
                .is_none()
            {
                return Err(RegisterFault::WorkerReplaced);
            }
        }
        Ok(())
    }

    /// Writes an instance, unless it would replace another instance without a proof. Returns the id of the log entry.
    async fn write_instance(
        &self,
        registration: &RegisterWorker,
        mut state: RegisteredState,
    ) -> Result<LogId, RegisterFault> {
        for _ in 0..ATTEMPTS {
            self.replacement.check(&registration.id, &state).await?;
            let mut command = registration.clone();
            command.replaces = Limited::new(state.instance).ok();
            let written = self.write(Command::RegisterWorker(command)).await?;
            if let Some(entry) = written {
                return Ok(entry);
            }
            state = self.current_state(registration).await?;
            if state.is_replaced {
                return Err(RegisterFault::WorkerReplaced);
            }
        }
        Err(unavailable("other instances register at the same time"))
    }

    /// The state of an instance in the current registry.
    async fn current_state(
        &self,
        registration: &RegisterWorker,
    ) -> Result<RegisteredState, RegisterFault> {
        let state = |registry: &Registry| RegisteredState::of(registration, registry);
        let state = self.replica.current(state).await;
        state.map_err(|error| unavailable(&error.to_string()))
    }

    /// Notifies all instances under an id which of them were replaced, if any were. An instance that misses the notice
    /// learns it when it registers again.
    async fn notify_replaced(&self, id: &WorkerId) {
        let notice = self.replica.local(|registry| {
            let record = registry.worker(id)?;
            let mut registration = Registration::new();
            registration
                .instance
                .clone_from(&record.registration.instance);
            registration.replaced =
                Limited::new(record.replaced.clone()).expect("the number is limited");
            Some(registration)
        });
        if let Some(notice) = notice
            && !notice.replaced.is_empty()
        {
            let _ = self.client.registration(id, &notice).await;
        }
    }

    /// Changes the registry. Returns the id of the log entry; `None` if the registry refuses the change.
    async fn write(&self, command: Command) -> Result<Option<LogId>, RegisterFault> {
        let written = self.replica.propose(command).await;
        let written = written.map_err(|error| unavailable(&error.to_string()))?;
        match written.outcome {
            CommandReply::Ok => Ok(Some(written.log_id)),
            CommandReply::Error(_) => Ok(None),
            CommandReply::Unknown(answer) => Err(unavailable(&answer.to_string())),
        }
    }
}

fn unavailable(reason: &str) -> RegisterFault {
    RegisterFault::RegistryUnavailable(reason.to_owned())
}
