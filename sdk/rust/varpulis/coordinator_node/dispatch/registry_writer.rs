//! Writes deployments to the registry.

use std::sync::Arc;

use crate::replica::{Group, Registry, Replica, ReplicaError};
use crate::types::{Command, CommandReply, Deployment, PipelineName};

/// Writes deployments to the registry, through the current leader.
#[derive(Clone)]
pub(super) struct RegistryWriter {
    pub(super) replica: Arc<Replica>,
}

/// A change of a deployment that is to be written.
pub(super) enum PendingWrite {
    /// Writes this deployment, in place of the version that it replaces.
    Put(Deployment),
    /// Writes this running deployment, in place of the version that it replaces. If that version was replaced
    /// meanwhile, the pipeline is undeployed.
    Running(Deployment),
    /// Removes this deployment.
    Remove(Deployment),
}

/// The outcome of a write.
#[derive(Debug)]
pub(super) enum WriteOutcome {
    /// It is written.
    Done,
    /// The worker has no room any more.
    NoRoom,
    /// The registry has another version of the deployment, another kind of group, or nothing under the name.
    Conflict(Option<Arc<Deployment>>),
}

impl RegistryWriter {
    pub(super) async fn write(&self, write: &PendingWrite) -> Result<WriteOutcome, ReplicaError> {
        match write {
            PendingWrite::Put(deployment) | PendingWrite::Running(deployment) => {
                self.put(deployment).await
            }
            PendingWrite::Remove(deployment) => self.remove(deployment).await,
        }
    }

    /// Writes a deployment, in place of the version that it replaces.
    pub(super) async fn put(&self, new: &Deployment) -> Result<WriteOutcome, ReplicaError> {
        if self.propose(new.to_command()?).await? {
            return Ok(WriteOutcome::Done);
        }
        // The command may have been applied twice, so only the current state counts.
        let known = self.group(&new.pipeline).await?;
        let deployment = known.as_ref().and_then(deployment_of);
        let version = deployment.map(|known| &known.version);
        Ok(if version == Some(&new.version) {
            WriteOutcome::Done
        } else if version == new.replaces.as_ref() && known.is_some() == new.replaces.is_some() {
            WriteOutcome::NoRoom
        } else {
            WriteOutcome::Conflict(deployment.cloned())
        })
    }

    /// Removes a deployment.
    pub(super) async fn remove(&self, old: &Deployment) -> Result<WriteOutcome, ReplicaError> {
        if self.propose(old.to_removal()?).await? {
            return Ok(WriteOutcome::Done);
        }
        Ok(match self.group(&old.pipeline).await? {
            None => WriteOutcome::Done,
            Some(known) => WriteOutcome::Conflict(deployment_of(&known).cloned()),
        })
    }

    /// The current deployment of a pipeline.
    pub(super) async fn current(
        &self,
        pipeline: &PipelineName,
    ) -> Result<Option<Arc<Deployment>>, ReplicaError> {
        let find = |registry: &Registry| registry.deployment(pipeline).cloned();
        self.replica.current(find).await
    }

    async fn group(&self, pipeline: &PipelineName) -> Result<Option<Group>, ReplicaError> {
        let groups = |registry: &Registry| registry.groups().get(pipeline.as_str()).cloned();
        self.replica.current(groups).await
    }

    /// Whether the registry accepted the command.
    async fn propose(&self, command: Command) -> Result<bool, ReplicaError> {
        let reply = self.replica.propose(command).await?;
        Ok(reply.outcome == CommandReply::Ok)
    }
}

fn deployment_of(group: &Group) -> Option<&Arc<Deployment>> {
    match group {
        Group::Deployment(deployment) => Some(deployment),
        Group::Other(_) => None,
    }
}
