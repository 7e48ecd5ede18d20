//! The replicated registry: workers, groups, moves, connectors, models, checkpoints and the scaling policy.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;
use std::sync::Arc;

use natsgen_runtime::{Limited, Value};

use super::groups::{Group, Groups};
use crate::types::{
    CheckpointAborted, CheckpointCompleted, CheckpointId, ClusterConnector, Command,
    CommandFailure, CommandReply, ConnectorName, Deployment, GroupId, GroupName, MigrationId,
    MigrationUpdated, ModelEntry, ModelName, PipelineName, RegisterWorker, WorkerId,
    WorkerInstance, WorkerMetricsUpdated, WorkerPipelinesUpdated, WorkerStatus,
};

/// The number of replaced instances that a worker's record keeps.
const REPLACED: usize = 16;

/// The replicated registry. It changes only by [`Command`]s. The same commands in the same order result in the same
/// registry on every node: it reads no clock and no random numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Registry {
    pub(super) workers: BTreeMap<WorkerId, WorkerRecord>,
    pub(super) groups: Groups,
    pub(super) migrations: BTreeMap<MigrationId, Migration>,
    pub(super) connectors: BTreeMap<ConnectorName, ClusterConnector>,
    pub(super) models: BTreeMap<ModelName, ModelEntry>,
    pub(super) checkpoints: BTreeMap<GroupId, GroupCheckpoints>,
    pub(super) scaling_policy: Option<Value>,
}

/// The record of a worker.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkerRecord {
    /// Its last registration.
    pub registration: RegisterWorker,
    /// Its status; `registering` until the leader writes another.
    pub status: WorkerStatus,
    /// The pipelines that it should run, if they were ever set.
    pub pipelines: Option<WorkerPipelinesUpdated>,
    /// Its newest counters, if any.
    pub metrics: Option<WorkerMetricsUpdated>,
    /// Instances that were replaced, the newest last, at most 16. Their registrations are refused.
    pub replaced: Vec<WorkerInstance>,
}

/// A move of a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Migration {
    /// The task, in the coordinator's own form.
    pub task: Value,
    /// The current step, after the first update.
    pub status: Option<MigrationUpdated>,
}

/// The checkpoints of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupCheckpoints {
    /// The newest complete checkpoint.
    pub completed: Option<CheckpointId>,
    /// The last aborted checkpoint.
    pub aborted: Option<CheckpointAborted>,
}

impl Registry {
    /// All workers, ordered by their ids.
    pub fn workers(&self) -> impl Iterator<Item = &WorkerRecord> {
        self.workers.values()
    }

    /// The record of a worker.
    #[must_use]
    pub fn worker(&self, id: &WorkerId) -> Option<&WorkerRecord> {
        self.workers.get(id)
    }

    /// Workers in the order of their ids, from the start or after `id`.
    pub(crate) fn workers_after(
        &self,
        id: Option<&WorkerId>,
    ) -> impl Iterator<Item = (&WorkerId, &WorkerRecord)> {
        let start = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.workers.range::<WorkerId, _>((start, Bound::Unbounded))
    }

    /// All groups of pipelines, including deployments.
    #[must_use]
    pub fn groups(&self) -> &BTreeMap<GroupName, Group> {
        self.groups.all()
    }

    /// All deployments, ordered by the names of their pipelines.
    pub fn deployments(&self) -> impl Iterator<Item = &Arc<Deployment>> {
        self.groups.deployments()
    }

    /// The deployment of a pipeline.
    #[must_use]
    pub fn deployment(&self, pipeline: &PipelineName) -> Option<&Arc<Deployment>> {
        self.groups.deployment(pipeline)
    }

    /// The deployments on a worker, including those under way, ordered by the names of their pipelines.
    pub fn deployments_on(&self, worker: &WorkerId) -> impl Iterator<Item = &Arc<Deployment>> {
        self.groups.deployments_on(worker)
    }

    /// The number of deployments on a worker.
    #[must_use]
    pub fn deployment_count(&self, worker: &WorkerId) -> usize {
        self.groups.count_on(worker)
    }

    /// All moves of pipelines that were not removed.
    #[must_use]
    pub fn migrations(&self) -> &BTreeMap<MigrationId, Migration> {
        &self.migrations
    }

