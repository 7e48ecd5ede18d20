//! What the leader does for pipelines whose workers have ended or are silent: it has them deployed again.
//!
//! Whatever it does is written down like any other deployment, so that it does no harm if two coordinators think that they
//! lead, or if one ends in the middle of it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::deploy::Deploying;
use super::dispatcher::Dispatcher;
use super::error::DispatchError;
use super::home::Home;
use crate::coordinator_node::sweep::term;
use crate::replica::Registry;
use crate::types::{Deployment, DeploymentPlace, DeploymentState, DeploymentVersion, PipelineName};
use crate::worker::DeployFault;

/// How many pipelines are seen to at once.
const AT_ONCE: usize = 16;

/// How often the registry is asked for a deployment at most, from one time that it changes to the next.
const ASKED: u32 = 4;

/// Beyond so many places where a pipeline may still run, those on workers that were taken out are cleared, too, though such
/// a worker may come back: with 16 of them it could not be moved any more.
const CROWDED: usize = 8;

/// Sees to it that pipelines run.
pub(in crate::coordinator_node) struct Keeper {
    dispatcher: Dispatcher,
    /// How often it looks.
    pause: Duration,
    /// Since when this coordinator knows of deployments that are under way.
    under_way: HashMap<DeploymentVersion, Instant>,
    /// Before when nothing is done for pipelines, because nothing came of it last time.
    later: HashMap<PipelineName, Instant>,
    busy: HashSet<PipelineName>,
    work: JoinSet<(PipelineName, bool)>,
}

/// What is to be done for a deployment.
#[derive(Debug, PartialEq)]
enum Need {
    /// It is to be deployed again.
    Move,
    /// Nobody knows whether it runs.
    Doubt,
    /// It is to be stopped where it ran before, or was.
    Clear(Vec<DeploymentPlace>),
}

impl Keeper {
    pub(in crate::coordinator_node) fn new(dispatcher: Dispatcher, pause: Duration) -> Self {
        Self {
            dispatcher,
            pause,
            under_way: HashMap::new(),
            later: HashMap::new(),
            busy: HashSet::new(),
            work: JoinSet::new(),
        }
    }

    /// Goes on until it is aborted.
    pub(in crate::coordinator_node) async fn run(mut self) {
        let mut looks = interval(self.pause);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = looks.tick() => self.look(),
                Some(done) = self.work.join_next() => {
                    let Ok((pipeline, is_done)) = done else { return };
                    self.busy.remove(&pipeline);
                    if !is_done {
                        let again = Instant::now() + self.dispatcher.limit;
                        self.later.insert(pipeline, again);
                    }
                }
            }
        }
    }

    /// Looks at all deployments, if this coordinator leads.
    fn look(&mut self) {
        let replica = Arc::clone(&self.dispatcher.ledger.0);
        let now = Instant::now();
        if term(&replica.metrics().borrow()).is_none() {
            self.under_way.clear();
            self.later.clear();
            return;
        }
        self.later.retain(|_, again| *again > now);
        let before = std::mem::take(&mut self.under_way);
        // Whoever deploys it has ended, or knows by now that nothing comes of it.
        let limit = self.dispatcher.limit + replica.patience() * ASKED;
        let mut needs = Vec::new();
        replica.local(|registry| {
            for deployment in registry.deployments() {
                let mut is_stale = false;
                if deployment.state == DeploymentState::Deploying {
                    let since = before.get(&deployment.version).copied().unwrap_or(now);
                    is_stale = now.duration_since(since) > limit;
                    self.under_way.insert(deployment.version.clone(), since);
                }
                if let Some(need) = need(registry, deployment, is_stale) {
                    needs.push((Arc::clone(deployment), need));
                }
            }
        });
        for (deployment, need) in needs {
            let name = &deployment.pipeline;
            if self.work.len() < AT_ONCE
                && !self.later.contains_key(name)
                && self.busy.insert(name.clone())
            {
                self.begin(deployment, need);
            }
        }
    }

    fn begin(&mut self, deployment: Arc<Deployment>, need: Need) {
        let dispatcher = self.dispatcher.clone();
        self.work.spawn(async move {
            let pipeline = deployment.pipeline.clone();
            let errand = dispatcher.clone();
            let done = dispatcher.run(async move { errand.keep(&deployment, need).await });
            let done = done.await.unwrap_or_else(|error| {
                tracing::warn!(%error, %pipeline, "a pipeline is not kept running");
                false
            });
            (pipeline, done)
        });
    }
}

