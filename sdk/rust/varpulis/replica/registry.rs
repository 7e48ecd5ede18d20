//! What the nodes agree on: workers, groups, moves, connectors, models, checkpoints and the scaling policy.

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

/// How many replaced instances of a worker are remembered.
const REPLACED: usize = 16;

/// The replicated registry. It changes by [`Command`]s only, and the same commands in the same order make the same
/// registry on every node: it reads no clock and throws no dice.
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

/// What is known of a worker.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkerRecord {
    /// What it said of itself when it registered last.
    pub registration: RegisterWorker,
    /// What the leader thinks of it; `registering` until something else is known.
    pub status: WorkerStatus,
    /// The pipelines that it is to run, if they were ever said.
    pub pipelines: Option<WorkerPipelinesUpdated>,
    /// Its newest counters, if there were any.
    pub metrics: Option<WorkerMetricsUpdated>,
    /// Instances that newer ones have replaced, the newest last, at most 16: they are refused.
    pub replaced: Vec<WorkerInstance>,
}

/// A move of a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Migration {
    /// The move, in the coordinator's own form.
    pub task: Value,
    /// The step that it is in, once there was one.
    pub status: Option<MigrationUpdated>,
}

/// The checkpoints of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupCheckpoints {
    /// The newest that is complete.
    pub completed: Option<CheckpointId>,
    /// The last that was given up.
    pub aborted: Option<CheckpointAborted>,
}

impl Registry {
    /// All workers, ordered by their ids.
    pub fn workers(&self) -> impl Iterator<Item = &WorkerRecord> {
        self.workers.values()
    }

    /// One worker.
    #[must_use]
    pub fn worker(&self, id: &WorkerId) -> Option<&WorkerRecord> {
        self.workers.get(id)
    }

    /// Workers in the order of their ids, from the first or from behind one.
    pub(crate) fn workers_after(
        &self,
        id: Option<&WorkerId>,
    ) -> impl Iterator<Item = (&WorkerId, &WorkerRecord)> {
        let start = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.workers.range::<WorkerId, _>((start, Bound::Unbounded))
    }

    /// All groups of pipelines, deployments among them.
    #[must_use]
    pub fn groups(&self) -> &BTreeMap<GroupName, Group> {
        self.groups.all()
    }

    /// All deployments, ordered by the names of their pipelines.
    pub fn deployments(&self) -> impl Iterator<Item = &Arc<Deployment>> {
        self.groups.deployments()
    }

    /// What is known of the deployment of a pipeline.
    #[must_use]
    pub fn deployment(&self, pipeline: &PipelineName) -> Option<&Arc<Deployment>> {
        self.groups.deployment(pipeline)
    }

    /// The deployments on one worker, those under way among them, ordered by the names of their pipelines.
    pub fn deployments_on(&self, worker: &WorkerId) -> impl Iterator<Item = &Arc<Deployment>> {
        self.groups.deployments_on(worker)
    }

    /// How many deployments a worker has.
    #[must_use]
    pub fn deployment_count(&self, worker: &WorkerId) -> usize {
        self.groups.count_on(worker)
    }

    /// All moves of pipelines that are kept.
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

    /// The checkpoints of each group that had any.
    #[must_use]
    pub fn checkpoints(&self) -> &BTreeMap<GroupId, GroupCheckpoints> {
        &self.checkpoints
    }

    /// The scaling policy in the coordinator's own form, if one was ever set.
    #[must_use]
    pub fn scaling_policy(&self) -> Option<&Value> {
        self.scaling_policy.as_ref()
    }

    /// Applies a command. What cannot be applied changes nothing and is answered with the reason.
    pub fn apply(&mut self, command: Command) -> CommandReply {
        match self.try_apply(command) {
            Ok(()) => CommandReply::Ok,
            Err(reason) => CommandReply::Error(CommandFailure {
                message: Limited::new(reason).unwrap_or_default(),
            }),
        }
    }

