//! Coordinators in child processes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use futures_util::future::{join_all, try_join_all};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};
use varpulis_sdk::types::WorkerId;

use crate::Failure;
use crate::access::Access;
use crate::child::Child;
use crate::command_channel::CommandChannel;
use crate::environment::Environment;
use crate::proxy::Proxy;
use crate::round::Round;

/// How long healthy coordinators may take to agree.
const AGREEMENT_LIMIT: Duration = Duration::from_secs(30);

/// How long a coordinator may take to report its health.
const LOOK_LIMIT: Duration = Duration::from_secs(5);

/// The pause between two comparisons of their registries.
const PAUSE: Duration = Duration::from_millis(100);

/// All coordinators of a cluster.
pub(crate) struct Coordinators {
    members: BTreeMap<u64, Member>,
    running: BTreeMap<u64, Child>,
    channels: Channels,
}

/// The parts of a coordinator that outlive its process.
struct Member {
    id: u64,
    store: PathBuf,
    url: String,
    proxy: Option<Proxy>,
    environment: Environment,
}

/// The command channels to the running coordinators. A clone sees the same set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Channels(Arc<Mutex<BTreeMap<u64, CommandChannel>>>);

impl Coordinators {
    /// Starts `count` coordinators.
    pub(crate) async fn start(round: &Round, access: &Access, count: u64) -> Result<Self, Failure> {
        let mut coordinators = Self {
            members: BTreeMap::new(),
            running: BTreeMap::new(),
            channels: Channels::default(),
        };
        for id in 1..=count {
            let name = format!("coordinator-{id}");
            let (url, proxy) = access.open(id).await?;
            let member = Member {
                id,
                store: round.path(&name),
                url,
                proxy,
                environment: round.environment(&name),
            };
            coordinators.members.insert(id, member);
        }
        // At the same time: a new cluster is founded only when all members run.
        let starting = coordinators
            .members
            .values()
            .map(|member| member.run(count));
        let started = try_join_all(starting).await?;
        for (id, child) in started {
            coordinators.add(id, child)?;
        }
        coordinators.registry().await?;
        Ok(coordinators)
    }

    /// Starts coordinator `id` on the store of its previous process.
    pub(crate) async fn run(&mut self, id: u64) -> Result<(), Failure> {
        let member = self.members.get(&id).ok_or("no such coordinator")?;
        let count = u64::try_from(self.members.len())?;
        let (_, child) = member.run(count).await?;
        self.add(id, child)
    }

    fn add(&mut self, id: u64, mut child: Child) -> Result<(), Failure> {
        let (input, output) = child.take_pipes().ok_or("the pipes are taken already")?;
        self.running.insert(id, child);
        self.channels
            .lock()
            .insert(id, CommandChannel::new(input, output));
        Ok(())
    }

    /// Kills coordinator `id` (SIGKILL).
    pub(crate) async fn kill(&mut self, id: u64) -> Result<(), Failure> {
        self.channels.lock().remove(&id);
        match self.running.remove(&id) {
            Some(child) => child.kill().await,
            None => Ok(()),
        }
    }

    /// Starts the coordinators that do not run.
    pub(crate) async fn run_all(&mut self) -> Result<(), Failure> {
        for id in self.ids() {
            if !self.running.contains_key(&id) {
                self.run(id).await?;
            }
        }
        Ok(())
    }

