//! A coordinator and workers that are reached over HTTP.

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use natsgen_runtime::http::HttpServerOptions;
use natsgen_runtime::{Connection, Limited, Value, codec};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use varpulis_sample::{RunningWorker, SampleWorker};
use varpulis_sdk::coordinator_node::{CoordinatorNode, HttpWorkers, RunningCoordinatorNode};
use varpulis_sdk::replica::{Registry, ReplicaOptions};
use varpulis_sdk::types::{
    ApiKey, DeploymentState, EventFields, EventType, NodeId, PipelineName, RaftNode, WorkerConfig,
    WorkerId, WorkerStatus,
};
use varpulis_sdk::worker::DeployRequest;

/// Far more than a step of a test takes.
const TEST_TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) const KEY: &str = "secret";

/// A coordinator with an HTTP server on `listen` that commands the workers on `host` over HTTP. Its store is below
/// `folder`, or in memory.
pub(crate) async fn coordinator(
    connection: &Connection,
    folder: Option<&Path>,
    listen: &str,
    host: &str,
) -> RunningCoordinatorNode {
    let id = NodeId::try_from(1).unwrap();
    let replica = match folder {
        Some(folder) => ReplicaOptions::new(id, folder.join("raft.redb")),
        None => ReplicaOptions::memory(id),
    };
    let address = RaftNode::new("http://coordinator-1:9100".try_into().unwrap());
    let own = (worker("own"), ApiKey::try_from("own-key").unwrap());
    let node = CoordinatorNode::new(ApiKey::try_from(KEY).unwrap(), replica)
        .worker_keys([own].into())
        .members([(id, address)].into())
        .heartbeat_interval(Duration::from_secs(1))
        .http(listen, HttpServerOptions::new())
        .http_workers(HttpWorkers::new().host(host));
    node.start(connection).await.unwrap()
}

/// The configuration of a worker without NATS.
pub(crate) fn config(id: &str, key: &str, coordinator_url: &str) -> WorkerConfig {
    let config = json!({
        "id": id,
        "api_key": key,
        "max_pipelines": 4,
        "registration_pause_ms": 50,
        "longest_registration_pause_ms": 200,
        "http": { "listen": "127.0.0.1:0" },
        "coordinator": { "url": coordinator_url },
    });
    let side = natsgen_runtime::Side::Request;
    codec::decode(config.to_string().as_bytes(), side).unwrap()
}

/// A worker without NATS, and its threads.
pub(crate) struct HttpWorker {
    pub(crate) running: RunningWorker,
    runtime: Runtime,
}

impl HttpWorker {
    pub(crate) async fn start(config: WorkerConfig) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let starting = runtime.spawn(async move {
            let connection = Connection::memory();
            SampleWorker::start_configured(&config, &connection).await
        });
        Self {
            running: starting.await.unwrap().unwrap(),
            runtime,
        }
    }

    /// Ends the worker without a notice, as the end of its process does.
    pub(crate) fn kill(self) {
        self.runtime.shutdown_background();
        // The drop of the node needs a runtime to shut it down properly.
        std::thread::spawn(move || drop(self.running))
            .join()
            .unwrap();
    }

    pub(crate) async fn stop(self) {
        self.running.shutdown().await;
        self.runtime.shutdown_background();
    }
}

/// Waits until the registry of a coordinator satisfies `is_so`.
pub(crate) async fn until(
    coordinator: &RunningCoordinatorNode,
    what: &str,
    is_so: impl Fn(&Registry) -> bool,
) {
    let mut changes = coordinator.changes();
    let waiting = async {
        while !coordinator.replica().local(&is_so) {
            changes.next().await.expect("the coordinator runs");
        }
    };
    let waited = timeout(TEST_TIMEOUT, waiting).await;
    waited.unwrap_or_else(|_| panic!("the registry does not show {what}"));
}

/// Waits until a worker has this status.
pub(crate) async fn until_status(
    coordinator: &RunningCoordinatorNode,
    id: &str,
    status: WorkerStatus,
) {
    let has_status = |registry: &Registry| {
        let worker = registry.worker(&worker(id));
        worker.is_some_and(|worker| worker.status == status)
    };
    until(coordinator, &format!("{id} as {status:?}"), has_status).await;
}

/// Waits until a pipeline runs on a worker.
pub(crate) async fn until_runs_on(coordinator: &RunningCoordinatorNode, pipeline: &str, id: &str) {
    let runs = |registry: &Registry| {
        let deployment = registry.deployment(&name(pipeline));
        deployment.is_some_and(|deployment| {
            deployment.worker_id == worker(id) && deployment.state == DeploymentState::Running
        })
    };
    until(coordinator, &format!("{pipeline} on {id}"), runs).await;
}

/// A port that is free now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

pub(crate) fn worker(id: &str) -> WorkerId {
    id.try_into().unwrap()
}

pub(crate) fn name(pipeline: &str) -> PipelineName {
    pipeline.try_into().unwrap()
}

pub(crate) fn program(pipeline: &str) -> DeployRequest {
    let source = "stream Hot = Reading .where(celsius > 20)";
    DeployRequest::new(name(pipeline), source.try_into().unwrap())
}

pub(crate) fn reading(celsius: u64) -> (EventType, EventFields) {
    let fields = [("celsius".to_owned(), Value::from(celsius))];
    let fields = Limited::new(fields.into_iter().collect()).unwrap();
    (EventType::try_from("Reading").unwrap(), EventFields(fields))
}