impl Dispatcher {
    /// Does what is to be done for a deployment: whether anything came of it.
    async fn keep(
        &self,
        deployment: &Deployment,
        need: Need,
    ) -> Result<bool, DispatchError<DeployFault>> {
        let new = match need {
            Need::Move => return Deploying::again(self, deployment).run().await.map(|_| true),
            Need::Doubt => deployment.uncertain(),
            Need::Clear(places) => {
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
        // Where something else is known by now, it is looked at anew.
        self.ledger.put(&new).await?;
        Ok(true)
    }
}

/// What is to be done for a deployment, if anything. One that is under way and stale is nobody's any more.
fn need(registry: &Registry, deployment: &Deployment, is_stale: bool) -> Option<Need> {
    let home = Home::find(
        registry,
        &deployment.worker_id,
        deployment.instance.as_ref(),
    );
    let has_ended = matches!(home, Home::Unknown | Home::Ended { is_new: false });
    match deployment.state {
        DeploymentState::Running if has_ended || home == Home::Silent => return Some(Need::Move),
        DeploymentState::Deploying if !is_stale => return None,
        DeploymentState::Deploying | DeploymentState::Uncertain if has_ended => {
            return Some(Need::Move);
        }
        DeploymentState::Deploying => return Some(Need::Doubt),
        _ => {}
    }
    let is_crowded = deployment.left.len() > CROWDED;
    let is_over = |place: &&DeploymentPlace| match Home::of(registry, place) {
        Home::There | Home::Ended { .. } => true,
        Home::Unknown => is_crowded,
        Home::Silent => false,
    };
    let over: Vec<_> = deployment.left.iter().filter(is_over).cloned().collect();
    (!over.is_empty()).then_some(Need::Clear(over))
}

#[cfg(test)]
mod tests {
    use natsgen_runtime::{Side, codec};
    use serde_json::{Value, json};

    use super::*;
    use crate::types::Command;

    /// A registry with worker `a` at instance `i2`, of this status, and worker `b` as well.
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
    fn workers_that_were_taken_out_do_not_fill_what_was_left() {
        let check = |count: usize, expected| {
            let left = vec![place("gone", "i"); count];
            let deployment = json!({ "pipeline": "p", "version": "v", "source": "", "state": "running",
                "worker_id": "a", "instance": "i2", "left": left });
            let need = need(&registry("ready"), &read(&deployment), false);
            assert_eq!(need.is_some(), expected, "{count}");
        };
        check(CROWDED, false);
        check(CROWDED + 1, true);
    }

    /// What is to be done for a deployment on `worker` at `instance` that is `state`, where all workers are `status`.
    #[track_caller]
    fn check(status: &str, worker: &str, instance: &str, state: &str, expected: Option<&Need>) {
        let deployment = json!({ "pipeline": "p", "version": "v", "source": "", "state": state,
            "worker_id": worker, "instance": instance, "left": [place("b", "i2"), place("b", "i1"), place("c", "i")] });
        let (is_stale, state) = (state == "deploying", state.to_owned());
        let need = need(&registry(status), &read(&deployment), is_stale);
        assert_eq!(
            need.as_ref(),
            expected,
            "{state} {status} {worker} {instance}"
        );
    }

    #[test]
    fn pipelines_move_when_they_have_certainly_ended_or_run_where_nothing_is_heard() {
        for status in ["ready", "draining", "unhealthy"] {
            for state in ["deploying", "running", "uncertain"] {
                check(status, "a", "i1", state, Some(&Need::Move));
                check(status, "gone", "i2", state, Some(&Need::Move));
            }
        }
        check("unhealthy", "a", "i2", "running", Some(&Need::Move));
        check("ready", "a", "i2", "deploying", Some(&Need::Doubt));
        check("unhealthy", "a", "i2", "deploying", Some(&Need::Doubt));
    }

    #[test]
    fn what_was_left_is_ended_where_somebody_is() {
        let place = |worker, instance| read::<DeploymentPlace>(&place(worker, instance));
        let (here, ended) = (place("b", "i2"), place("b", "i1"));
        let both = Need::Clear(vec![here, ended.clone()]);
        for state in ["running", "uncertain"] {
            check("ready", "a", "i2", state, Some(&both));
            check("draining", "a", "i2", state, Some(&both));
            // The new instance may be heard in a moment.
            check("registering", "a", "i1", state, Some(&both));
        }
        check(
            "unhealthy",
            "a",
            "i2",
            "uncertain",
            Some(&Need::Clear(vec![ended])),
        );
    }
}
