//! Answers workers that register.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::Context;
use subtle::ConstantTimeEq as _;
use tokio::time::timeout_at;

use super::Interval;
use super::health::Counts;
use crate::coordinator::{
    CoordinatorService, RegisterFault, RegisterReply, RegisterRequest, RegisterStatus,
};
use crate::replica::{Registry, Replica};
use crate::types::{
    ApiKey, Command, CommandReply, RegisterWorker, WorkerStatus, WorkerStatusChanged,
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

/// What this coordinator knows of a worker that registers.
struct Known {
    /// There is nothing to write.
    is_same: bool,
    /// It is the instance that is registered already.
    is_renewal: bool,
    is_draining: bool,
    /// Somebody may have to be told who is registered now.
    has_peers: bool,
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
        let known = self
            .replica
            .local(|registry| Known::of(registry, &registration));
        let id = registration.id.clone();
        if !known.is_same {
            let registered = Registration {
                instance: registration.instance.clone(),
            };
            self.write(Command::RegisterWorker(registration)).await?;
            if known.has_peers {
                // An instance that does not hear it learns it when it registers again.
                let _ = self.client.registration(&id, &registered).await;
            }
        }
        if is_draining && !(known.is_renewal && known.is_draining) {
            let status = WorkerStatus::Draining;
            let change = WorkerStatusChanged { id, status };
            self.write(Command::WorkerStatusChanged(change)).await?;
        }
        Ok(())
    }

    async fn write(&self, command: Command) -> Result<(), RegisterFault> {
        let written = self.replica.propose(command).await;
        match written
            .map_err(|error| unavailable(&error.to_string()))?
            .outcome
        {
            CommandReply::Ok => Ok(()),
            // The registry refuses nothing else of a worker that registers.
            CommandReply::Error(_) => Err(RegisterFault::WorkerReplaced),
            CommandReply::Unknown(answer) => Err(unavailable(&answer.to_string())),
        }
    }
}

impl Known {
    fn of(registry: &Registry, registration: &RegisterWorker) -> Self {
        // This replica may be behind, so even of a worker that it does not know there may be an older instance.
        let says_which = registration.instance.is_some();
        let Some(record) = registry.worker(&registration.id) else {
            return Self {
                is_same: false,
                is_renewal: false,
                is_draining: false,
                has_peers: says_which,
            };
        };
        let is_renewal = record.is_renewed_by(registration);
        let had_said = record.registration.instance.is_some();
        Self {
            is_same: is_renewal && record.registration == *registration,
            is_renewal,
            is_draining: record.status == WorkerStatus::Draining,
            has_peers: !is_renewal && (says_which || had_said),
        }
    }
}

fn unavailable(reason: &str) -> RegisterFault {
    RegisterFault::RegistryUnavailable(reason.to_owned())
}
