//! A worker that serves, and what it does by itself: joining, heartbeats, events of other workers.

use std::time::Duration;

use natsgen_runtime::{CallOptions, Connection, PublishFailure, Retry, Secs, Server};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval_at};

use super::listener::Listener;
use super::{SampleError, SampleWorker};
use crate::coordinator::{CoordinatorClient, RegisterReply};
use crate::types::ApiKey;
use crate::worker::{PipelineEvent, PipelineEventFilter, WorkerServer};

/// How often a heartbeat is sent where the coordinator does not say.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);

/// How long a worker goes on asking to be registered.
const REGISTER_LIMIT: Duration = Duration::from_mins(1);

/// A [`SampleWorker`] that serves.
#[derive(Debug)]
pub struct RunningWorker {
    worker: SampleWorker,
    server: Server,
    events: Listener,
    coordinator: CoordinatorClient,
    heartbeats: Option<JoinHandle<()>>,
}

impl RunningWorker {
    pub(super) async fn start(
        worker: SampleWorker,
        connection: &Connection,
    ) -> Result<Self, SampleError> {
        let filter = PipelineEventFilter {
            to_worker: Some(worker.id().clone()),
            ..PipelineEventFilter::default()
        };
        let events = connection.subscribe::<PipelineEvent>(&filter).await?;
        let server = WorkerServer::new(worker.clone())
            .start(connection, worker.id())
            .await?;
        let taker = worker.clone();
        let events = Listener::start(events, move |event| {
            let taker = taker.clone();
            async move { taker.take(event).await }
        });
        let coordinator = CoordinatorClient::new(connection);
        Ok(Self {
            worker,
            server,
            events,
            coordinator,
            heartbeats: None,
        })
    }

    /// The worker that serves.
    #[must_use]
    pub fn worker(&self) -> &SampleWorker {
        &self.worker
    }

    /// Registers, asking again for up to a minute while no coordinator listens, and sends heartbeats from then on:
    /// one at once, the others at the interval that the coordinator wants.
    ///
    /// # Errors
    /// When no coordinator answers or it refuses, or the connection is lost.
    pub async fn join(&mut self, api_key: ApiKey) -> Result<RegisterReply, SampleError> {
        let request = self.worker.registration(api_key);
        let pauses = Retry::new(u32::MAX).pauses(Duration::from_secs(1), Duration::from_secs(30));
        let options = CallOptions::new().timeout(REGISTER_LIMIT).retry(pauses);
        let reply = self
            .coordinator
            .clone()
            .with_options(options)
            .register(&request)
            .await?;
        self.heartbeat().await?;
        let interval = reply.heartbeat_interval.map(Secs::get);
        self.beat_every(interval.unwrap_or(HEARTBEAT_INTERVAL));
        Ok(reply)
    }

    /// Sends a heartbeat now.
    ///
    /// # Errors
    /// When the connection is lost or closed.
    pub async fn heartbeat(&self) -> Result<(), PublishFailure> {
        self.coordinator
            .heartbeat(self.worker.id(), &self.worker.heartbeat())
            .await
    }

    /// Finishes the commands and events that have come, takes no more, and ends the heartbeats.
    pub async fn shutdown(mut self) {
        self.stop_beating();
        self.server.shutdown().await;
        self.events.stop().await;
    }

    fn beat_every(&mut self, interval: Duration) {
        self.stop_beating();
        let (worker, coordinator) = (self.worker.clone(), self.coordinator.clone());
        self.heartbeats = Some(tokio::spawn(async move {
            let mut beats = interval_at(Instant::now() + interval, interval);
            loop {
                beats.tick().await;
                // One that is lost is made good by the next.
                let _ = coordinator
                    .heartbeat(worker.id(), &worker.heartbeat())
                    .await;
            }
        }));
    }

    fn stop_beating(&mut self) {
        if let Some(heartbeats) = self.heartbeats.take() {
            heartbeats.abort();
        }
    }
}
