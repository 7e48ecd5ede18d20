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

/// What a registration is to this coordinator, whose replica may be behind.
enum Claim {
    /// What is known already: there is nothing to write.
    Known,
    /// News of the instance that is registered.
    News,
    /// A new instance. Others under its id must be told if there may be any that hear it.
    New { has_peers: bool },
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
        let look = |registry: &Registry| known(registry, &registration);
        let (claim, drains) = self.replica.local(look);
        let id = registration.id.clone();
        let instance = registration.instance.clone();
        if !matches!(claim, Claim::Known) {
            self.write(Command::RegisterWorker(registration)).await?;
        }
        if let Claim::New { has_peers: true } = claim {
            // An instance that does not hear it learns it when it registers again.
            let _ = self
                .client
                .registration(&id, &Registration { instance })
                .await;
        }
        if is_draining && !drains {
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

/// What a registration is to this replica, and whether its instance drains already.
fn known(registry: &Registry, registration: &RegisterWorker) -> (Claim, bool) {
    let says_which = registration.instance.is_some();
    let Some(record) = registry.worker(&registration.id) else {
        let has_peers = says_which;
        return (Claim::New { has_peers }, false);
    };
    if !record.is_renewed_by(registration) {
        let has_peers = says_which || record.registration.instance.is_some();
        return (Claim::New { has_peers }, false);
    }
    let claim = if record.registration == *registration {
        Claim::Known
    } else {
        Claim::News
    };
    (claim, record.status == WorkerStatus::Draining)
}

fn unavailable(reason: &str) -> RegisterFault {
    RegisterFault::RegistryUnavailable(reason.to_owned())
}