    fn try_apply(&mut self, command: Command) -> Result<(), String> {
        match command {
            Command::RegisterWorker(worker) => self.register(worker)?,
            Command::DeregisterWorker(worker) => take(&mut self.workers, &worker.id, "worker")?,
            Command::WorkerStatusChanged(change) => {
                find(&mut self.workers, &change.id, "worker")?.judge(change.status)?;
            }
            Command::WorkerPipelinesUpdated(update) => {
                let worker = find(&mut self.workers, &update.id, "worker")?;
                worker.pipelines = Some(update);
            }
            Command::WorkerMetricsUpdated(update) => self.measure(update)?,
            Command::GroupDeployed(group) => {
                let workers = &self.workers;
                self.groups.deploy(group, |id| room(workers, id))?;
            }
            Command::GroupUpdated(update) => {
                let workers = &self.workers;
                self.groups.update(update, |id| room(workers, id))?;
            }
            Command::GroupRemoved(group) => self.groups.remove(group)?,
            Command::MigrationStarted(start) => self.start_migration(start.task)?,
            Command::MigrationUpdated(update) => {
                let migration = find(&mut self.migrations, &update.id, "move")?;
                migration.status = Some(update);
            }
            Command::MigrationRemoved(ended) => take(&mut self.migrations, &ended.id, "move")?,
            Command::ConnectorCreated(new) => put(&mut self.connectors, new.name, new.connector),
            Command::ConnectorUpdated(update) => {
                *find(&mut self.connectors, &update.name, "connector")? = update.connector;
            }
            Command::ConnectorRemoved(old) => take(&mut self.connectors, &old.name, "connector")?,
            Command::ScalingPolicySet(set) => self.scaling_policy = Some(set.policy),
            Command::ModelRegistered(model) => put(&mut self.models, model.name, model.entry),
            Command::ModelRemoved(model) => take(&mut self.models, &model.name, "model")?,
            Command::CheckpointCompleted(checkpoint) => self.complete(checkpoint)?,
            Command::CheckpointAborted(checkpoint) => {
                let group = checkpoint.group_id.clone();
                self.checkpoints.entry(group).or_default().aborted = Some(checkpoint);
            }
        }
        Ok(())
    }

    fn complete(&mut self, checkpoint: CheckpointCompleted) -> Result<(), String> {
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

    fn register(&mut self, registration: RegisterWorker) -> Result<(), String> {
        match self.workers.entry(registration.id.clone()) {
            Entry::Vacant(place) => {
                place.insert(WorkerRecord::new(registration));
                Ok(())
            }
            Entry::Occupied(known) => known.into_mut().register(registration),
        }
    }

    fn measure(&mut self, update: WorkerMetricsUpdated) -> Result<(), String> {
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

    /// A move is known by the `id` of its task, which is otherwise the coordinator's own matter.
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

    /// Whether this is the instance that is registered, and not a new one: an instance that does not say which it is may
    /// be any.
    pub(crate) fn is_renewed_by(&self, registration: &RegisterWorker) -> bool {
        registration.instance.is_some() && registration.instance == self.registration.instance
    }

    /// A worker that registers again says who it is now; what it is to run and what it did stays known. A new instance
    /// takes the place of the one before it for good, and has yet to show that it lives.
    fn register(&mut self, registration: RegisterWorker) -> Result<(), String> {
        if let Some(instance) = &registration.instance
            && self.replaced.contains(instance)
        {
            let id = &registration.id;
            return Err(format!("instance {instance} of worker {id} was replaced"));
        }
        let is_renewal = self.is_renewed_by(&registration);
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

    /// An instance that drains does so for good, whatever was thought of it a moment before.
    fn judge(&mut self, status: WorkerStatus) -> Result<(), String> {
        if self.status == WorkerStatus::Draining && status != WorkerStatus::Draining {
            return Err(format!("worker {} drains", self.registration.id));
        }
        self.status = status;
        Ok(())
    }
}

/// How many pipelines a worker takes, if it is known.
fn room(workers: &BTreeMap<WorkerId, WorkerRecord>, id: &WorkerId) -> Option<u32> {
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

fn take<K: Ord + AsRef<str>, V>(
    known: &mut BTreeMap<K, V>,
    name: &K,
    noun: &str,
) -> Result<(), String> {
    find(known, name, noun)?;
    known.remove(name);
    Ok(())
}
