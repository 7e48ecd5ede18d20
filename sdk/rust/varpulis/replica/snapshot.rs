//! Snapshots of the registry: the commands that create it, a command per line.
//!
//! So a snapshot needs no schema of its own, and restoring it only applies commands.

use natsgen_runtime::{EncodeError, codec};

use super::registry::{Migration, Registry, WorkerRecord};
use super::store::{StoreError, decode};
use crate::types::{
    CheckpointCompleted, Command, CommandReply, ConnectorCreated, GroupDeployed, MigrationStarted,
    ModelRegistered, RegisterWorker, ScalingPolicySet, WorkerStatus, WorkerStatusChanged,
};

impl Registry {
    /// Encodes the registry. The same registry gives the same bytes.
    pub(super) fn to_snapshot(&self) -> Result<Vec<u8>, EncodeError> {
        let mut bytes = Vec::new();
        for command in self.commands() {
            bytes.extend_from_slice(&codec::encode(&command?)?);
            bytes.push(b'\n');
        }
        Ok(bytes)
    }

    /// Decodes the output of [`Registry::to_snapshot`].
    pub(super) fn of_snapshot(bytes: &[u8]) -> Result<Self, StoreError> {
        let mut registry = Self::default();
        let lines = bytes.split(|byte| *byte == b'\n');
        for line in lines.filter(|line| !line.is_empty()) {
            let command = decode::<Command>(line, "the snapshot")?;
            if let CommandReply::Error(failure) = registry.apply(command) {
                return Err(StoreError::Damaged {
                    part: "the snapshot".to_owned(),
                    reason: failure.message.into_inner(),
                });
            }
        }
        Ok(registry)
    }

    /// The commands that create the registry from an empty registry.
    fn commands(&self) -> impl Iterator<Item = Result<Command, EncodeError>> {
        let groups = self.groups.all().iter().map(|(name, group)| {
            Ok(Command::GroupDeployed(GroupDeployed::new(
                name.clone(),
                group.to_value()?,
            )))
        });
        let connectors = self.connectors.iter().map(|(name, connector)| {
            Command::ConnectorCreated(ConnectorCreated::new(name.clone(), connector.clone()))
        });
        let models = self.models.iter().map(|(name, entry)| {
            Command::ModelRegistered(ModelRegistered::new(name.clone(), entry.clone()))
        });
        let checkpoints = self.checkpoints.iter().flat_map(|(group_id, checkpoints)| {
            let completed = checkpoints.completed.map(|checkpoint_id| {
                Command::CheckpointCompleted(CheckpointCompleted::new(
                    group_id.clone(),
                    checkpoint_id,
                ))
            });
            let aborted = checkpoints.aborted.clone().map(Command::CheckpointAborted);
            completed.into_iter().chain(aborted)
        });
        let policy = self
            .scaling_policy
            .iter()
            .map(|policy| Command::ScalingPolicySet(ScalingPolicySet::new(policy.clone())));
        let workers = self.workers.values().flat_map(WorkerRecord::commands);
        let migrations = self.migrations.values().flat_map(Migration::commands);
        let rest = connectors.chain(models).chain(checkpoints).chain(policy);
        // Groups come first: the registry limits only registered workers, and a worker may have more deployments than
        // it accepts now.
        groups.chain(workers.chain(migrations).chain(rest).map(Ok))
    }
}

impl WorkerRecord {
    fn commands(&self) -> impl Iterator<Item = Command> {
        let replaced = self.replaced.iter().map(|instance| {
            Command::RegisterWorker(RegisterWorker {
                instance: Some(instance.clone()),
                ..self.registration.clone()
            })
        });
        let registration = Command::RegisterWorker(self.registration.clone());
        let status = (self.status != WorkerStatus::Registering).then(|| {
            Command::WorkerStatusChanged(WorkerStatusChanged::new(
                self.registration.id.clone(),
                self.status,
            ))
        });
        let pipelines = self.pipelines.clone().map(Command::WorkerPipelinesUpdated);
        let metrics = self.metrics.clone().map(Command::WorkerMetricsUpdated);
        let changes = status.into_iter().chain(pipelines).chain(metrics);
        replaced.chain(std::iter::once(registration)).chain(changes)
    }
}

impl Migration {
    fn commands(&self) -> impl Iterator<Item = Command> {
        let start = Command::MigrationStarted(MigrationStarted::new(self.task.clone()));
        let status = self.status.clone().map(Command::MigrationUpdated);
        std::iter::once(start).chain(status)
    }
}
