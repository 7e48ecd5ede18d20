//! Answers workers that register.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Context, Limited};
use subtle::ConstantTimeEq as _;
use tokio::time::timeout_at;

use super::Interval;
use super::health::Counts;
use crate::coordinator::{
    CoordinatorService, RegisterFault, RegisterReply, RegisterRequest, RegisterStatus,
};
use crate::replica::{Registry, Replica};
use crate::types::{
    ApiKey, Command, CommandReply, LogId, RegisterWorker, WorkerId, WorkerStatus,
    WorkerStatusChanged,
};
use crate::worker::{Registration, WorkerClient};

/// The most that a refusal may take to reach the worker before it has given up.
const WAY_BACK: Duration = Duration::from_millis(500);

/// Puts workers that register into the registry.
pub(super) struct Registrar {
    pub(super) api_key: ApiKey,
    pub(super) replica: Arc<Replica>,
    pub(super) client: WorkerClient,
    pub(super) interval: Interval,
    pub(super) counts: Arc<Counts>,
}

/// What this coordinator's replica, which may be behind, shows of an instance that registers.
struct Claim {
    /// There is nothing to write.
    is_known: bool,
    /// It has yet to show that it lives: those that it replaced may not have been told.
    is_new: bool,
    is_draining: bool,
}

impl CoordinatorService for Registrar {
    async fn register(
        &self,
        context: &Context,
        request: RegisterRequest,
    ) -> Result<RegisterReply, RegisterFault> {
        let reply = RegisterReply {
            worker_id: request.worker_id.to_string(),
            status: RegisterStatus::Registered,
            heartbeat_interval: Some(self.interval),
        };
        let registered = self.admit(context, request).await;
        let counter = match &registered {
            Ok(()) => &self.counts.registrations,
            Err(RegisterFault::RegistryUnavailable(_)) => &self.counts.unavailable,
            Err(_) => &self.counts.refused,
        };
        Counts::add(counter, 1);
        registered.map(|()| reply)
    }
}

impl Registrar {
    async fn admit(
        &self,
        context: &Context,
        request: RegisterRequest,
    ) -> Result<(), RegisterFault> {
        let (told, expected) = (request.api_key.expose(), self.api_key.expose());
        // How long it takes does not tell how much of a guess is right.
        if !bool::from(told.as_bytes().ct_eq(expected.as_bytes())) {
            return Err(RegisterFault::InvalidApiKey);
        }
        let way_back = WAY_BACK.min(context.remaining() / 10);
        let is_draining = request.draining.is_some();
        let registration = RegisterWorker {
            id: request.worker_id,
            address: request.address,
            api_key: request.api_key,
            capacity: request.capacity,
            instance: request.instance,
        };
        let entering = self.enter(registration, is_draining);
        let entered = timeout_at(context.deadline() - way_back, entering).await;
        entered.unwrap_or_else(|_| Err(unavailable("it did not change in time")))
    }

    async fn enter(
        &self,
        registration: RegisterWorker,
        is_draining: bool,
    ) -> Result<(), RegisterFault> {
        let claim = self
            .replica
            .local(|registry| Claim::of(&registration, registry));
        let id = registration.id.clone();
        if !claim.is_known {
            let entry = self.write(Command::RegisterWorker(registration)).await?;
            if claim.is_new {
                let applied = self.replica.applied(entry).await;
                applied.map_err(|error| unavailable(&error.to_string()))?;
            }
        }
        if claim.is_new {
            self.tell(&id).await;
        }
        if is_draining && !claim.is_draining {
            let status = WorkerStatus::Draining;
            let change = WorkerStatusChanged { id, status };
            self.write(Command::WorkerStatusChanged(change)).await?;
        }
        Ok(())
    }

    /// Tells all instances under an id which of them were replaced, if any were. One that does not hear it learns it when
    /// it registers again.
    async fn tell(&self, id: &WorkerId) {
        let notice = self.replica.local(|registry| {
            let record = registry.worker(id)?;
            Some(Registration {
                instance: record.registration.instance.clone(),
                replaced: Limited::new(record.replaced.clone()).expect("they are within the limit"),
            })
        });
        if let Some(notice) = notice
            && !notice.replaced.is_empty()
        {
            let _ = self.client.registration(id, &notice).await;
        }
    }

    /// Changes the registry. The entry of the log that did it.
    async fn write(&self, command: Command) -> Result<LogId, RegisterFault> {
        let written = self.replica.propose(command).await;
        let written = written.map_err(|error| unavailable(&error.to_string()))?;
        match written.outcome {
            CommandReply::Ok => Ok(written.log_id),
            // The registry refuses nothing else of a worker that registers.
            CommandReply::Error(_) => Err(RegisterFault::WorkerReplaced),
            CommandReply::Unknown(answer) => Err(unavailable(&answer.to_string())),
        }
    }
}

impl Claim {
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
