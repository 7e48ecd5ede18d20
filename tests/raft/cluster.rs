//! A cluster of Raft nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use natsgen_runtime::{Connection, MemoryBroker, MemoryTransport, NatsOptions};
use natsgen_testing::NatsServer;
use tokio::time::timeout;
use varpulis_sdk::replica::{Metrics, Registry, Replica, ReplicaError, ReplicaOptions};
use varpulis_sdk::types::{Command, CommandReply, NodeId, RaftNode, ScalingPolicySet};

/// Far more than any step takes: it turns a hang into a failure.
pub(crate) const TEST_TIMEOUT: Duration = Duration::from_mins(1);

/// The number of log entries that nodes keep before a snapshot.
pub(crate) const KEPT: u64 = 2;

/// The transport of a test.
pub(crate) enum Network {
    Memory(MemoryBroker),
    Nats(NatsServer),
}

/// Nodes, their connections, and the folder with their stores.
pub(crate) struct Cluster {
    pub(crate) network: Network,
    folder: Folder,
    snapshot_after: u64,
    max_snapshot: usize,
    write_key: Option<&'static str>,
    timeout: Duration,
    pub(crate) nodes: BTreeMap<u64, Replica>,
    transports: BTreeMap<u64, MemoryTransport>,
}

/// A temporary folder of a test, removed on drop.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let name = format!("varpulis-raft-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that cannot be removed stays in the system's directory for temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Network {
    pub(crate) fn memory() -> Self {
        Self::Memory(MemoryBroker::new())
    }

    pub(crate) fn nats() -> Self {
        Self::Nats(NatsServer::start().unwrap())
    }

    /// The same network with a limit of `bytes` per message.
    pub(crate) fn max_payload(self, bytes: usize) -> Self {
        match self {
            Self::Memory(broker) => Self::Memory(broker.max_payload(bytes)),
            Self::Nats(_) => {
                let config = format!("max_payload: {bytes}");
                Self::Nats(NatsServer::start_with(&config).unwrap())
            }
        }
    }

    /// A connection. The in-process network also returns its transport, which can be disconnected.
    pub(crate) async fn connect(&self) -> (Connection, Option<MemoryTransport>) {
        match self {
            Self::Memory(broker) => {
                let transport = broker.connect();
                (Connection::over(transport.clone()), Some(transport))
            }
            Self::Nats(server) => {
                let transport = NatsOptions::new(&server.url()).connect_transport().await;
                (Connection::over(transport.unwrap()), None)
            }
        }
    }
}

impl Cluster {
    pub(crate) fn new(network: Network) -> Self {
        Self {
            network,
            folder: Folder::new(),
            snapshot_after: 5_000,
            max_snapshot: 1 << 30,
            write_key: None,
            timeout: TEST_TIMEOUT,
            nodes: BTreeMap::new(),
            transports: BTreeMap::new(),
        }
    }

    /// Sets the number of entries between snapshots.
    pub(crate) fn with_snapshots(mut self, entries: u64) -> Self {
        self.snapshot_after = entries;
        self
    }

    /// Sets the limit of bytes in a snapshot.
    pub(crate) fn max_snapshot(mut self, bytes: usize) -> Self {
        self.max_snapshot = bytes;
        self
    }

    /// Sets the API key of writes.
    pub(crate) fn write_key(mut self, key: &'static str) -> Self {
        self.write_key = Some(key);
        self
    }

    /// Sets how long nodes wait for a leader.
    pub(crate) fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Starts nodes 1 to `count` and founds a cluster.
    pub(crate) async fn founded(network: Network, count: u64) -> Self {
        let mut cluster = Self::new(network);
        cluster.found(count).await;
        cluster
    }

    pub(crate) async fn found(&mut self, count: u64) {
        for id in 1..=count {
            self.start(id).await;
        }
        let nodes = (1..=count).map(|id| (node(id), address(id)));
        self.nodes[&1].initialize(nodes.collect()).await.unwrap();
    }

    /// Starts node `id` on its store; creates the store at the first start.
    pub(crate) async fn start(&mut self, id: u64) {
        let (connection, transport) = self.network.connect().await;
        let mut options = ReplicaOptions::new(node(id), self.folder.0.join(id.to_string()))
            .heartbeat(Duration::from_millis(100))
            .election(Duration::from_millis(500), Duration::from_secs(1))
            .snapshot_after(self.snapshot_after)
            .keep(KEPT)
            .max_snapshot(self.max_snapshot)
            .timeout(self.timeout);
        if let Some(key) = self.write_key {
            options = options.write_key(key.try_into().unwrap());
        }
        let replica = Replica::start(options, &connection).await.unwrap();
        self.nodes.insert(id, replica);
        self.transports
            .extend(transport.map(|transport| (id, transport)));
    }

    /// Shuts down node `id` gracefully.
    pub(crate) async fn stop(&mut self, id: u64) {
        self.nodes.remove(&id).unwrap().shutdown().await;
    }

    /// Removes the store of node `id`, which is stopped.
    pub(crate) fn remove_store(&self, id: u64) {
        std::fs::remove_file(self.folder.0.join(id.to_string())).unwrap();
    }

