//! Removing and draining workers.

use super::error::MemberError;
use super::running::RunningCoordinatorNode;
use crate::types::{
    Command, CommandReply, DeregisterWorker, WorkerId, WorkerStatus, WorkerStatusChanged,
};
use crate::worker::DrainRequest;

impl RunningCoordinatorNode {
    /// Removes a worker from the registry. If the worker runs, it is notified after its next heartbeat and registers
    /// again.
    ///
    /// # Errors
    /// If there is no such worker, or the registry cannot be changed in time.
    pub async fn remove(&self, id: &WorkerId) -> Result<(), MemberError> {
        let id = id.clone();
        self.change(Command::DeregisterWorker(DeregisterWorker::new(id)))
            .await
    }

    /// Gives a worker no new pipelines from now on, and commands it to drain, so that it refuses new work from other
    /// clients as well. The worker drains until another instance registers.
    ///
    /// # Errors
    /// If there is no such worker, or the registry cannot be changed in time. [`MemberError::Drain`] if the registry is
    /// changed, but the worker did not confirm the command.
    pub async fn drain(&self, id: &WorkerId) -> Result<(), MemberError> {
        let change = WorkerStatusChanged::new(id.clone(), WorkerStatus::Draining);
        self.change(Command::WorkerStatusChanged(change)).await?;
        let drained = self
            .dispatcher
            .client
            .drain(id, &DrainRequest::default())
            .await;
        drained.map(drop).map_err(MemberError::Drain)
    }

    async fn change(&self, command: Command) -> Result<(), MemberError> {
        match self.replica.propose(command).await?.outcome {
            CommandReply::Ok => Ok(()),
            CommandReply::Error(failure) => Err(MemberError::Refused(failure.message.into_inner())),
            CommandReply::Unknown(answer) => Err(MemberError::Refused(answer.to_string())),
        }
    }
}
