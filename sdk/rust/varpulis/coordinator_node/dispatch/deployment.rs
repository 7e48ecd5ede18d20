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
    /// The first version of a deployment, about to be deployed.
    pub(super) fn first(
        request: &DeployRequest,
        reservation: &Reservation,
    ) -> Result<Self, Violation> {
        let mut first = Self::new(
            request.name.clone(),
            version()?,
            request.source.clone(),
            reservation.worker_id.clone(),
            DeploymentState::Deploying,
        );
        first.instance.clone_from(&reservation.instance);
        Ok(first)
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
        let pipeline_id = self.pipeline_id.clone()?;
        let mut place = DeploymentPlace::new(self.worker_id.clone(), pipeline_id);
        place.instance.clone_from(&self.instance);
        Some(place)
    }

    /// All places where it may run.
    pub(super) fn places(&self) -> impl Iterator<Item = DeploymentPlace> {
        self.place().into_iter().chain(self.left.iter().cloned())
    }

    /// The command for a worker.
    pub(super) fn to_request(&self) -> DeployRequest {
        DeployRequest::new(self.pipeline.clone(), self.source.clone())
    }

    /// The command that writes it to the registry.
    pub(super) fn to_command(&self) -> Result<Command, ReplicaError> {
        let group = value_of(self);
        let group = group.map_err(|error| ReplicaError::Inadmissible(error.to_string()))?;
        let name = self.group()?;
        Ok(match self.replaces {
            None => Command::GroupDeployed(GroupDeployed::new(name, group)),
            Some(_) => Command::GroupUpdated(GroupUpdated::new(name, group)),
        })
    }

    /// The command that removes it from the registry, unless it has changed.
    pub(super) fn to_removal(&self) -> Result<Command, ReplicaError> {
        let mut removed = GroupRemoved::new(self.group()?);
        removed.version = Some(self.version.clone());
        Ok(Command::GroupRemoved(removed))
    }

    fn group(&self) -> Result<GroupName, Violation> {
        GroupName::try_from(self.pipeline.as_str())
    }
}

fn version() -> Result<DeploymentVersion, Violation> {
    DeploymentVersion::try_from(token())
}