    pub(crate) async fn stop_all(&mut self) {
        for id in self.ids() {
            self.stop(id).await;
        }
    }

    /// Disconnects node `id` from all other nodes.
    pub(crate) fn disconnect(&self, id: u64) {
        self.transports[&id].disconnect();
    }

    /// Reconnects node `id`.
    pub(crate) fn reconnect(&self, id: u64) {
        self.transports[&id].reconnect();
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.nodes.keys().copied().collect()
    }

    /// The leader among `ids`, once all of `ids` agree on it.
    pub(crate) async fn leader(&self, ids: &[u64]) -> u64 {
        let search = async {
            loop {
                let mut leaders = BTreeSet::new();
                for id in ids {
                    let leads = |metrics: &Metrics| {
                        metrics
                            .current_leader
                            .is_some_and(|leader| ids.contains(&leader))
                    };
                    let metrics = self.wait(*id, "a leader", leads).await;
                    leaders.insert((metrics.current_term, metrics.current_leader));
                }
                match leaders.pop_first() {
                    Some((_, Some(leader))) if leaders.is_empty() => return leader,
                    _ => tokio::task::yield_now().await,
                }
            }
        };
        timeout(TEST_TIMEOUT, search).await.expect("one leader")
    }

    /// Waits until the metrics of node `id` satisfy `is_so`.
    pub(crate) async fn wait(
        &self,
        id: u64,
        what: &str,
        is_so: impl FnMut(&Metrics) -> bool,
    ) -> Metrics {
        let mut metrics = self.nodes[&id].metrics();
        let waiting = timeout(TEST_TIMEOUT, metrics.wait_for(is_so)).await;
        let Ok(found) = waiting else {
            panic!("node {id} waits for {what}: {:?}", self.nodes[&id]);
        };
        let Ok(found) = found else {
            panic!("node {id} has stopped: {:?}", self.nodes[&id]);
        };
        found.clone()
    }

    /// Commits a command through the leader among `ids`, and returns its log index.
    pub(crate) async fn write(&self, ids: &[u64], command: &Command) -> u64 {
        let writing = async {
            loop {
                let leader = self.leader(ids).await;
                match self.nodes[&leader].write(command.clone()).await {
                    Ok(reply) => {
                        assert_eq!(reply.outcome, CommandReply::Ok);
                        return reply.log_id.index.get();
                    }
                    // Commands of tests may be applied twice.
                    Err(ReplicaError::NotLeader { .. } | ReplicaError::LeadershipLost) => {
                        tokio::task::yield_now().await;
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        };
        timeout(TEST_TIMEOUT, writing).await.expect("a commit")
    }

    /// Waits until node `id` has applied the entry at `index`.
    pub(crate) async fn applied(&self, id: u64, index: u64) {
        let has_applied =
            |metrics: &Metrics| metrics.last_applied.is_some_and(|last| last.index >= index);
        self.wait(id, "an entry", has_applied).await;
    }

    /// Waits until all of `ids` have applied the entry at `index`, and asserts that their registries are equal.
    pub(crate) async fn assert_agreed(&self, ids: &[u64], index: u64) -> Registry {
        for id in ids {
            self.applied(*id, index).await;
        }
        let registries = ids.iter().map(|id| self.nodes[id].local(Registry::clone));
        let registries: Vec<_> = registries.collect();
        for (id, registry) in ids.iter().zip(&registries) {
            assert_eq!(registry, &registries[0], "node {id}");
        }
        registries[0].clone()
    }
}

pub(crate) fn node(id: u64) -> NodeId {
    NodeId::try_from(id).unwrap()
}

pub(crate) fn address(id: u64) -> RaftNode {
    let addr = format!("http://coordinator-{id}:9100");
    RaftNode::new(addr.try_into().unwrap())
}

/// A command that sets the scaling policy to `text`, where [`policy`] finds it.
pub(crate) fn set(text: &str) -> Command {
    let policy = text.to_owned().into();
    Command::ScalingPolicySet(ScalingPolicySet::new(policy))
}

/// The text of the last [`set`].
pub(crate) fn policy(registry: &Registry) -> Option<String> {
    let policy = registry.scaling_policy()?;
    policy.as_str().map(str::to_owned)
}

/// A command that adds a group `name` of `bytes` bytes to the registry.
pub(crate) fn deploy(name: &str, bytes: usize) -> Command {
    let group = "x".repeat(bytes).into();
    Command::GroupDeployed(varpulis_sdk::types::GroupDeployed::new(
        name.try_into().unwrap(),
        group,
    ))
}

/// Turns each scenario, a function of a [`Network`], into a test over the in-process transport and a test over a
/// nats-server.
macro_rules! over_both_networks {
    ($($scenario:ident)*) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $scenario() {
                super::$scenario($crate::cluster::Network::memory()).await;
            })*
        }

        mod nats {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $scenario() {
                super::$scenario($crate::cluster::Network::nats()).await;
            })*
        }
    };
}

pub(crate) use over_both_networks;
