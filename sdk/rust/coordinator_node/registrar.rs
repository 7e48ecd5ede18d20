//! Answers workers that register.

use std::sync::Arc;

use natsgen_runtime::Context;

use super::Interval;
use crate::coordinator::{
    CoordinatorService, RegisterFault, RegisterReply, RegisterRequest, RegisterStatus,
};
use crate::replica::Replica;
use crate::types::{ApiKey, Command, RegisterWorker};

/// Puts workers that register into the registry.
pub(super) struct Registrar {
    pub(super) api_key: ApiKey,
    pub(super) replica: Arc<Replica>,
    pub(super) interval: Interval,
}

impl CoordinatorService for Registrar {
    async fn register(
        &self,
        _: &Context,
        request: RegisterRequest,
    ) -> Result<RegisterReply, RegisterFault> {
        if request.api_key != self.api_key {
            return Err(RegisterFault::InvalidApiKey);
        }
        let reply = RegisterReply {
            worker_id: request.worker_id.to_string(),
            status: RegisterStatus::Registered,
            heartbeat_interval: Some(self.interval),
        };
        let registration = Command::RegisterWorker(RegisterWorker {
            id: request.worker_id,
            address: request.address,
            api_key: request.api_key,
            capacity: request.capacity,
            instance: request.instance,
        });
        let written = self.replica.write(registration).await;
        written
            .map(|_| reply)
            .map_err(|error| RegisterFault::RegistryUnavailable(error.to_string()))
    }
}
