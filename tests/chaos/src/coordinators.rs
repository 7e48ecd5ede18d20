//! Coordinators in processes of their own, each on a cable of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use futures_util::future::join_all;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use varpulis_sdk::types::WorkerId;

use crate::Failure;
use crate::child::Child;
use crate::orders::Orders;
use crate::proxy::Proxy;
use crate::round::Round;

/// How long coordinators that are well may take to agree.
const SETTLING: Duration = Duration::from_secs(30);

/// How often to look whether they do.
const PAUSE: Duration = Duration::from_millis(100);

/// All coordinators of a cluster.
pub(crate) struct Coordinators {
    places: BTreeMap<u64, Place>,
    running: BTreeMap<u64, Child>,
    desks: Desks,
}

/// What outlives a coordinator.
struct Place {
    store: PathBuf,
    proxy: Proxy,
}

/// How to reach those that run. A clone is always up to date, too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Desks(Arc<Mutex<BTreeMap<u64, Orders>>>);

impl Coordinators {
    /// So many at the server of this port.
    pub(crate) async fn start(round: &Round, port: u16, count: u64) -> Result<Self, Failure> {
        let mut coordinators = Self {
            places: BTreeMap::new(),
            running: BTreeMap::new(),
            desks: Desks::default(),
        };
        for id in 1..=count {
            let place = Place {
                store: round.path(&format!("coordinator-{id}")),
                proxy: Proxy::start(port).await?,
            };
            coordinators.places.insert(id, place);
        }
        for id in 1..=count {
            coordinators.run(id).await?;
        }
        coordinators.shown().await?;
        Ok(coordinators)
    }

    /// Starts one on the store of its last life.
    pub(crate) async fn run(&mut self, id: u64) -> Result<(), Failure> {
        let place = self.places.get(&id).ok_or("no such coordinator")?;
        let mut child = Child::start([
            "coordinator".to_owned(),
            format!("--url={}", place.proxy.url()),
            format!("--id={id}"),
            format!("--members={}", self.places.len()),
            format!("--store={}", place.store.display()),
        ])
        .await?;
        let (input, said) = child.talk().ok_or("somebody talks to it")?;
        self.running.insert(id, child);
        self.desks.lock().insert(id, Orders::new(input, said));
        Ok(())
    }

    /// Kills one (SIGKILL).
    pub(crate) async fn kill(&mut self, id: u64) -> Result<(), Failure> {
        self.desks.lock().remove(&id);
        match self.running.remove(&id) {
            Some(child) => child.kill().await,
            None => Ok(()),
        }
    }

    /// Starts those that do not run.
    pub(crate) async fn run_all(&mut self) -> Result<(), Failure> {
        for id in self.ids() {
            if !self.running.contains_key(&id) {
                self.run(id).await?;
            }
        }
        Ok(())
    }

    /// Ends all in good order.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        for (id, child) in std::mem::take(&mut self.running) {
            self.desks.lock().remove(&id);
            let status = child.stop().await?;
            if !status.success() {
                return Err(format!("coordinator {id} ended with {status}").into());
            }
        }
        Ok(())
    }

    /// Their numbers.
    fn ids(&self) -> Vec<u64> {
        self.places.keys().copied().collect()
    }

    /// The processes that run.
    pub(crate) fn running(&self) -> impl Iterator<Item = (u64, &Child)> {
        self.running.iter().map(|(id, child)| (*id, child))
    }

    /// The cable of one.
    pub(crate) fn proxy(&self, id: u64) -> Result<&Proxy, Failure> {
        let place = self.places.get(&id);
        Ok(&place.ok_or("no such coordinator")?.proxy)
    }

    /// The process of one, if it runs.
    pub(crate) fn child(&self, id: u64) -> Option<&Child> {
        self.running.get(&id)
    }

    pub(crate) fn desks(&self) -> &Desks {
        &self.desks
    }

    /// Which of them leads, as one says that knows of one.
    pub(crate) async fn leader(&self) -> Option<u64> {
        let orders: Vec<_> = self.desks.lock().values().cloned().collect();
        for order in orders {
            let look = order.give("look").await?;
            let look: Value = serde_json::from_str(&look).ok()?;
            if let Some(leader) = look["leader"].as_u64() {
                return Some(leader);
            }
        }
        None
    }

    /// What all of them have, once it is the same.
    pub(crate) async fn shown(&self) -> Result<Value, Failure> {
        self.until("to agree", |_| Ok(())).await
    }

    /// What all of them have, once it is the same and `check` has nothing to say against it.
    ///
    /// # Errors
    /// With what it said last, when that takes too long.
    pub(crate) async fn until(
        &self,
        what: &str,
        check: impl Fn(&Value) -> Result<(), String>,
    ) -> Result<Value, Failure> {
        let deadline = Instant::now() + SETTLING;
        loop {
            let orders: Vec<_> = self.desks.lock().values().cloned().collect();
            let shown = join_all(orders.iter().map(|orders| orders.give("show"))).await;
            let reason = match agreed(&shown) {
                Ok(shown) => match check(&shown) {
                    Ok(()) => return Ok(shown),
                    Err(reason) => reason,
                },
                Err(reason) => reason,
            };
            if Instant::now() > deadline {
                return Err(format!("coordinators did not come {what}: {reason}").into());
            }
            sleep(PAUSE).await;
        }
    }
}

impl Desks {
    /// One of those that run.
    pub(crate) fn choose(&self, chance: &mut Rng) -> Option<Orders> {
        let desks = self.lock();
        chance.choice(desks.values()).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Orders>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether all workers are ready in a registry that coordinators showed.
pub(crate) fn are_ready<'a>(
    shown: &Value,
    workers: impl IntoIterator<Item = &'a WorkerId>,
) -> Result<(), String> {
    for id in workers {
        let worker = &shown["workers"][id.as_str()];
        if worker[0] != "ready" {
            return Err(format!("worker {id} is {worker}"));
        }
    }
    Ok(())
}

/// What all have said, if it is the same.
fn agreed(shown: &[Option<String>]) -> Result<Value, String> {
    let mut values = Vec::new();
    for said in shown {
        let said = said.as_deref().ok_or("one has ended")?;
        let value: Value = serde_json::from_str(said).map_err(|error| error.to_string())?;
        if let Some(error) = value.get("error") {
            return Err(error.to_string());
        }
        values.push(value);
    }
    match values.pop() {
        Some(last) if values.iter().all(|value| *value == last) => Ok(last),
        Some(_) => Err("they show different registries".to_owned()),
        None => Err("none runs".to_owned()),
    }
}
