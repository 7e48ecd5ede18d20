//! Workers on a nats-server, alone or with a coordinator.

use std::fmt::Debug;
use std::time::Duration;

use natsgen_runtime::{CallError, Connection, Limited, NatsOptions, Side, codec};
use natsgen_testing::NatsServer;
use tokio::time::{sleep, timeout};
pub(super) use varpulis_sdk::coordinator_node::WorkerView as View;
use varpulis_sdk::coordinator_node::{CoordinatorNode, RunningCoordinatorNode};
use varpulis_sdk::replica::ReplicaOptions;
use varpulis_sdk::types::{
    ApiKey, EngineCheckpoint, EventFields, EventType, InputEvent, NodeId, OutputEvent, PipelineId,
    RaftNode, WorkerId, WorkerStatus,
};
use varpulis_sdk::worker::{
    CheckpointRequest, DeployFault, DeployRequest, InjectFault, InjectRequest, WorkerClient,
};

/// Far more than any step takes.
const LIMIT: Duration = Duration::from_secs(30);

/// The pause between two checks of a condition.
const PAUSE: Duration = Duration::from_millis(20);

/// A worker without a coordinator, and a client.
pub(super) struct Worker {
    pub(super) client: WorkerClient,
    pub(super) id: WorkerId,
    running: super::super::Running,
    server: NatsServer,
}

impl Worker {
    pub(super) async fn start(max_pipelines: u32) -> Self {
        let server = NatsServer::start().unwrap();
        let id: WorkerId = named("w");
        let connection = connect(&server).await;
        let running = super::super::start(&connection, id.clone(), key(), max_pipelines).await;
        Self {
            client: WorkerClient::new(&connect(&server).await),
            id,
            running,
            server,
        }
    }

    pub(super) async fn deploy(&self, source: &str) -> Result<PipelineId, CallError<DeployFault>> {
        let deployed = self.client.deploy(&self.id, &program("p", source)).await;
        deployed.map(|reply| reply.id)
    }

    pub(super) async fn inject(
        &self,
        id: &PipelineId,
        json: &str,
    ) -> Result<Vec<OutputEvent>, CallError<InjectFault>> {
        let mut request = InjectRequest::new(id.clone(), event());
        request.fields = fields(json);
        let injected = self.client.inject(&self.id, &request).await;
        injected.map(|reply| reply.output_events)
    }

    pub(super) async fn checkpoint(&self, id: &PipelineId) -> EngineCheckpoint {
        let request = CheckpointRequest::new(id.clone());
        let taken = self.client.checkpoint(&self.id, &request).await;
        taken.unwrap().0
    }

    /// Shuts the worker down. Returns the server.
    pub(super) async fn stop(self) -> NatsServer {
        self.running.shutdown().await;
        self.server
    }
}

/// A coordinator, and workers that register with it.
pub(super) struct Cluster {
    pub(super) coordinator: RunningCoordinatorNode,
    server: NatsServer,
}

impl Cluster {
    pub(super) async fn start() -> Self {
        let server = NatsServer::start().unwrap();
        let id = NodeId::try_from(1).unwrap();
        let options = ReplicaOptions::memory(id)
            .heartbeat(Duration::from_millis(100))
            .election(Duration::from_millis(500), Duration::from_secs(1));
        let node = CoordinatorNode::new(key(), options)
            .members([(id, RaftNode::new(named("")))].into())
            .heartbeat_interval(Duration::from_secs(1));
        let coordinator = node.start(&connect(&server).await).await.unwrap();
        let waiting = async {
            while !coordinator.health().is_ready() {
                sleep(PAUSE).await;
            }
        };
        timeout(LIMIT, waiting).await.expect("a leader");
        Self {
            coordinator,
            server,
        }
    }

    /// Starts a worker and waits until it is ready.
    pub(super) async fn worker(&self, id: &'static str) -> super::super::Running {
        let connection = connect(&self.server).await;
        let running = super::super::start(&connection, named(id), key(), 4).await;
        let ready = |view: &View| view.record.status == WorkerStatus::Ready;
        self.wait_for("registration", id, ready).await;
        running
    }

    /// Waits until the coordinator's view of a worker matches.
    pub(super) async fn wait_for(
        &self,
        state: &str,
        id: &'static str,
        matches: impl Fn(&View) -> bool,
    ) {
        let id = named(id);
        let waiting = async {
            while !self
                .coordinator
                .worker(&id)
                .is_some_and(|view| matches(&view))
            {
                sleep(PAUSE).await;
            }
        };
        let waited = timeout(LIMIT, waiting).await;
        waited.unwrap_or_else(|_| panic!("no {state}: {:?}", self.coordinator.worker(&id)));
    }
}

async fn connect(server: &NatsServer) -> Connection {
    NatsOptions::new(&server.url()).connect().await.unwrap()
}

fn key() -> ApiKey {
    named("secret")
}

pub(super) fn named<T: TryFrom<&'static str, Error: Debug>>(name: &'static str) -> T {
    T::try_from(name).unwrap()
}

pub(super) fn program(name: &'static str, source: &str) -> DeployRequest {
    DeployRequest::new(named(name), source.try_into().unwrap())
}

pub(super) fn event() -> EventType {
    named("X")
}

pub(super) fn fields(json: &str) -> EventFields {
    codec::decode(json.as_bytes(), Side::Request).unwrap()
}

/// Events with these values in the field `n`.
pub(super) fn batch<const MAX: usize>(values: &[u32]) -> Limited<Vec<InputEvent>, 0, MAX> {
    let events = values.iter().map(|n| {
        let mut input = InputEvent::new(event());
        input.fields = fields(&format!(r#"{{"n":{n},"more":null}}"#));
        input
    });
    Limited::new(events.collect()).unwrap()
}
