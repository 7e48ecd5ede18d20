//! The reconciler: on the leader, it deploys pipelines again if their workers have ended or are silent.
//!
//! It writes its changes like any other deployment. So it does no harm if two coordinators think that they are the
//! leader, or if the leader fails in the middle of a change.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::deploy::Deploying;
use super::dispatcher::Dispatcher;
use super::error::DispatchError;
use super::search::Search;
use super::worker_state::WorkerState;
use crate::replica::{Registry, leading_term};
use crate::types::{Deployment, DeploymentPlace, DeploymentState, DeploymentVersion, PipelineName};
use crate::worker::DeployFault;

/// The number of pipelines that are reconciled at the same time.
const CONCURRENCY: usize = 16;

/// The limit of registry reads per deployment between two of its changes.
const READS: u32 = 4;

/// With more old places than this, places on removed workers are cleared as well, although such a worker may come back.
/// A deployment with 16 old places could not be moved any more.
const MANY_PLACES: usize = 8;

/// Deploys pipelines again.
pub(in crate::coordinator_node) struct Reconciler {
    dispatcher: Dispatcher,
    /// The pause between two looks at the registry.
    pause: Duration,
    /// When this coordinator first saw each deployment that is under way.
    under_way: HashMap<DeploymentVersion, Instant>,
    /// Pipelines that are left alone until then, because the last action failed.
    postponed: HashMap<PipelineName, Instant>,
    busy: HashSet<PipelineName>,
    search: Search,
    work: JoinSet<(PipelineName, bool)>,
}

/// The action that a deployment needs.
#[derive(Debug, PartialEq)]
enum Action {
    /// Deploy it again.
    Redeploy,
    /// Mark it as uncertain.
    MarkUncertain,
    /// Undeploy it at these old places, or confirm that it has ended there.
    Clear(Vec<DeploymentPlace>),
}

impl Reconciler {
    pub(in crate::coordinator_node) fn new(dispatcher: Dispatcher, pause: Duration) -> Self {
        Self {
            dispatcher,
            pause,
            under_way: HashMap::new(),
            postponed: HashMap::new(),
            busy: HashSet::new(),
            search: Search::default(),
            work: JoinSet::new(),
        }
    }

    /// Runs until the task is aborted.
    pub(in crate::coordinator_node) async fn run(mut self) {
        let mut ticks = interval(self.pause);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {
                    self.check_all();
                    self.search.start(&self.dispatcher);
                }
                Some(done) = self.work.join_next() => {
                    let Ok((pipeline, is_done)) = done else { return };
                    self.busy.remove(&pipeline);
                    if !is_done {
                        let until = Instant::now() + self.dispatcher.limit;
                        self.postponed.insert(pipeline, until);
                    }
                }
            }
        }
    }

    /// Checks all deployments, if this coordinator is the leader.
    fn check_all(&mut self) {
        let replica = Arc::clone(&self.dispatcher.writer.replica);
        let now = Instant::now();
        let is_leader = leading_term(&replica.metrics().borrow()).is_some();
        if !is_leader {
            self.under_way.clear();
            self.postponed.clear();
        }
        self.postponed.retain(|_, until| *until > now);
        let before = std::mem::take(&mut self.under_way);
        // After this time the coordinator that deploys it has failed or given up.
        let limit = self.dispatcher.limit + replica.timeout() * READS;
        let mut actions = Vec::new();
        replica.local(|registry| {
            for deployment in registry.deployments() {
                let is_lost = self.dispatcher.lost.contains(deployment);
                // Only this coordinator may know that the pipeline is lost.
                if !is_leader && !is_lost {
                    continue;
                }
                let mut is_stale = false;
                if deployment.state == DeploymentState::Deploying {
                    let since = before.get(&deployment.version).copied().unwrap_or(now);
                    is_stale = now.duration_since(since) > limit;
                    self.under_way.insert(deployment.version.clone(), since);
                }
                if let Some(action) = action(registry, deployment, is_stale, is_lost) {
                    actions.push((Arc::clone(deployment), action));
                }
            }
        });
        for (deployment, action) in actions {
            let name = &deployment.pipeline;
            if self.work.len() < CONCURRENCY
                && !self.postponed.contains_key(name)
                && self.busy.insert(name.clone())
            {
                self.start(deployment, action);
            }
        }
    }

    fn start(&mut self, deployment: Arc<Deployment>, action: Action) {
        let dispatcher = self.dispatcher.clone();
        self.work.spawn(async move {
            let pipeline = deployment.pipeline.clone();
            let inner = dispatcher.clone();
            let done = dispatcher.run(async move { inner.reconcile(&deployment, action).await });
            let done = done.await.unwrap_or_else(|error| {
                tracing::warn!(%error, %pipeline, "a deployment could not be reconciled");
                false
            });
            (pipeline, done)
        });
    }
}

impl Dispatcher {
    /// Executes the action that a deployment needs. Returns whether it changed anything.
    async fn reconcile(
        &self,
        deployment: &Deployment,
        action: Action,
    ) -> Result<bool, DispatchError<DeployFault>> {
        let new = match action {
            Action::Redeploy => {
                let is_lost = self.lost.contains(deployment);
                return Deploying::redeploy(self, deployment, is_lost)
                    .run()
                    .await
                    .map(|_| true);
            }
            Action::MarkUncertain => deployment.uncertain(),
            Action::Clear(places) => {
                let mut ended = Vec::new();
                for place in places {
                    if self.end(&place).await.is_ok() {
                        ended.push(place);
                    }
                }
                if ended.is_empty() {
                    return Ok(false);
                }
                deployment.cleared(&ended)
            }
        };
        let new = new.map_err(|violation| DispatchError::Registry(violation.into()))?;
        // On a conflict the next look sees the newer version.
        self.writer.put(&new).await?;
        Ok(true)
    }
}

