//! Who plays: a coordinator and two workers, each over a connection of its own.

use std::fmt::Display;
use std::time::Duration;

use natsgen_runtime::{CallOptions, Connection, Violation};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use varpulis_sample::{
    EventCounts, Registry, Route, RunningCoordinator, RunningWorker, SampleCoordinator,
    SampleWorker,
};
use varpulis_sdk::types::{ApiKey, WorkerId};
use varpulis_sdk::worker::WorkerClient;

use super::link::Link;
use super::report::counted;
use crate::error::CommandError;

/// How often to look at a worker's health.
const PAUSE: Duration = Duration::from_millis(1);

/// How many pipelines a worker takes.
const MAX_PIPELINES: u32 = 10;

/// The coordinator and the workers.
pub(super) struct Cast {
    pub(super) alpha: WorkerId,
    pub(super) beta: WorkerId,
    /// How the coordinator talks to the workers.
    pub(super) client: WorkerClient,
    coordinator: RunningCoordinator,
    /// Those that have not joined yet, and their connections.
    waiting: Vec<(SampleWorker, Connection)>,
    workers: Vec<RunningWorker>,
    registry: watch::Receiver<Registry>,
    taken_by_beta: watch::Receiver<EventCounts>,
    api_key: ApiKey,
    connections: Vec<Connection>,
    timeout: Duration,
}

impl Cast {
    /// Connects all of them and starts the coordinator. What alpha puts out under the name `Hot` goes to beta.
    pub(super) async fn assemble(link: &Link) -> Result<Self, CommandError> {
        let (alpha, beta) = (named("alpha")?, named("beta")?);
        let api_key: ApiKey = named("a secret of the demonstration")?;
        let route = Route {
            event_type: named("Hot")?,
            group: named("demo")?,
            to: WorkerId::clone(&beta),
        };
        let connection = link.connect("coordinator").await?;
        let coordinator = SampleCoordinator::new(api_key.clone())
            .start(&connection)
            .await?;
        let options = CallOptions::new().timeout(link.timeout());
        let client = WorkerClient::new(&connection).with_options(options);
        let mut connections = vec![connection];
        let mut waiting = Vec::new();
        for (id, routes) in [(&alpha, vec![route]), (&beta, Vec::new())] {
            let connection = link.connect(id.as_str()).await?;
            let worker = SampleWorker::new(&connection, id.clone(), MAX_PIPELINES, routes);
            connections.push(connection.clone());
            waiting.push((worker, connection));
        }
        Ok(Self {
            taken_by_beta: waiting[1].0.counts(),
            registry: coordinator.coordinator().registry(),
            timeout: link.timeout(),
            alpha,
            beta,
            client,
            coordinator,
            waiting,
            workers: Vec::new(),
            api_key,
            connections,
        })
    }

    /// Lets the next worker start, which registers by itself; how often the coordinator wants its heartbeat.
    pub(super) async fn join(&mut self, worker: &WorkerId) -> Result<Duration, CommandError> {
        let mut waiting = self.waiting.iter();
        let index = waiting.position(|(waiting, _)| waiting.id() == worker);
        let index = index.ok_or_else(|| gone(worker))?;
        let (waiting, connection) = self.waiting.remove(index);
        let running = waiting.start(&connection, self.api_key.clone()).await?;
        let registered = within(self.timeout, "registration", running.registered()).await?;
        self.workers.push(running);
        registered.ok_or_else(|| gone(worker))
    }

    /// Lets a worker send a heartbeat between those that it sends by itself.
    pub(super) async fn beat(&self, worker: &WorkerId) -> Result<(), CommandError> {
        let sent = self.workers[self.index(worker)?].heartbeat().await;
        sent.map_err(|failure| CommandError::unexpected(&failure))
    }

    /// Waits until a worker that drains has told the coordinator that it has no room.
    pub(super) async fn drained(&self, worker: &WorkerId) -> Result<(), CommandError> {
        let running = &self.workers[self.index(worker)?];
        let drained = async {
            while running.health().registrations < 2 {
                sleep(PAUSE).await;
            }
        };
        within(self.timeout, "word of a drain", drained).await
    }

    /// Waits until the coordinator has heard so many heartbeats of a worker; what the last one said.
    pub(super) async fn heard(
        &self,
        worker: &WorkerId,
        times: u64,
    ) -> Result<String, CommandError> {
        let mut registry = self.registry.clone();
        let heard = registry.wait_for(|registry| {
            registry
                .workers
                .get(worker)
                .is_some_and(|known| known.heartbeats >= times)
        });
        let registry = within(self.timeout, "heartbeat", heard)
            .await?
            .map_err(gone)?;
        let known = registry.workers.get(worker);
        let Some(heartbeat) = known.and_then(|known| known.last_heartbeat.as_ref()) else {
            return Err(gone(worker));
        };
        Ok(format!(
            "heard: {}, {} so far",
            counted(heartbeat.pipelines_running.into(), "pipeline"),
            counted(heartbeat.events_processed, "event")
        ))
    }

    /// Waits until beta has taken so many events of alpha.
    pub(super) async fn taken_by_beta(&self, events: u64) -> Result<(), CommandError> {
        let mut counts = self.taken_by_beta.clone();
        let taken = counts.wait_for(|counts| counts.processed >= events);
        within(self.timeout, "event from alpha at beta", taken)
            .await?
            .map_err(gone)?;
        Ok(())
    }

    /// Ends a worker, once it has finished what it was given.
    pub(super) async fn stop(&mut self, worker: &WorkerId) {
        if let Ok(index) = self.index(worker) {
            self.workers.remove(index).shutdown().await;
        }
    }

    /// Ends all that still run.
    pub(super) async fn dismiss(self) {
        for worker in self.workers {
            worker.shutdown().await;
        }
        self.coordinator.shutdown().await;
        for connection in self.connections {
            connection.close().await;
        }
    }

    fn index(&self, id: &WorkerId) -> Result<usize, CommandError> {
        let index = self
            .workers
            .iter()
            .position(|running| running.worker().id() == id);
        index.ok_or_else(|| gone(id))
    }
}

/// A name of the scenario as the type that the protocol wants.
fn named<T: TryFrom<&'static str, Error = Violation>>(
    name: &'static str,
) -> Result<T, CommandError> {
    T::try_from(name).map_err(|violation| CommandError::unexpected(&violation))
}

fn gone(what: impl Display) -> CommandError {
    CommandError::Failed(format!("a worker or the coordinator is gone: {what}"))
}

async fn within<T>(
    limit: Duration,
    what: &str,
    waited: impl Future<Output = T>,
) -> Result<T, CommandError> {
    let outcome = timeout(limit, waited).await;
    outcome.map_err(|_| CommandError::Failed(format!("no {what} within {} s", limit.as_secs())))
}
