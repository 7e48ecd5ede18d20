//! The coordinators of a cluster, and peers that act as workers.

use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::{
    CallError, CallOptions, Connection, MemoryTransport, Received, Subscription,
};
use tokio::time::{interval, timeout};
use varpulis_sdk::coordinator::{
    CoordinatorClient, Heartbeat, RegisterFault, RegisterReply, RegisterRequest,
};
use varpulis_sdk::coordinator_node::{CoordinatorHealth, CoordinatorNode, RunningCoordinatorNode};
use varpulis_sdk::replica::ReplicaOptions;
use varpulis_sdk::types::{ApiKey, WorkerCapacity, WorkerId, WorkerStatus};
use varpulis_sdk::worker::{Registration, RegistrationFilter};

use crate::cluster::{Folder, Network, TEST_TIMEOUT, address, node};

/// The coordinators of a cluster, their connections, and the folder with their stores.
pub(super) struct Coordinators {
    pub(super) network: Network,
    folder: Folder,
    members: u64,
    /// The API keys of single workers.
    pub(super) worker_keys: BTreeMap<WorkerId, ApiKey>,
    pub(super) running: BTreeMap<u64, RunningCoordinatorNode>,
    connections: BTreeMap<u64, (Connection, Option<MemoryTransport>)>,
}

impl Coordinators {
    /// A cluster of `members` coordinators that are not started yet.
    pub(super) fn new(network: Network, members: u64) -> Self {
        Self {
            network,
            folder: Folder::new(),
            members,
            worker_keys: BTreeMap::new(),
            running: BTreeMap::new(),
            connections: BTreeMap::new(),
        }
    }

    /// Starts a cluster of `members` coordinators, and waits for a leader.
    pub(super) async fn started(network: Network, members: u64) -> Self {
        let mut coordinators = Self::new(network, members);
        coordinators.start_all().await;
        coordinators
    }

    pub(super) async fn start_all(&mut self) {
        for id in 1..=self.members {
            self.start(id).await;
        }
        self.leader().await;
    }

    /// Starts coordinator `id` on its store; creates the store at the first start.
    pub(super) async fn start(&mut self, id: u64) {
        let (connection, transport) = self.network.connect().await;
        let options = ReplicaOptions::new(node(id), self.folder.0.join(id.to_string()))
            .heartbeat(Duration::from_millis(100))
            .election(Duration::from_millis(500), Duration::from_secs(1));
        let members = (1..=self.members).map(|id| (node(id), address(id)));
        let coordinator = CoordinatorNode::new(key("secret"), options)
            .worker_keys(self.worker_keys.clone())
            .heartbeat_interval(Duration::from_secs(1))
            .members(members.collect());
        let running = coordinator.start(&connection).await.unwrap();
        self.running.insert(id, running);
        self.connections.insert(id, (connection, transport));
    }

    /// Shuts down coordinator `id` gracefully.
    pub(super) async fn stop(&mut self, id: u64) {
        self.running.remove(&id).unwrap().shutdown().await;
    }

    pub(super) async fn stop_all(&mut self) {
        for id in self.ids() {
            self.stop(id).await;
        }
    }

    /// Ends coordinator `id` as a failure of its machine would.
    pub(super) async fn kill(&mut self, id: u64) {
        let (connection, transport) = self.connections.remove(&id).unwrap();
        if let Some(transport) = transport {
            transport.disconnect();
        } else {
            connection.close().await;
        }
        drop(self.running.remove(&id));
    }

    /// The in-process transport of coordinator `id`, which can be disconnected.
    pub(super) fn transport(&self, id: u64) -> &MemoryTransport {
        self.connections[&id].1.as_ref().unwrap()
    }

    pub(super) fn ids(&self) -> Vec<u64> {
        self.running.keys().copied().collect()
    }

    /// Any running coordinator.
    pub(super) fn any(&self) -> &RunningCoordinatorNode {
        self.running.values().next().unwrap()
    }

