//! Running nodes over the in-process transport.

use std::collections::BTreeMap;

use natsgen_runtime::{Connection, MemoryBroker};
use varpulis_sample::{RunningWorker, SampleWorker};
use varpulis_sdk::coordinator::{CoordinatorClient, RegisterRequest};
use varpulis_sdk::coordinator_node::{CoordinatorNode, RunningCoordinatorNode};
use varpulis_sdk::raft::{RaftClient, ReadIndexRequest};
use varpulis_sdk::replica::{Replica, ReplicaOptions};
use varpulis_sdk::types::{ApiKey, NodeId, RaftNode, WorkerCapacity, WorkerId};
use varpulis_sdk::worker::{DeployRequest, WorkerClient};

/// The API key of recorded messages, so that the coordinator accepts them.
const KEY: &str = "test";

/// A coordinator that leads a cluster of its own, a Raft node outside of any cluster, and a worker.
pub(crate) struct Nodes {
    pub(crate) broker: MemoryBroker,
    client: Connection,
    coordinator: RunningCoordinatorNode,
    outside: Replica,
    worker: RunningWorker,
}

impl Nodes {
    pub(crate) async fn start() -> Self {
        let broker = MemoryBroker::new();
        let connect = || Connection::over(broker.connect());
        let address = RaftNode::new("".try_into().expect("an address"));
        let coordinator = CoordinatorNode::new(key(), ReplicaOptions::memory(node(1)))
            .members(BTreeMap::from([(node(1), address)]))
            .start(&connect())
            .await
            .expect("a coordinator");
        let outside = Replica::start(ReplicaOptions::memory(node(2)), &connect()).await;
        let connection = connect();
        let worker = SampleWorker::new(&connection, id(), 10, Vec::new());
        let worker = worker.start(&connection, key()).await.expect("a worker");
        worker.registered().await.expect("a registration");
        Self {
            client: connect(),
            broker,
            coordinator,
            outside: outside.expect("a Raft node"),
            worker,
        }
    }

    /// Checks that all nodes answer, and stops them.
    pub(crate) async fn verify(self) {
        let registration = RegisterRequest::new(
            "last".parse().expect("an id"),
            "".try_into().expect("an address"),
            key(),
            WorkerCapacity::new(1, 0, 1),
        );
        let registered = CoordinatorClient::new(&self.client)
            .register(&registration)
            .await;
        assert_eq!(registered.expect("a registration").worker_id, "last");
        let raft = RaftClient::new(&self.client);
        let confirmed = raft.read_index(node(1), &ReadIndexRequest::default()).await;
        confirmed.expect("node 1 leads");
        let refused = raft.read_index(node(2), &ReadIndexRequest::default()).await;
        let refused = refused.expect_err("node 2 does not lead");
        assert!(refused.fault().is_some(), "{refused}");
        let name = "last".parse().expect("a name");
        let deploy = DeployRequest::new(name, "".try_into().expect("a program"));
        let deployed = WorkerClient::new(&self.client).deploy(&id(), &deploy).await;
        assert!(
            deployed
                .as_ref()
                .is_ok_and(|reply| reply.name == deploy.name)
                || deployed
                    .as_ref()
                    .is_err_and(|error| error.fault().is_some()),
            "{deployed:?}"
        );
        let health = self.coordinator.health();
        assert_eq!((health.raft.failure, health.requests.panicked), (None, 0));
        assert_eq!(self.outside.health().failure, None);
        assert_eq!(self.worker.health().commands.panicked, 0);
        self.worker.shutdown().await;
        self.outside.shutdown().await;
        self.coordinator.shutdown().await;
    }
}

fn key() -> ApiKey {
    KEY.try_into().expect("a key")
}

fn id() -> WorkerId {
    "m0".parse().expect("an id")
}

fn node(id: u64) -> NodeId {
    NodeId::try_from(id).expect("a node id")
}