/// The action that a deployment needs, if any. `is_stale`: no coordinator works on it any more, although it is under
/// way. `is_lost`: its worker runs without it.
fn action(
    registry: &Registry,
    deployment: &Deployment,
    is_stale: bool,
    is_lost: bool,
) -> Option<Action> {
    let worker = WorkerState::find(
        registry,
        &deployment.worker_id,
        deployment.instance.as_ref(),
    );
    let has_ended = matches!(
        worker,
        WorkerState::NotRegistered | WorkerState::Replaced { is_new: false }
    );
    match deployment.state {
        DeploymentState::Running if has_ended || is_lost || worker == WorkerState::Silent => {
            return Some(Action::Redeploy);
        }
        DeploymentState::Deploying if !is_stale => return None,
        DeploymentState::Deploying | DeploymentState::Uncertain if has_ended => {
            return Some(Action::Redeploy);
        }
        DeploymentState::Deploying => return Some(Action::MarkUncertain),
        _ => {}
    }
    let has_many = deployment.left.len() > MANY_PLACES;
    let is_over = |place: &&DeploymentPlace| match WorkerState::of(registry, place) {
        WorkerState::Present | WorkerState::Replaced { .. } => true,
        WorkerState::NotRegistered => has_many,
        WorkerState::Silent => false,
    };
    let over: Vec<_> = deployment.left.iter().filter(is_over).cloned().collect();
    (!over.is_empty()).then_some(Action::Clear(over))
}

#[cfg(test)]
mod tests {
    use natsgen_runtime::{Side, codec};
    use serde_json::{Value, json};

    use super::*;
    use crate::types::Command;

    /// A registry with workers `a` and `b` at instance `i2`, with this status.
    fn registry(status: &str) -> Registry {
        let capacity = json!({ "cpu_cores": 1, "pipelines_running": 0, "max_pipelines": 4 });
        let mut registry = Registry::default();
        for id in ["a", "b"] {
            let worker = json!({ "id": id, "address": "", "api_key": "k", "capacity": capacity, "instance": "i2" });
            for command in [
                json!({ "RegisterWorker": worker }),
                json!({ "WorkerStatusChanged": { "id": id, "status": status } }),
            ] {
                let command: Command = read(&command);
                registry.apply(command);
            }
        }
        registry
    }

    fn read<T: for<'a> natsgen_runtime::Decode<'a>>(json: &Value) -> T {
        codec::decode(json.to_string().as_bytes(), Side::Request).unwrap()
    }

    fn place(worker: &str, instance: &str) -> Value {
        json!({ "worker_id": worker, "instance": instance, "pipeline_id": "x" })
    }

    #[test]
    fn reconciler_many_old_places_are_cleared() {
        let check = |count: usize, expected| {
            let left = vec![place("gone", "i"); count];
            let deployment = json!({ "pipeline": "p", "version": "v", "source": "", "state": "running",
                "worker_id": "a", "instance": "i2", "left": left });
            let action = action(&registry("ready"), &read(&deployment), false, false);
            assert_eq!(action.is_some(), expected, "{count}");
        };
        check(MANY_PLACES, false);
        check(MANY_PLACES + 1, true);
    }

    /// Checks the action for a deployment on `worker` at `instance` with this state, while all workers are `status`.
    #[track_caller]
    fn check(status: &str, worker: &str, instance: &str, state: &str, expected: Option<&Action>) {
        let deployment = json!({ "pipeline": "p", "version": "v", "source": "", "state": state,
            "worker_id": worker, "instance": instance, "left": [place("b", "i2"), place("b", "i1"), place("c", "i")] });
        let (is_stale, state) = (state == "deploying", state.to_owned());
        let action = action(&registry(status), &read(&deployment), is_stale, false);
        assert_eq!(
            action.as_ref(),
            expected,
            "{state} {status} {worker} {instance}"
        );
    }

    #[test]
    fn reconciler_ended_or_silent_pipelines_are_redeployed() {
        for status in ["ready", "draining", "unhealthy"] {
            for state in ["deploying", "running", "uncertain"] {
                check(status, "a", "i1", state, Some(&Action::Redeploy));
                check(status, "gone", "i2", state, Some(&Action::Redeploy));
            }
        }
        check("unhealthy", "a", "i2", "running", Some(&Action::Redeploy));
        check(
            "ready",
            "a",
            "i2",
            "deploying",
            Some(&Action::MarkUncertain),
        );
        check(
            "unhealthy",
            "a",
            "i2",
            "deploying",
            Some(&Action::MarkUncertain),
        );
    }

    #[test]
    fn reconciler_old_places_on_present_workers_are_cleared() {
        let place = |worker, instance| read::<DeploymentPlace>(&place(worker, instance));
        let (here, ended) = (place("b", "i2"), place("b", "i1"));
        let both = Action::Clear(vec![here, ended.clone()]);
        for state in ["running", "uncertain"] {
            check("ready", "a", "i2", state, Some(&both));
            check("draining", "a", "i2", state, Some(&both));
            // The new instance may send a heartbeat in a moment.
            check("registering", "a", "i1", state, Some(&both));
        }
        check(
            "unhealthy",
            "a",
            "i2",
            "uncertain",
            Some(&Action::Clear(vec![ended])),
        );
    }
}
