//! Coordinators, workers and their network.

use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::{
    CallError, CallOptions, Connection, Failure, MemoryTransport, NatsOptions, NotDelivered,
};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use varpulis_sdk::coordinator_node::{CoordinatorNode, RunningCoordinatorNode};
use varpulis_sdk::replica::{Change, Registry, ReplicaOptions};
use varpulis_sdk::types::{ApiKey, PipelineName, WorkerId, WorkerStatus};
use varpulis_sdk::worker::{DeployRequest, DrainReply, DrainRequest, WorkerService};
use varpulis_sdk::worker_node::{RunningWorkerNode, WorkerNode};

use super::scripted_worker::{Behavior, ScriptedWorker};
use crate::cluster::{Folder, Network, TEST_TIMEOUT, address, node};

/// Coordinators that share a registry, and the network that workers connect to.
pub(crate) struct Fixture {
    pub(crate) network: Network,
    pub(crate) coordinators: BTreeMap<u64, RunningCoordinatorNode>,
    /// A runtime for each coordinator, so that the coordinator can be killed.
    runtimes: BTreeMap<u64, Runtime>,
    folder: Folder,
}

/// A worker with a scripted service.
pub(crate) struct TestWorker {
    pub(crate) service: ScriptedWorker,
    pub(crate) node: RunningWorkerNode,
    pub(crate) connection: Connection,
    pub(crate) transport: Option<MemoryTransport>,
}

impl Fixture {
    /// Starts coordinators 1 to `count`.
    pub(crate) async fn new(network: Network, count: u64) -> Self {
        Self::with(network, count, |node| node).await
    }

    /// Starts coordinators 1 to `count`, each configured by `set_up`.
    pub(crate) async fn with(
        network: Network,
        count: u64,
        set_up: impl Fn(CoordinatorNode) -> CoordinatorNode,
    ) -> Self {
        let mut fixture = Self {
            coordinators: BTreeMap::new(),
            runtimes: BTreeMap::new(),
            network,
            folder: Folder::new(),
        };
        let members: BTreeMap<_, _> = (1..=count).map(|id| (node(id), address(id))).collect();
        for id in 1..=count {
            let options = ReplicaOptions::new(node(id), fixture.folder.0.join(id.to_string()))
                .heartbeat(Duration::from_millis(100))
                .election(Duration::from_millis(500), Duration::from_secs(1))
                .timeout(TEST_TIMEOUT);
            let coordinator = CoordinatorNode::new(key(), options)
                .heartbeat_interval(Duration::from_secs(1))
                .members(members.clone());
            fixture.start(id, set_up(coordinator)).await;
        }
        fixture
    }

    async fn start(&mut self, id: u64, coordinator: CoordinatorNode) {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let network = match &self.network {
            Network::Memory(broker) => Ok(broker.connect()),
            Network::Nats(server) => Err(server.url()),
        };
        let starting = runtime.spawn(async move {
            let connection = match network {
                Ok(transport) => Connection::over(transport),
                Err(url) => NatsOptions::new(&url).connect().await.unwrap(),
            };
            coordinator.start(&connection).await.unwrap()
        });
        self.coordinators.insert(id, starting.await.unwrap());
        self.runtimes.insert(id, runtime);
    }

    /// Runs `work` on coordinator `id` until the work ends or the coordinator is killed.
    pub(crate) fn run_until_killed<W>(
        &mut self,
        id: u64,
        work: impl FnOnce(RunningCoordinatorNode) -> W,
    ) where
        W: Future<Output = ()> + Send + 'static,
    {
        let coordinator = self.coordinators.remove(&id).unwrap();
        self.runtimes[&id].spawn(work(coordinator));
    }

    /// Kills coordinator `id` after a worker has begun its deployment.
    pub(crate) async fn kill_during_deploy(&mut self, id: u64, worker: &ScriptedWorker) {
        self.run_until_killed(id, async |dying| {
            let deployed = dying.deploy(&program("p")).await;
            unreachable!("the deployment must not finish: {deployed:?}");
        });
        worker.wait_for_deploys(1).await;
        self.kill(id);
    }

    /// Kills coordinator `id` at any moment.
    pub(crate) fn kill(&mut self, id: u64) {
        self.coordinators.remove(&id);
        self.runtimes.remove(&id).unwrap().shutdown_background();
    }

