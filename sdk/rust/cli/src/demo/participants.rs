//! The participants of the demonstration: a coordinator and two workers, each with its own connection.

use std::fmt::Display;
use std::time::Duration;

use natsgen_runtime::{CallOptions, Connection, Request as _, Violation};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use varpulis_sample::{
    EventCounts, Registry, Route, RunningCoordinator, RunningWorker, SampleCoordinator,
    SampleWorker,
};
use varpulis_sdk::types::{ApiKey, NodeId, WorkerId};
use varpulis_sdk::worker::{DrainRequest, WorkerClient};

use super::transport::Transport;
use crate::terminal::error::CommandError;
use crate::terminal::text::counted;

/// The interval between checks of a worker's health.
const PAUSE: Duration = Duration::from_millis(1);

/// The number of pipelines that a worker accepts.
const MAX_PIPELINES: u32 = 10;

/// The coordinator and the workers.
pub(super) struct Participants {
    pub(super) alpha: WorkerId,
    pub(super) beta: WorkerId,
    /// The coordinator's client for the workers.
    pub(super) client: WorkerClient,
    coordinator: RunningCoordinator,
    /// Workers that are not started, and their connections.
    pending: Vec<(SampleWorker, Connection)>,
    workers: Vec<RunningWorker>,
    registry: watch::Receiver<Registry>,
    processed_by_beta: watch::Receiver<EventCounts>,
    api_key: ApiKey,
    connections: Vec<Connection>,
    timeout: Duration,
}

impl Participants {
    /// Connects all participants and starts the coordinator. Alpha sends its output events of type `Hot` to beta.
    pub(super) async fn connect(transport: &Transport) -> Result<Self, CommandError> {
        let (alpha, beta) = (named("alpha")?, named("beta")?);
        let api_key: ApiKey = named("a secret of the demonstration")?;
        let route = Route {
            event_type: named("Hot")?,
            group: named("demo")?,
            to: WorkerId::clone(&beta),
        };
        let connection = transport.connect("coordinator").await?;
        let node = NodeId::try_from(1).map_err(|error| CommandError::unexpected(&error))?;
        let connection = connection.identity(DrainRequest::INFO.from, &node);
        let coordinator = SampleCoordinator::new(api_key.clone())
            .start(&connection)
            .await?;
        let options = CallOptions::new().timeout(transport.timeout());
        let client = WorkerClient::new(&connection).options(options);
        let mut connections = vec![connection];
        let mut pending = Vec::new();
        for (id, routes) in [(&alpha, vec![route]), (&beta, Vec::new())] {
            let connection = transport.connect(id.as_str()).await?;
            let worker = SampleWorker::new(&connection, id.clone(), MAX_PIPELINES, routes);
            connections.push(connection.clone());
            pending.push((worker, connection));
        }
        Ok(Self {
            processed_by_beta: pending[1].0.counts(),
            registry: coordinator.coordinator().registry(),
            timeout: transport.timeout(),
            alpha,
            beta,
            client,
            coordinator,
            pending,
            workers: Vec::new(),
            api_key,
            connections,
        })
    }

    /// Starts the next worker, which registers by itself. Returns the heartbeat interval that the coordinator asks for.
    pub(super) async fn join(&mut self, worker: &WorkerId) -> Result<Duration, CommandError> {
        let mut pending = self.pending.iter();
        let index = pending.position(|(pending, _)| pending.id() == worker);
        let index = index.ok_or_else(|| stopped(worker))?;
        let (pending, connection) = self.pending.remove(index);
        let running = pending.start(&connection, self.api_key.clone()).await?;
        let registered = within(self.timeout, "registration", running.registered()).await?;
        self.workers.push(running);
        registered.ok_or_else(|| stopped(worker))
    }

    /// Makes a worker send an additional heartbeat.
    pub(super) async fn send_heartbeat(&self, worker: &WorkerId) -> Result<(), CommandError> {
        let sent = self.workers[self.index(worker)?].heartbeat().await;
        sent.map_err(|failure| CommandError::unexpected(&failure))
    }

    /// Waits until a draining worker has reported to the coordinator that it has no free capacity.
    pub(super) async fn drained(&self, worker: &WorkerId) -> Result<(), CommandError> {
        let running = &self.workers[self.index(worker)?];
        let drained = async {
            while running.health().registrations < 2 {
                sleep(PAUSE).await;
            }
        };
        within(self.timeout, "registration of the draining worker", drained).await
    }

    /// Waits until the coordinator has received `times` heartbeats of a worker. Returns a summary of the last.
    pub(super) async fn heartbeats(
        &self,
        worker: &WorkerId,
        times: u64,
    ) -> Result<String, CommandError> {
        let mut registry = self.registry.clone();
        let heartbeats = registry.wait_for(|registry| {
            registry
                .workers
                .get(worker)
                .is_some_and(|known| known.heartbeats >= times)
        });
        let registry = within(self.timeout, "heartbeat", heartbeats)
            .await?
            .map_err(stopped)?;
        let known = registry.workers.get(worker);
        let Some(heartbeat) = known.and_then(|known| known.last_heartbeat.as_ref()) else {
            return Err(stopped(worker));
        };
        Ok(format!(
            "heartbeat: {}, {}",
            counted(heartbeat.pipelines_running.into(), "pipeline"),
            counted(heartbeat.events_processed, "event")
        ))
    }

    /// Waits until beta has processed `events` events of alpha.
    pub(super) async fn processed_by_beta(&self, events: u64) -> Result<(), CommandError> {
        let mut counts = self.processed_by_beta.clone();
        let processed = counts.wait_for(|counts| counts.processed >= events);
        within(self.timeout, "event from alpha at beta", processed)
            .await?
            .map_err(stopped)?;
        Ok(())
    }

    /// Shuts a worker down after it has finished its work.
    pub(super) async fn stop(&mut self, worker: &WorkerId) {
        if let Ok(index) = self.index(worker) {
            self.workers.remove(index).shutdown().await;
        }
    }

    /// Shuts all participants down.
    pub(super) async fn shutdown(self) {
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
        index.ok_or_else(|| stopped(id))
    }
}

/// Converts a name of the scenario to a type of the protocol.
fn named<T: TryFrom<&'static str, Error = Violation>>(
    name: &'static str,
) -> Result<T, CommandError> {
    T::try_from(name).map_err(|violation| CommandError::unexpected(&violation))
}

fn stopped(what: impl Display) -> CommandError {
    CommandError::Failed(format!("a worker or the coordinator has stopped: {what}"))
}

async fn within<T>(
    limit: Duration,
    what: &str,
    future: impl Future<Output = T>,
) -> Result<T, CommandError> {
    let outcome = timeout(limit, future).await;
    outcome.map_err(|_| CommandError::Failed(format!("no {what} within {} s", limit.as_secs())))
}