    /// All connectors.
    #[must_use]
    pub fn connectors(&self) -> &BTreeMap<ConnectorName, ClusterConnector> {
        &self.connectors
    }

    /// All models.
    #[must_use]
    pub fn models(&self) -> &BTreeMap<ModelName, ModelEntry> {
        &self.models
    }

    /// The checkpoints of each group that has any.
    #[must_use]
    pub fn checkpoints(&self) -> &BTreeMap<GroupId, GroupCheckpoints> {
        &self.checkpoints
    }

    /// The scaling policy in the coordinator's own form, if it was ever set.
    #[must_use]
    pub fn scaling_policy(&self) -> Option<&Value> {
        self.scaling_policy.as_ref()
    }

    /// Applies a command. A command that cannot be applied changes nothing; the reply contains the reason.
    pub fn apply(&mut self, command: Command) -> CommandReply {
        match self.try_apply(command) {
            Ok(()) => CommandReply::Ok,
            Err(reason) => CommandReply::Error(CommandFailure::new(
                Limited::new(reason).unwrap_or_default(),
            )),
        }
    }

    fn try_apply(&mut self, command: Command) -> Result<(), String> {
        match command {
            Command::RegisterWorker(worker) => self.register(worker)?,
            Command::DeregisterWorker(worker) => remove(&mut self.workers, &worker.id, "worker")?,
            Command::WorkerStatusChanged(change) => {
                find(&mut self.workers, &change.id, "worker")?.set_status(change.status)?;
            }
            Command::WorkerPipelinesUpdated(update) => {
                let worker = find(&mut self.workers, &update.id, "worker")?;
                worker.pipelines = Some(update);
            }
            Command::WorkerMetricsUpdated(update) => self.update_metrics(update)?,
            Command::GroupDeployed(group) => {
                let workers = &self.workers;
                self.groups.deploy(group, |id| capacity(workers, id))?;
            }
            Command::GroupUpdated(update) => {
                let workers = &self.workers;
                self.groups.update(update, |id| capacity(workers, id))?;
            }
            Command::GroupRemoved(group) => self.groups.remove(group)?,
            Command::MigrationStarted(start) => self.start_migration(start.task)?,
            Command::MigrationUpdated(update) => {
                let migration = find(&mut self.migrations, &update.id, "move")?;
                migration.status = Some(update);
            }
            Command::MigrationRemoved(ended) => remove(&mut self.migrations, &ended.id, "move")?,
            Command::ConnectorCreated(new) => put(&mut self.connectors, new.name, new.connector),
            Command::ConnectorUpdated(update) => {
                *find(&mut self.connectors, &update.name, "connector")? = update.connector;
            }
            Command::ConnectorRemoved(old) => remove(&mut self.connectors, &old.name, "connector")?,
            Command::ScalingPolicySet(set) => self.scaling_policy = Some(set.policy),
            Command::ModelRegistered(model) => put(&mut self.models, model.name, model.entry),
            Command::ModelRemoved(model) => remove(&mut self.models, &model.name, "model")?,
            Command::CheckpointCompleted(checkpoint) => self.complete_checkpoint(checkpoint)?,
            Command::CheckpointAborted(checkpoint) => {
                let group = checkpoint.group_id.clone();
                self.checkpoints.entry(group).or_default().aborted = Some(checkpoint);
            }
        }
        Ok(())
    }

    fn complete_checkpoint(&mut self, checkpoint: CheckpointCompleted) -> Result<(), String> {
        let known = self.checkpoints.entry(checkpoint.group_id).or_default();
        let new = checkpoint.checkpoint_id;
        match known.completed {
            Some(newest) if newest >= new => Err(format!(
                "checkpoint {newest} is complete, {new} is not newer"
            )),
            _ => {
                known.completed = Some(new);
                Ok(())
            }
        }
    }

    fn register(&mut self, mut registration: RegisterWorker) -> Result<(), String> {
        let replaces = registration.replaces.take();
        match self.workers.entry(registration.id.clone()) {
            Entry::Vacant(place) => {
                place.insert(WorkerRecord::new(registration));
                Ok(())
            }
            Entry::Occupied(known) => {
                let replaces = replaces.as_ref().map(|instance| instance.as_str());
                known.into_mut().register(registration, replaces)
            }
        }
    }