    pub(crate) fn coordinator(&self, id: u64) -> &RunningCoordinatorNode {
        &self.coordinators[&id]
    }

    /// Starts a worker with room for `most` pipelines.
    pub(crate) async fn worker(
        &self,
        name: &str,
        max_pipelines: u32,
        behaviors: impl IntoIterator<Item = Behavior>,
    ) -> TestWorker {
        let service = ScriptedWorker::new(behaviors);
        self.worker_with(name, max_pipelines, service).await
    }

    pub(crate) async fn worker_with(
        &self,
        name: &str,
        max_pipelines: u32,
        service: ScriptedWorker,
    ) -> TestWorker {
        let (connection, transport) = self.network.connect().await;
        let node = start(&connection, name, max_pipelines, service.clone()).await;
        TestWorker {
            service,
            node,
            connection,
            transport,
        }
    }

    /// Waits until all coordinators show these workers as ready.
    pub(crate) async fn wait_for_ready(&self, names: &[&str]) {
        let are_ready = |registry: &Registry| {
            let is_ready = |name: &&str| {
                let worker = registry.worker(&worker(name));
                worker.is_some_and(|worker| worker.status == WorkerStatus::Ready)
            };
            names.iter().all(is_ready)
        };
        self.wait_for("ready workers", are_ready).await;
    }

    /// Waits until the registry of each coordinator satisfies `is_so`.
    pub(crate) async fn wait_for(&self, what: &str, is_so: impl Fn(&Registry) -> bool) {
        for (id, coordinator) in &self.coordinators {
            let waited = timeout(TEST_TIMEOUT, wait_for_registry(coordinator, &is_so)).await;
            waited.unwrap_or_else(|_| panic!("coordinator {id} does not show {what}"));
        }
    }

    /// Waits until commands to worker `name` find no responder.
    pub(crate) async fn wait_for_absence(&self, name: &str) {
        let brief = CallOptions::new().timeout(Duration::from_millis(200));
        let client = self.coordinator(1).client().clone().options(brief);
        let absent = Failure::NotDelivered(NotDelivered::NoResponders);
        let search = async {
            let worker = worker(name);
            let is_there = |drained: Result<DrainReply, CallError<_>>| {
                drained.is_ok() || drained.is_err_and(|error| error.failure != absent)
            };
            while is_there(client.drain(&worker, &DrainRequest::default()).await) {}
        };
        timeout(TEST_TIMEOUT, search).await.expect("no responder");
    }

    pub(crate) async fn stop(self) {
        for (_, coordinator) in self.coordinators {
            coordinator.shutdown().await;
        }
        for (_, runtime) in self.runtimes {
            runtime.shutdown_background();
        }
    }
}

/// Waits until the registry of a coordinator satisfies `is_so`.
async fn wait_for_registry(
    coordinator: &RunningCoordinatorNode,
    is_so: impl Fn(&Registry) -> bool,
) {
    let mut changes = coordinator.replica().changes();
    while !coordinator.replica().local(&is_so) {
        let change: Option<Change> = changes.next().await;
        change.expect("the coordinator runs");
    }
}

pub(crate) async fn start(
    connection: &Connection,
    name: &str,
    max_pipelines: u32,
    service: impl WorkerService,
) -> RunningWorkerNode {
    let worker = WorkerNode::new(worker(name), key(), service).max_pipelines(max_pipelines);
    let pauses = [Duration::from_millis(50), Duration::from_millis(200)];
    let worker = worker.pauses(pauses[0], pauses[1]);
    let worker = worker.drain_limit(Duration::from_millis(100));
    worker.start(connection).await.unwrap()
}

pub(crate) fn key() -> ApiKey {
    ApiKey::try_from("secret").unwrap()
}

pub(crate) fn worker(name: &str) -> WorkerId {
    WorkerId::try_from(name).unwrap()
}

pub(crate) fn pipeline(name: &str) -> PipelineName {
    PipelineName::try_from(name).unwrap()
}

/// A pipeline that any worker can run, also the sample worker.
pub(crate) fn program(name: &str) -> DeployRequest {
    let source = "stream A = Reading .where(t > 100) .emit(t: t)";
    DeployRequest::new(pipeline(name), source.to_owned().try_into().unwrap())
}
