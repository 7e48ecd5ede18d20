//! A running sample worker.

use std::time::Duration;

use natsgen_runtime::{Connection, PublishFailure, Request as _};

use super::error::SampleError;
use super::listener::Listener;
use super::worker::SampleWorker;
use varpulis_sdk::coordinator::{CoordinatorClient, RegisterRequest};
use varpulis_sdk::types::{ApiKey, WorkerConfig};
use varpulis_sdk::worker::{PipelineEvent, PipelineEventFilter};
use varpulis_sdk::worker_node::{RunningWorkerNode, WorkerHealth, WorkerNode};

/// A running [`SampleWorker`].
#[derive(Debug)]
pub struct RunningWorker {
    worker: SampleWorker,
    node: RunningWorkerNode,
    events: Listener,
    coordinator: CoordinatorClient,
}

impl SampleWorker {
    /// Serves commands, receives events of other workers, and registers with the coordinator, until the returned
    /// [`RunningWorker`] is shut down.
    ///
    /// # Errors
    /// If a subscription is refused or the connection is closed.
    pub async fn start(
        self,
        connection: &Connection,
        api_key: ApiKey,
    ) -> Result<RunningWorker, SampleError> {
        let node = WorkerNode::new(self.id().clone(), api_key, self.clone());
        let node = node.max_pipelines(self.max_pipelines());
        RunningWorker::start(self, node, connection).await
    }

    /// Starts a worker from the [configuration](varpulis_sdk::config), without routes.
    ///
    /// # Errors
    /// If a subscription is refused or the connection is closed.
    pub async fn start_configured(
        config: &WorkerConfig,
        connection: &Connection,
    ) -> Result<RunningWorker, SampleError> {
        let id = config.id.clone();
        let worker = Self::new(connection, id, config.max_pipelines, Vec::new());
        let node = WorkerNode::configured(config, worker.clone());
        RunningWorker::start(worker, node, connection).await
    }
}

impl RunningWorker {
    async fn start(
        worker: SampleWorker,
        node: WorkerNode<SampleWorker>,
        connection: &Connection,
    ) -> Result<Self, SampleError> {
        let connection = &connection.identity(RegisterRequest::INFO.from, worker.id());
        let filter = PipelineEventFilter {
            to_worker: Some(worker.id().clone()),
            ..PipelineEventFilter::default()
        };
        let events = connection.subscribe::<PipelineEvent>(&filter).await?;
        let source = worker.clone();
        let node = node
            .health_source(move || source.heartbeat())
            .start(connection);
        let node = node.await?;
        let receiver = worker.clone();
        let events = Listener::start(events, move |event| {
            let receiver = receiver.clone();
            async move { receiver.handle_event(event).await }
        });
        let coordinator = CoordinatorClient::new(connection);
        Ok(Self {
            worker,
            node,
            events,
            coordinator,
        })
    }

    /// The worker.
    #[must_use]
    pub fn worker(&self) -> &SampleWorker {
        &self.worker
    }

    /// Its health as a member of the cluster.
    #[must_use]
    pub fn health(&self) -> WorkerHealth {
        self.node.health()
    }

    /// Waits until a coordinator has registered it. Returns the heartbeat interval, or nothing if the connection was
    /// closed before.
    pub async fn registered(&self) -> Option<Duration> {
        self.node.registered().await
    }

    /// Waits until another instance has registered under its id.
    pub async fn replaced(&self) {
        self.node.replaced().await;
    }

    /// Waits until the coordinators have refused the API key too often.
    pub async fn rejected(&self) {
        self.node.rejected().await;
    }

    /// Refuses new work and waits up to the limit for running commands. Returns how many still run.
    pub async fn drain(&self) -> usize {
        self.node.drain().await
    }

    /// Sends an additional heartbeat.
    ///
    /// # Errors
    /// If the connection is lost or closed.
    pub async fn heartbeat(&self) -> Result<(), PublishFailure> {
        self.coordinator
            .heartbeat(self.worker.id(), &self.worker.heartbeat())
            .await
    }

    /// Unsubscribes, finishes the commands and events that were received before, and ends the heartbeats.
    pub async fn shutdown(self) {
        self.node.shutdown().await;
        self.events.stop().await;
    }
}