    /// The leader, once it knows that it leads. Other coordinators may know it earlier.
    pub(super) async fn leader(&self) -> u64 {
        let mut metrics = self.any().replica().metrics();
        let leads = async {
            loop {
                let known = metrics.borrow_and_update().current_leader;
                let named = known.and_then(|id| Some((id, self.running.get(&id)?)));
                let Some((id, running)) = named else {
                    metrics.changed().await.unwrap();
                    continue;
                };
                let mut its = running.replica().metrics();
                tokio::select! {
                    leads = its.wait_for(|metrics| metrics.state.is_leader()) => {
                        drop(leads.unwrap());
                        return id;
                    }
                    changed = metrics.wait_for(|metrics| metrics.current_leader != known) => {
                        drop(changed.unwrap());
                    }
                }
            }
        };
        within_timeout("a leader", leads).await
    }

    /// A peer with a connection of its own that acts as a worker.
    pub(super) async fn peer(&self) -> Peer {
        let (connection, _) = self.network.connect().await;
        Peer {
            client: CoordinatorClient::new(&connection)
                .options(CallOptions::new().timeout(TEST_TIMEOUT)),
            connection,
        }
    }

    /// The sum of a count over all coordinators.
    pub(super) fn sum(&self, count: impl Fn(&CoordinatorHealth) -> u64) -> u64 {
        self.running
            .values()
            .map(|running| count(&running.health()))
            .sum()
    }
}

/// Waits until a coordinator reports `status` for a worker; without a status, until the worker is unknown.
pub(super) async fn until_status(
    running: &RunningCoordinatorNode,
    id: &WorkerId,
    status: Option<WorkerStatus>,
) {
    let mut changes = running.changes();
    let waiting = async {
        while running.worker(id).map(|known| known.record.status) != status {
            changes.next().await.unwrap();
        }
    };
    within_timeout(&format!("{status:?}"), waiting).await;
}

/// Sends heartbeats of a worker until it is ready. On a busy machine, a single heartbeat can be too old when it is handled.
pub(super) async fn until_ready(running: &RunningCoordinatorNode, peer: &Peer, id: &str) {
    let mut beats = interval(Duration::from_millis(100));
    let sending = async {
        loop {
            beats.tick().await;
            peer.send_heartbeat(id).await;
        }
    };
    let worker = worker(id);
    tokio::select! {
        () = until_status(running, &worker, Some(WorkerStatus::Ready)) => {}
        () = sending => {}
    }
}

/// A peer that acts as a worker.
pub(super) struct Peer {
    pub(super) client: CoordinatorClient,
    pub(super) connection: Connection,
}

impl Peer {
    pub(super) async fn register(
        &self,
        id: &str,
        instance: &str,
    ) -> Result<RegisterReply, CallError<RegisterFault>> {
        self.client.register(&request(id, instance)).await
    }

    pub(super) async fn send_heartbeat(&self, id: &str) {
        let heartbeat = Heartbeat::new(7, 1);
        self.client
            .heartbeat(&worker(id), &heartbeat)
            .await
            .unwrap();
    }

    /// Subscribes to the notices about all workers.
    pub(super) async fn notices(&self) -> Subscription<Registration> {
        let filter = RegistrationFilter::default();
        self.connection.subscribe(&filter).await.unwrap()
    }
}

/// The next notice.
pub(super) async fn next(notices: &mut Subscription<Registration>) -> Received<Registration> {
    within_timeout("a notice", notices.next())
        .await
        .unwrap()
        .unwrap()
}

/// A registration. An empty `instance` names no instance.
pub(super) fn request(id: &str, instance: &str) -> RegisterRequest {
    let mut request = RegisterRequest::new(
        worker(id),
        "".try_into().unwrap(),
        key("secret"),
        WorkerCapacity::new(4, 0, 10),
    );
    request.instance = instance.try_into().ok();
    request
}

pub(super) fn worker(id: &str) -> WorkerId {
    id.try_into().unwrap()
}

pub(super) fn key(key: &str) -> ApiKey {
    key.try_into().unwrap()
}

/// Awaits `future`; panics if it takes longer than [`TEST_TIMEOUT`].
pub(super) async fn within_timeout<T>(what: &str, future: impl Future<Output = T>) -> T {
    let result = timeout(TEST_TIMEOUT, future).await;
    result.unwrap_or_else(|_| panic!("no {what} within {TEST_TIMEOUT:?}"))
}
