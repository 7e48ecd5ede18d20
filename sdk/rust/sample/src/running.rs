//! A worker that serves, and takes the events of other workers.

use std::time::Duration;

use natsgen_runtime::{Connection, PublishFailure};

use super::listener::Listener;
use super::{SampleError, SampleWorker};
use varpulis_sdk::coordinator::CoordinatorClient;
use varpulis_sdk::worker::{PipelineEvent, PipelineEventFilter};
use varpulis_sdk::worker_node::{RunningWorkerNode, WorkerHealth, WorkerNode};

/// A [`SampleWorker`] that serves.
#[derive(Debug)]
pub struct RunningWorker {
    worker: SampleWorker,
    node: RunningWorkerNode,
    events: Listener,
    coordinator: CoordinatorClient,
}

impl RunningWorker {
    pub(super) async fn start(
        worker: SampleWorker,
        node: WorkerNode<SampleWorker>,
        connection: &Connection,
    ) -> Result<Self, SampleError> {
        let filter = PipelineEventFilter {
            to_worker: Some(worker.id().clone()),
            ..PipelineEventFilter::default()
        };
        let events = connection.subscribe::<PipelineEvent>(&filter).await?;
        let told = worker.clone();
        let node = node
            .health_source(move || told.heartbeat())
            .start(connection);
        let node = node.await?;
        let taker = worker.clone();
        let events = Listener::start(events, move |event| {
            let taker = taker.clone();
            async move { taker.take(event).await }
        });
        let coordinator = CoordinatorClient::new(connection);
        Ok(Self {
            worker,
            node,
            events,
            coordinator,
        })
    }

    /// The worker that serves.
    #[must_use]
    pub fn worker(&self) -> &SampleWorker {
        &self.worker
    }

    /// How it is doing as a member of the cluster.
    #[must_use]
    pub fn health(&self) -> WorkerHealth {
        self.node.health()
    }

    /// Waits until a coordinator has registered it. How often that one wants a heartbeat; none if the connection was
    /// closed before.
    pub async fn registered(&self) -> Option<Duration> {
        self.node.registered().await
    }

    /// Waits until another worker has registered under its id.
    pub async fn replaced(&self) {
        self.node.replaced().await;
    }

    /// Takes no new work, and waits up to the limit for what runs: how much of it still does.
    pub async fn drain(&self) -> usize {
        self.node.drain().await
    }

    /// Sends a heartbeat between those that it sends by itself.
    ///
    /// # Errors
    /// When the connection is lost or closed.
    pub async fn heartbeat(&self) -> Result<(), PublishFailure> {
        self.coordinator
            .heartbeat(self.worker.id(), &self.worker.heartbeat())
            .await
    }

    /// Finishes the commands and events that have come, takes no more, and ends the heartbeats.
    pub async fn shutdown(self) {
        self.node.shutdown().await;
        self.events.stop().await;
    }
}
