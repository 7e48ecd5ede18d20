//! The versions of a deployment.

use natsgen_runtime::{Limited, Violation, token};

use super::reservation::Reservation;
use crate::replica::{ReplicaError, value_of};
use crate::types::{
    Command, Deployment, DeploymentPlace, DeploymentState, DeploymentVersion, GroupDeployed,
    GroupName, GroupRemoved, GroupUpdated, PipelineId,
};
use crate::worker::DeployRequest;

impl Deployment {
    /// A new deployment, about to be deployed.
    pub(super) fn new(
        request: &DeployRequest,
        reservation: &Reservation,
    ) -> Result<Self, Violation> {
        Ok(Self {
            pipeline: request.name.clone(),
            version: version()?,
            replaces: None,
            source: request.source.clone(),
            worker_id: reservation.worker_id.clone(),
            instance: reservation.instance.clone(),
            state: DeploymentState::Deploying,
            pipeline_id: None,
            left: Limited::default(),
        })
    }

    /// The same deployment, about to be deployed on the reserved worker. Its old place is recorded.
    pub(super) fn moved(&self, reservation: &Reservation) -> Result<Self, Violation> {
        let mut left = self.left.clone().into_inner();
        // Pipelines end with their instance.
        let has_ended =
            self.worker_id == reservation.worker_id && self.instance != reservation.instance;
        left.extend(self.place().filter(|_| !has_ended));
        Ok(Self {
            worker_id: reservation.worker_id.clone(),
            instance: reservation.instance.clone(),
            pipeline_id: None,
            left: Limited::new(left)?,
            ..self.next(DeploymentState::Deploying)?
        })
    }

    /// The same deployment as at `origin`, before a move that failed.
    pub(super) fn restored(&self, origin: &Self) -> Result<Self, Violation> {
        Ok(Self {
            version: version()?,
            replaces: Some(self.version.clone()),
            ..origin.clone()
        })
    }

    /// The same deployment, without the old places `ended`.
    pub(super) fn cleared(&self, ended: &[DeploymentPlace]) -> Result<Self, Violation> {
        let left = self.left.iter().filter(|place| !ended.contains(place));
        Ok(Self {
            left: Limited::new(left.cloned().collect())?,
            ..self.next(self.state)?
        })
    }

    /// The same deployment, confirmed as running by its worker.
    pub(super) fn running(&self, id: PipelineId) -> Result<Self, Violation> {
        Ok(Self {
            pipeline_id: Some(id),
            ..self.next(DeploymentState::Running)?
        })
    }

    /// The same deployment with an unknown state.
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

    /// The place where it runs, as far as known.
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

    /// The command for a worker.
    pub(super) fn to_request(&self) -> DeployRequest {
        DeployRequest {
            name: self.pipeline.clone(),
            source: self.source.clone(),
        }
    }

    /// The command that writes it to the registry.
    pub(super) fn to_command(&self) -> Result<Command, ReplicaError> {
        let group = value_of(self);
        let group = group.map_err(|error| ReplicaError::Inadmissible(error.to_string()))?;
        let name = self.group()?;
        Ok(match self.replaces {
            None => Command::GroupDeployed(GroupDeployed { name, group }),
            Some(_) => Command::GroupUpdated(GroupUpdated { name, group }),
        })
    }

    /// The command that removes it from the registry, unless it has changed.
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
    DeploymentVersion::try_from(token())
}