    /// Shuts down all coordinators gracefully.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        for (id, child) in std::mem::take(&mut self.running) {
            self.channels.lock().remove(&id);
            let status = child.stop().await?;
            if !status.success() {
                return Err(format!("coordinator {id} ended with {status}").into());
            }
        }
        Ok(())
    }

    /// The ids of all coordinators.
    fn ids(&self) -> Vec<u64> {
        self.members.keys().copied().collect()
    }

    /// The running processes.
    pub(crate) fn running(&self) -> impl Iterator<Item = (u64, &Child)> {
        self.running.iter().map(|(id, child)| (*id, child))
    }

    /// The proxy of coordinator `id`.
    pub(crate) fn proxy(&self, id: u64) -> Result<&Proxy, Failure> {
        let member = self.members.get(&id).ok_or("no such coordinator")?;
        Ok(member
            .proxy
            .as_ref()
            .ok_or("the coordinator has no proxy")?)
    }

    /// The process of coordinator `id`, if it runs.
    pub(crate) fn child(&self, id: u64) -> Option<&Child> {
        self.running.get(&id)
    }

    pub(crate) fn channels(&self) -> &Channels {
        &self.channels
    }

    /// The number of coordinators that have ended or whose Raft node has stopped.
    pub(crate) async fn lost(&mut self) -> Result<u64, Failure> {
        let mut lost = 0;
        for (id, child) in &mut self.running {
            let channel = self.channels.lock().get(id).cloned();
            let look = match channel {
                Some(channel) => timeout(LOOK_LIMIT, channel.send("look"))
                    .await
                    .ok()
                    .flatten(),
                None => None,
            };
            let look: Value = serde_json::from_str(&look.unwrap_or_default()).unwrap_or_default();
            let is_lost = child.is_lost().await? || !look["failure"].is_null();
            lost += u64::from(is_lost);
        }
        Ok(lost)
    }

    /// The id of the leader, as reported by the first coordinator that knows a leader.
    pub(crate) async fn leader(&self) -> Option<u64> {
        let channels = self.channels.all();
        for channel in channels {
            let look = channel.send("look").await?;
            let look: Value = serde_json::from_str(&look).ok()?;
            if let Some(leader) = look["leader"].as_u64() {
                return Some(leader);
            }
        }
        None
    }

    /// The registry of all coordinators, once all registries are equal.
    pub(crate) async fn registry(&self) -> Result<Value, Failure> {
        self.until("agreement", |_| Ok(())).await
    }

    /// The registry of all coordinators, once all registries are equal and `check` accepts it.
    ///
    /// # Errors
    /// The last complaint of `check`, if the limit passes first.
    pub(crate) async fn until(
        &self,
        goal: &str,
        check: impl Fn(&Value) -> Result<(), String>,
    ) -> Result<Value, Failure> {
        let deadline = Instant::now() + AGREEMENT_LIMIT;
        loop {
            let channels = self.channels.all();
            let replies = join_all(channels.iter().map(|channel| channel.send("show"))).await;
            let reason = match agreed(&replies) {
                Ok(registry) => match check(&registry) {
                    Ok(()) => return Ok(registry),
                    Err(reason) => reason,
                },
                Err(reason) => reason,
            };
            if Instant::now() > deadline {
                return Err(format!("coordinators did not reach {goal}: {reason}").into());
            }
            sleep(PAUSE).await;
        }
    }
}

impl Member {
    /// Starts the coordinator on the store of its previous process, in a cluster of `count` members.
    async fn run(&self, count: u64) -> Result<(u64, Child), Failure> {
        let arguments = [
            "coordinator".to_owned(),
            format!("--url={}", self.url),
            format!("--id={}", self.id),
            format!("--members={count}"),
            format!("--store={}", self.store.display()),
        ];
        Ok((self.id, Child::start(&self.environment, arguments).await?))
    }
}

impl Channels {
    /// The channels to all running coordinators.
    pub(crate) fn all(&self) -> Vec<CommandChannel> {
        self.lock().values().cloned().collect()
    }

    /// A random running coordinator.
    pub(crate) fn choose(&self, rng: &mut Rng) -> Option<CommandChannel> {
        let channels = self.lock();
        rng.choice(channels.values()).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, CommandChannel>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Checks that all `workers` are ready in a registry reported by coordinators.
pub(crate) fn are_ready<'a>(
    registry: &Value,
    workers: impl IntoIterator<Item = &'a WorkerId>,
) -> Result<(), String> {
    for id in workers {
        let worker = &registry["workers"][id.as_str()];
        if worker[0] != "ready" {
            return Err(format!("worker {id} is {worker}"));
        }
    }
    Ok(())
}

/// The registry, if all coordinators reported the same.
fn agreed(replies: &[Option<String>]) -> Result<Value, String> {
    let mut values = Vec::new();
    for reply in replies {
        let reply = reply.as_deref().ok_or("a coordinator has ended")?;
        let value: Value = serde_json::from_str(reply).map_err(|error| error.to_string())?;
        if let Some(error) = value.get("error") {
            return Err(error.to_string());
        }
        values.push(value);
    }
    match values.pop() {
        Some(last) if values.iter().all(|value| *value == last) => Ok(last),
        Some(_) => Err("the registries differ".to_owned()),
        None => Err("no coordinator runs".to_owned()),
    }
}