    fn update_metrics(&mut self, update: WorkerMetricsUpdated) -> Result<(), String> {
        let worker = find(&mut self.workers, &update.id, "worker")?;
        match &worker.metrics {
            Some(known) if known.heartbeat_seq >= update.heartbeat_seq => Err(format!(
                "heartbeat {} is older than {}",
                update.heartbeat_seq, known.heartbeat_seq
            )),
            _ => {
                worker.metrics = Some(update);
                Ok(())
            }
        }
    }

    /// The key of a move is the `id` of its task. The other members of the task belong to the coordinator.
    fn start_migration(&mut self, task: Value) -> Result<(), String> {
        let id = task.get("id").and_then(Value::as_str).unwrap_or_default();
        let id = MigrationId::try_from(id).map_err(|_| "the task has no id".to_owned())?;
        self.migrations.insert(id, Migration { task, status: None });
        Ok(())
    }
}

impl WorkerRecord {
    fn new(registration: RegisterWorker) -> Self {
        Self {
            registration,
            status: WorkerStatus::Registering,
            pipelines: None,
            metrics: None,
            replaced: Vec::new(),
        }
    }

    /// Whether this registration renews the registered instance. A registration without an instance id never does,
    /// because it may belong to any instance.
    pub(crate) fn is_renewed_by(&self, registration: &RegisterWorker) -> bool {
        registration.instance.is_some() && registration.instance == self.registration.instance
    }

    /// Registers the worker again. Its pipelines and counters are kept. A new instance replaces the instance before for
    /// good, and is not ready before its first heartbeat. With `replaces`, it replaces only this instance.
    fn register(
        &mut self,
        registration: RegisterWorker,
        replaces: Option<&str>,
    ) -> Result<(), String> {
        if let Some(instance) = &registration.instance
            && self.replaced.contains(instance)
        {
            let id = &registration.id;
            return Err(format!("instance {instance} of worker {id} was replaced"));
        }
        let is_renewal = self.is_renewed_by(&registration);
        let instance = self.registration.instance.as_ref();
        let instance = instance.map(WorkerInstance::as_str).unwrap_or_default();
        if !is_renewal && replaces.is_some_and(|replaces| replaces != instance) {
            let id = &registration.id;
            return Err(format!(
                "worker {id} is registered as instance {instance:?}"
            ));
        }
        let before = std::mem::replace(&mut self.registration, registration);
        if is_renewal {
            return Ok(());
        }
        self.status = WorkerStatus::Registering;
        if let Some(instance) = before.instance {
            if self.replaced.len() == REPLACED {
                self.replaced.remove(0);
            }
            self.replaced.push(instance);
        }
        Ok(())
    }

    /// Sets the status. An instance that drains does so for good.
    fn set_status(&mut self, status: WorkerStatus) -> Result<(), String> {
        if self.status == WorkerStatus::Draining && status != WorkerStatus::Draining {
            return Err(format!("worker {} is draining", self.registration.id));
        }
        self.status = status;
        Ok(())
    }
}

/// The number of pipelines that a worker accepts, if the worker is registered.
fn capacity(workers: &BTreeMap<WorkerId, WorkerRecord>, id: &WorkerId) -> Option<u32> {
    let worker = workers.get(id)?;
    Some(worker.registration.capacity.max_pipelines)
}

fn find<'a, K: Ord + AsRef<str>, V>(
    known: &'a mut BTreeMap<K, V>,
    name: &K,
    noun: &str,
) -> Result<&'a mut V, String> {
    let missing = || format!("no {noun} {}", name.as_ref());
    known.get_mut(name).ok_or_else(missing)
}

fn put<K: Ord, V>(known: &mut BTreeMap<K, V>, name: K, value: V) {
    known.insert(name, value);
}

fn remove<K: Ord + AsRef<str>, V>(
    known: &mut BTreeMap<K, V>,
    name: &K,
    noun: &str,
) -> Result<(), String> {
    find(known, name, noun)?;
    known.remove(name);
    Ok(())
}
