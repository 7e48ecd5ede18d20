//! The coordinators of one cluster, and peers that speak as workers do.

use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::{
    CallError, CallOptions, Connection, Limited, MemoryTransport, Received, Subscription,
};
use tokio::time::timeout;
use varpulis_sdk::coordinator::{
    CoordinatorClient, Heartbeat, RegisterFault, RegisterReply, RegisterRequest,
};
use varpulis_sdk::coordinator_node::{CoordinatorHealth, CoordinatorNode, RunningCoordinatorNode};
use varpulis_sdk::replica::ReplicaOptions;
use varpulis_sdk::types::{ApiKey, WorkerCapacity, WorkerId, WorkerStatus};
use varpulis_sdk::worker::{Registration, RegistrationFilter};

use crate::cluster::{Folder, Network, PATIENCE, address, node};

/// The coordinators of one cluster, their connections, and the folder with their stores.
pub(super) struct Offices {
    pub(super) network: Network,
    folder: Folder,
    members: u64,
    pub(super) running: BTreeMap<u64, RunningCoordinatorNode>,
    links: BTreeMap<u64, (Connection, Option<MemoryTransport>)>,
}

impl Offices {
    /// A cluster of so many, none of which runs yet.
    pub(super) fn new(network: Network, members: u64) -> Self {
        Self {
            network,
            folder: Folder::new(),
            members,
            running: BTreeMap::new(),
            links: BTreeMap::new(),
        }
    }

    /// A cluster of so many that has a leader.
    pub(super) async fn open(network: Network, members: u64) -> Self {
        let mut offices = Self::new(network, members);
        offices.start_all().await;
        offices
    }

    pub(super) async fn start_all(&mut self) {
        for id in 1..=self.members {
            self.start(id).await;
        }
        self.leader().await;
    }

    /// Starts one on its store, a new one or that of its last life.
    pub(super) async fn start(&mut self, id: u64) {
        let (connection, cable) = self.network.connect().await;
        let options = ReplicaOptions::new(node(id), self.folder.0.join(id.to_string()))
            .heartbeat(Duration::from_millis(100))
            .election(Duration::from_millis(500), Duration::from_secs(1));
        let members = (1..=self.members).map(|id| (node(id), address(id)));
        let coordinator = CoordinatorNode::new(key("secret"), options)
            .heartbeat_interval(Duration::from_secs(1))
            .members(members.collect());
        let running = coordinator.start(&connection).await.unwrap();
        self.running.insert(id, running);
        self.links.insert(id, (connection, cable));
    }

    /// Ends one in good order.
    pub(super) async fn stop(&mut self, id: u64) {
        self.running.remove(&id).unwrap().shutdown().await;
    }

    pub(super) async fn stop_all(&mut self) {
        for id in self.ids() {
            self.stop(id).await;
        }
    }

    /// Ends one as if its machine had failed.
    pub(super) async fn kill(&mut self, id: u64) {
        let (connection, cable) = self.links.remove(&id).unwrap();
        if let Some(cable) = cable {
            cable.disconnect();
        } else {
            connection.close().await;
        }
        drop(self.running.remove(&id));
    }

    /// What cuts one off from all others, over memory.
    pub(super) fn cable(&self, id: u64) -> &MemoryTransport {
        self.links[&id].1.as_ref().unwrap()
    }

    pub(super) fn ids(&self) -> Vec<u64> {
        self.running.keys().copied().collect()
    }

    /// Any of them.
    pub(super) fn one(&self) -> &RunningCoordinatorNode {
        self.running.values().next().unwrap()
    }

    /// The one that leads, once there is one. Others may know of it before it says so itself.
    pub(super) async fn leader(&self) -> u64 {
        let mut metrics = self.one().replica().metrics();
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
        soon("a leader", leads).await
    }

    /// A worker's side of the protocol, on a connection of its own.
    pub(super) async fn peer(&self) -> Peer {
        let (connection, _) = self.network.connect().await;
        Peer {
            client: CoordinatorClient::new(&connection)
                .with_options(CallOptions::new().timeout(PATIENCE)),
            connection,
        }
    }

    /// The sum of what all of them have done.
    pub(super) fn sum(&self, count: impl Fn(&CoordinatorHealth) -> u64) -> u64 {
        self.running
            .values()
            .map(|running| count(&running.health()))
            .sum()
    }
}

/// Waits until a coordinator thinks so of a worker; none is for one that it does not know.
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
    soon(&format!("{status:?}"), waiting).await;
}

/// Speaks as workers do.
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

    pub(super) async fn beat(&self, id: &str) {
        let heartbeat = Heartbeat {
            events_processed: 7,
            pipelines_running: 1,
            pipeline_metrics: Limited::default(),
        };
        self.client
            .heartbeat(&worker(id), &heartbeat)
            .await
            .unwrap();
    }

    /// What is said about all workers from now on.
    pub(super) async fn notices(&self) -> Subscription<Registration> {
        let filter = RegistrationFilter::default();
        self.connection.subscribe(&filter).await.unwrap()
    }
}

/// The next notice.
pub(super) async fn next(notices: &mut Subscription<Registration>) -> Received<Registration> {
    soon("a notice", notices.next()).await.unwrap().unwrap()
}

/// A registration; an empty text names no instance.
pub(super) fn request(id: &str, instance: &str) -> RegisterRequest {
    RegisterRequest {
        worker_id: worker(id),
        address: "".try_into().unwrap(),
        api_key: key("secret"),
        capacity: WorkerCapacity {
            cpu_cores: 4,
            pipelines_running: 0,
            max_pipelines: 10,
        },
        instance: instance.try_into().ok(),
        draining: None,
    }
}

pub(super) fn worker(id: &str) -> WorkerId {
    id.try_into().unwrap()
}

pub(super) fn key(key: &str) -> ApiKey {
    key.try_into().unwrap()
}

/// Waits for what must come.
pub(super) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let coming = timeout(PATIENCE, future).await;
    coming.unwrap_or_else(|_| panic!("no {what} within {PATIENCE:?}"))
}
