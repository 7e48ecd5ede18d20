//! Has deployments written down.

use std::sync::Arc;

use crate::replica::{Group, Registry, Replica, ReplicaError};
use crate::types::{Command, CommandReply, Deployment, PipelineName};

/// Has deployments written down, by whichever node leads.
#[derive(Clone)]
pub(super) struct Ledger(pub(super) Arc<Replica>);

/// What is to be written down.
pub(super) enum Due {
    /// This deployment, in place of the version that it replaces.
    Put(Deployment),
    /// The same of one that its worker began: where something else is known by now, it is stopped.
    Running(Deployment),
    /// That this one is no more.
    Remove(Deployment),
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Written {
    /// It is written down.
    Done,
    /// The worker has no room by now.
    NoRoom,
    /// Something else is known under the name: a deployment, or a group of another kind, or nothing any more.
    Conflict(Option<Arc<Deployment>>),
}

impl Ledger {
    pub(super) async fn write(&self, due: &Due) -> Result<Written, ReplicaError> {
        match due {
            Due::Put(deployment) | Due::Running(deployment) => self.put(deployment).await,
            Due::Remove(deployment) => self.remove(deployment).await,
        }
    }

    /// Writes a deployment down, in place of the version that it replaces.
    pub(super) async fn put(&self, new: &Deployment) -> Result<Written, ReplicaError> {
        if self.propose(new.to_command()?).await? {
            return Ok(Written::Done);
        }
        // It may have been applied twice: what counts is what is known now.
        let known = self.group(&new.pipeline).await?;
        let deployment = known.as_ref().and_then(deployment_of);
        let version = deployment.map(|known| &known.version);
        Ok(if version == Some(&new.version) {
            Written::Done
        } else if version == new.replaces.as_ref() && known.is_some() == new.replaces.is_some() {
            Written::NoRoom
        } else {
            Written::Conflict(deployment.cloned())
        })
    }

    /// Forgets a deployment.
    pub(super) async fn remove(&self, old: &Deployment) -> Result<Written, ReplicaError> {
        if self.propose(old.to_removal()?).await? {
            return Ok(Written::Done);
        }
        Ok(match self.group(&old.pipeline).await? {
            None => Written::Done,
            Some(known) => Written::Conflict(deployment_of(&known).cloned()),
        })
    }

    /// What is known of a deployment now.
    pub(super) async fn current(
        &self,
        pipeline: &PipelineName,
    ) -> Result<Option<Arc<Deployment>>, ReplicaError> {
        let find = |registry: &Registry| registry.deployment(pipeline).cloned();
        self.0.current(find).await
    }

    async fn group(&self, pipeline: &PipelineName) -> Result<Option<Group>, ReplicaError> {
        let groups = |registry: &Registry| registry.groups().get(pipeline.as_str()).cloned();
        self.0.current(groups).await
    }

    /// Whether the registry took it.
    async fn propose(&self, command: Command) -> Result<bool, ReplicaError> {
        let reply = self.0.propose(command).await?;
        Ok(reply.outcome == CommandReply::Ok)
    }
}

fn deployment_of(group: &Group) -> Option<&Arc<Deployment>> {
    match group {
        Group::Deployment(deployment) => Some(deployment),
        Group::Other(_) => None,
    }
}
