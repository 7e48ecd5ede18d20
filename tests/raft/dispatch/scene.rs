//! Coordinators and workers.

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

use super::script::{Act, Script};
use crate::cluster::{Folder, Network, PATIENCE, address, node};

/// Coordinators that share a registry, and the network that workers come to.
pub(crate) struct Scene {
    pub(crate) network: Network,
    pub(crate) coordinators: BTreeMap<u64, RunningCoordinatorNode>,
    /// Where each coordinator runs, so that it can be killed.
    lives: BTreeMap<u64, Runtime>,
    folder: Folder,
}

/// A worker that runs a script.
pub(crate) struct Scripted {
    pub(crate) script: Script,
    pub(crate) node: RunningWorkerNode,
    pub(crate) connection: Connection,
    pub(crate) cable: Option<MemoryTransport>,
}

impl Scene {
    /// Coordinators 1 to `count`.
    pub(crate) async fn new(network: Network, count: u64) -> Self {
        Self::with(network, count, |node| node).await
    }

    /// The same, each set up by `set_up`.
    pub(crate) async fn with(
        network: Network,
        count: u64,
        set_up: impl Fn(CoordinatorNode) -> CoordinatorNode,
    ) -> Self {
        let mut scene = Self {
            coordinators: BTreeMap::new(),
            lives: BTreeMap::new(),
            network,
            folder: Folder::new(),
        };
        let members: BTreeMap<_, _> = (1..=count).map(|id| (node(id), address(id))).collect();
        for id in 1..=count {
            let options = ReplicaOptions::new(node(id), scene.folder.0.join(id.to_string()))
                .heartbeat(Duration::from_millis(100))
                .election(Duration::from_millis(500), Duration::from_secs(1))
                .patience(PATIENCE);
            let coordinator = CoordinatorNode::new(key(), options)
                .heartbeat_interval(Duration::from_secs(1))
                .members(members.clone());
            scene.start(id, set_up(coordinator)).await;
        }
        scene
    }

    async fn start(&mut self, id: u64, coordinator: CoordinatorNode) {
        let life = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let network = match &self.network {
            Network::Memory(broker) => Ok(broker.connect()),
            Network::Nats(server) => Err(server.url()),
        };
        let starting = life.spawn(async move {
            let connection = match network {
                Ok(cable) => Connection::over(cable),
                Err(url) => NatsOptions::new(&url).connect().await.unwrap(),
            };
            coordinator.start(&connection).await.unwrap()
        });
        self.coordinators.insert(id, starting.await.unwrap());
        self.lives.insert(id, life);
    }

    /// Has coordinator `id` do `work`, which ends with it.
    pub(crate) fn last_work<W>(&mut self, id: u64, work: impl FnOnce(RunningCoordinatorNode) -> W)
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let coordinator = self.coordinators.remove(&id).unwrap();
        self.lives[&id].spawn(work(coordinator));
    }

    /// Ends coordinator `id` while a worker begins what it deploys.
    pub(crate) async fn kill_deploying(&mut self, id: u64, worker: &Script) {
        self.last_work(id, async |dying| {
            let deployed = dying.deploy(&program("p")).await;
            unreachable!("it is killed before: {deployed:?}");
        });
        worker.begun(1).await;
        self.kill(id);
    }

    /// Ends coordinator `id` wherever it is.
    pub(crate) fn kill(&mut self, id: u64) {
        self.coordinators.remove(&id);
        self.lives.remove(&id).unwrap().shutdown_background();
    }

    pub(crate) fn coordinator(&self, id: u64) -> &RunningCoordinatorNode {
        &self.coordinators[&id]
    }

    /// Starts a worker that takes up to `most` pipelines.
    pub(crate) async fn worker(
        &self,
        name: &str,
        most: u32,
        acts: impl IntoIterator<Item = Act>,
    ) -> Scripted {
        let script = Script::new(acts);
        self.scripted(name, most, script).await
    }

    pub(crate) async fn scripted(&self, name: &str, most: u32, script: Script) -> Scripted {
        let (connection, cable) = self.network.connect().await;
        let node = start(&connection, name, most, script.clone()).await;
        Scripted {
            script,
            node,
            connection,
            cable,
        }
    }

    /// Waits until all coordinators know that these workers are ready, and until the workers know that they are registered.
    pub(crate) async fn ready(&self, names: &[&str]) {
        let are_ready = |registry: &Registry| {
            let is_ready = |name: &&str| {
                let worker = registry.worker(&worker(name));
                worker.is_some_and(|worker| worker.status == WorkerStatus::Ready)
            };
            names.iter().all(is_ready)
        };
        self.known("that workers are ready", are_ready).await;
    }

    /// Waits until all coordinators know what `is_so` looks for.
    pub(crate) async fn known(&self, what: &str, is_so: impl Fn(&Registry) -> bool) {
        for (id, coordinator) in &self.coordinators {
            let waited = timeout(PATIENCE, known(coordinator, &is_so)).await;
            waited.unwrap_or_else(|_| panic!("coordinator {id} does not learn {what}"));
        }
    }

    /// Waits until nobody is a worker of this name any more, for those who command it.
    pub(crate) async fn absent(&self, name: &str) {
        let brief = CallOptions::new().timeout(Duration::from_millis(200));
        let client = self.coordinator(1).client().clone().with_options(brief);
        let absent = Failure::NotDelivered(NotDelivered::NoResponders);
        let search = async {
            let worker = worker(name);
            let is_there = |drained: Result<DrainReply, CallError<_>>| {
                drained.is_ok() || drained.is_err_and(|error| error.failure != absent)
            };
            while is_there(client.drain(&worker, &DrainRequest {}).await) {}
        };
        timeout(PATIENCE, search).await.expect("nobody");
    }

    pub(crate) async fn stop(self) {
        for (_, coordinator) in self.coordinators {
            coordinator.shutdown().await;
        }
        for (_, life) in self.lives {
            life.shutdown_background();
        }
    }
}

/// Waits until a coordinator knows what `is_so` looks for.
async fn known(coordinator: &RunningCoordinatorNode, is_so: impl Fn(&Registry) -> bool) {
    let mut changes = coordinator.replica().changes();
    while !coordinator.replica().local(&is_so) {
        let change: Option<Change> = changes.next().await;
        change.expect("the coordinator runs");
    }
}

pub(crate) async fn start(
    connection: &Connection,
    name: &str,
    most: u32,
    service: impl WorkerService,
) -> RunningWorkerNode {
    let worker = WorkerNode::new(worker(name), key(), service).max_pipelines(most);
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

/// A pipeline for any worker, the sample's among them.
pub(crate) fn program(name: &str) -> DeployRequest {
    let source = "stream A = Reading .where(t > 100) .emit(t: t)";
    DeployRequest {
        name: pipeline(name),
        source: source.to_owned().try_into().unwrap(),
    }
}
