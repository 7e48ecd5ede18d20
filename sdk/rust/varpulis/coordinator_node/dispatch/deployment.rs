//! What is written down of a pipeline that is deployed.

use std::hash::{BuildHasher, Hasher, RandomState};

use natsgen_runtime::{Limited, Violation};

use super::seats::Seat;
use crate::replica::{ReplicaError, value_of};
use crate::types::{
    Command, Deployment, DeploymentPlace, DeploymentState, DeploymentVersion, GroupDeployed,
    GroupName, GroupRemoved, GroupUpdated, PipelineId,
};
use crate::worker::DeployRequest;

impl Deployment {
    /// A pipeline that is about to be deployed where there was none of its name.
    pub(super) fn new(request: &DeployRequest, seat: &Seat) -> Result<Self, Violation> {
        Ok(Self {
            pipeline: request.name.clone(),
            version: version()?,
            replaces: None,
            source: request.source.clone(),
            worker_id: seat.worker_id.clone(),
            instance: seat.instance.clone(),
            state: DeploymentState::Deploying,
            pipeline_id: None,
            left: Limited::default(),
        })
    }

    /// The same, about to be deployed once more, on the worker of `seat`. Where it ran is not forgotten.
    pub(super) fn moved(&self, seat: &Seat) -> Result<Self, Violation> {
        let mut left = self.left.clone().into_inner();
        // The end of an instance is the end of its pipelines.
        let has_ended = self.worker_id == seat.worker_id && self.instance != seat.instance;
        left.extend(self.place().filter(|_| !has_ended));
        Ok(Self {
            worker_id: seat.worker_id.clone(),
            instance: seat.instance.clone(),
            pipeline_id: None,
            left: Limited::new(left)?,
            ..self.next(DeploymentState::Deploying)?
        })
    }

    /// The same as it was at `origin`, before it was moved in vain.
    pub(super) fn back_at(&self, origin: &Self) -> Result<Self, Violation> {
        Ok(Self {
            version: version()?,
            replaces: Some(self.version.clone()),
            ..origin.clone()
        })
    }

    /// The same, which does not run at `ended` any more.
    pub(super) fn cleared(&self, ended: &[DeploymentPlace]) -> Result<Self, Violation> {
        let left = self.left.iter().filter(|place| !ended.contains(place));
        Ok(Self {
            left: Limited::new(left.cloned().collect())?,
            ..self.next(self.state)?
        })
    }

    /// The same, of which the worker said that it runs.
    pub(super) fn running(&self, id: PipelineId) -> Result<Self, Violation> {
        Ok(Self {
            pipeline_id: Some(id),
            ..self.next(DeploymentState::Running)?
        })
    }

    /// The same, of which nobody knows whether it runs.
    pub(super) fn uncertain(&self) -> Result<Self, Violation> {
        self.next(DeploymentState::Uncertain)
    }

    fn next(&self, state: DeploymentState) -> Result<Self, Violation> {
        Ok(Self {
            version: version()?,
            replaces: Some(self.version.clone()),
            state,
            ..self.clone()
        })
    }

    /// Where it runs, as far as is known.
    pub(super) fn place(&self) -> Option<DeploymentPlace> {
        Some(DeploymentPlace {
            worker_id: self.worker_id.clone(),
            instance: self.instance.clone(),
            pipeline_id: self.pipeline_id.clone()?,
        })
    }

    /// All places where it may run.
    pub(super) fn places(&self) -> impl Iterator<Item = DeploymentPlace> {
        self.place().into_iter().chain(self.left.iter().cloned())
    }

    /// What a worker has to be told.
    pub(super) fn to_request(&self) -> DeployRequest {
        DeployRequest {
            name: self.pipeline.clone(),
            source: self.source.clone(),
        }
    }

    /// What has it written down.
    pub(super) fn to_command(&self) -> Result<Command, ReplicaError> {
        let group = value_of(self);
        let group = group.map_err(|error| ReplicaError::Inadmissible(error.to_string()))?;
        let name = self.group()?;
        Ok(match self.replaces {
            None => Command::GroupDeployed(GroupDeployed { name, group }),
            Some(_) => Command::GroupUpdated(GroupUpdated { name, group }),
        })
    }

    /// What has it forgotten, unless it has changed.
    pub(super) fn to_removal(&self) -> Result<Command, ReplicaError> {
        Ok(Command::GroupRemoved(GroupRemoved {
            name: self.group()?,
            version: Some(self.version.clone()),
        }))
    }

    fn group(&self) -> Result<GroupName, Violation> {
        GroupName::try_from(self.pipeline.as_str())
    }
}

fn version() -> Result<DeploymentVersion, Violation> {
    DeploymentVersion::try_from(unique())
}

/// A name that, as good as certainly, nobody else ever makes.
pub(super) fn unique() -> String {
    format!("{:016x}{:016x}", chance(), chance())
}

/// A number by chance: the standard library seeds each hash map from the system's randomness.
pub(super) fn chance() -> u64 {
    RandomState::new().build_hasher().finish()
}
