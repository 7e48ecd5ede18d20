//! The service that registers workers.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Context, Limited};
use subtle::ConstantTimeEq as _;
use tokio::time::timeout_at;

use super::health::Counts;
use super::key_digest::key_digest;
use super::settings::HeartbeatInterval;
use crate::coordinator::{
    CoordinatorService, RegisterFault, RegisterReply, RegisterRequest, RegisterStatus,
};
use crate::replica::{Registry, Replica};
use crate::types::{
    ApiKey, Command, CommandReply, LogId, RegisterWorker, WorkerId, WorkerStatus,
    WorkerStatusChanged,
};
use crate::worker::{Registration, WorkerClient};

/// The time that is reserved for a refusal to reach the worker before it times out.
const REPLY_TIME: Duration = Duration::from_millis(500);

/// Writes registrations to the registry.
pub(super) struct Registrar {
    pub(super) api_key: ApiKey,
    pub(super) replica: Arc<Replica>,
    pub(super) client: WorkerClient,
    pub(super) interval: HeartbeatInterval,
    pub(super) counts: Arc<Counts>,
}

/// The state of a registering instance in this coordinator's replica, which may be stale.
struct RegisteredState {
    /// The registry contains the same registration already.
    is_known: bool,
    /// No heartbeat has confirmed the instance yet. The replaced instances may not have been notified.
    is_new: bool,
    is_draining: bool,
}

impl CoordinatorService for Registrar {
    async fn register(
        &self,
        context: &Context,
        request: RegisterRequest,
    ) -> Result<RegisterReply, RegisterFault> {
        let mut reply =
            RegisterReply::new(request.worker_id.to_string(), RegisterStatus::Registered);
        reply.heartbeat_interval = Some(self.interval);
        let registered = self.register_within(context, request).await;
        let counter = match &registered {
            Ok(()) => &self.counts.registrations,
            Err(RegisterFault::RegistryUnavailable(_)) => &self.counts.unavailable,
            Err(_) => &self.counts.refused,
        };
        counter.add(1);
        registered.map(|()| reply)
    }
}

impl Registrar {
    async fn register_within(
        &self,
        context: &Context,
        request: RegisterRequest,
    ) -> Result<(), RegisterFault> {
        let (given, expected) = (request.api_key.expose(), self.api_key.expose());
        // A constant-time comparison, so that the duration does not reveal which part of a guess is right.
        if !bool::from(given.as_bytes().ct_eq(expected.as_bytes())) {
            return Err(RegisterFault::InvalidApiKey);
        }
        let reply_time = REPLY_TIME.min(context.remaining() / 10);
        let is_draining = request.draining.is_some();
        let key = key_digest(&request.api_key, &request.worker_id);
        let mut registration =
            RegisterWorker::new(request.worker_id, request.address, key, request.capacity);
        registration.instance = request.instance;
        let registering = self.write_registration(registration, is_draining);
        let registered = timeout_at(context.deadline() - reply_time, registering).await;
        registered.unwrap_or_else(|_| Err(unavailable("it did not change in time")))
    }

    async fn write_registration(
        &self,
        registration: RegisterWorker,
        is_draining: bool,
    ) -> Result<(), RegisterFault> {
        let state = self
            .replica
            .local(|registry| RegisteredState::of(&registration, registry));
        let id = registration.id.clone();
        if !state.is_known {
            let entry = self.write(Command::RegisterWorker(registration)).await?;
            if state.is_new {
                let applied = self.replica.applied(entry).await;
                applied.map_err(|error| unavailable(&error.to_string()))?;
            }
        }
        if state.is_new {
            self.notify_replaced(&id).await;
        }
        if is_draining && !state.is_draining {
            let status = WorkerStatus::Draining;
            let change = WorkerStatusChanged::new(id, status);
            self.write(Command::WorkerStatusChanged(change)).await?;
        }
        Ok(())
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

    /// Changes the registry. Returns the id of the log entry.
    async fn write(&self, command: Command) -> Result<LogId, RegisterFault> {
        let written = self.replica.propose(command).await;
        let written = written.map_err(|error| unavailable(&error.to_string()))?;
        match written.outcome {
            CommandReply::Ok => Ok(written.log_id),
            // The registry refuses a registration only for this reason.
            CommandReply::Error(_) => Err(RegisterFault::WorkerReplaced),
            CommandReply::Unknown(answer) => Err(unavailable(&answer.to_string())),
        }
    }
}

impl RegisteredState {
    fn of(registration: &RegisterWorker, registry: &Registry) -> Self {
        let record = registry.worker(&registration.id);
        let own = record.filter(|record| record.is_renewed_by(registration));
        Self {
            is_known: own.is_some_and(|own| own.registration == *registration),
            is_new: own.is_none_or(|own| own.status == WorkerStatus::Registering),
            is_draining: own.is_some_and(|own| own.status == WorkerStatus::Draining),
        }
    }
}

fn unavailable(reason: &str) -> RegisterFault {
    RegisterFault::RegistryUnavailable(reason.to_owned())
}
