//! A cluster whose nodes stop and start while clients use them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Connection, MemoryTransport};
use tokio::sync::{OwnedRwLockReadGuard, RwLock, watch};
use varpulis_sdk::replica::{Health, Replica, ReplicaOptions, Role};

use crate::cluster::{Folder, KEPT, address, node};
use crate::links::Links;

/// The nodes of a cluster, running or stopped.
pub(crate) struct Nodes {
    pub(crate) links: Links,
    folder: Folder,
    /// The heartbeat interval of the leader.
    heartbeat: Duration,
    slots: BTreeMap<u64, Slot>,
}

#[derive(Default)]
struct Slot {
    node: Arc<RwLock<Option<Node>>>,
    /// Whether clients must release the node.
    must_release: watch::Sender<bool>,
}

/// A running node.
pub(crate) struct Node {
    pub(crate) replica: Replica,
    pub(crate) connection: Connection,
    pub(crate) transport: MemoryTransport,
}

/// A node in use. The node does not stop before this guard is dropped.
pub(crate) struct NodeGuard {
    pub(crate) node: OwnedRwLockReadGuard<Option<Node>, Node>,
    must_release: watch::Receiver<bool>,
}

impl Nodes {
    /// Starts nodes 1 to `count` and founds a cluster. `heartbeat` is the heartbeat interval; all other times are multiples
    /// of it.
    pub(crate) async fn found(count: u64, heartbeat: Duration) -> Self {
        let nodes = Self {
            links: Links::default(),
            folder: Folder::new(),
            heartbeat,
            slots: (1..=count).map(|id| (id, Slot::default())).collect(),
        };
        for id in nodes.ids() {
            nodes.start(id).await;
        }
        let members = nodes.ids().map(|id| (node(id), address(id))).collect();
        let first = nodes.get(1).unwrap();
        first.node.replica.initialize(members).await.unwrap();
        drop(first);
        nodes
    }

    /// How long nodes wait for a leader.
    pub(crate) fn timeout(&self) -> Duration {
        10 * self.heartbeat
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = u64> {
        self.slots.keys().copied()
    }

    /// Node `id`, unless it is stopped.
    pub(crate) fn get(&self, id: u64) -> Option<NodeGuard> {
        let slot = &self.slots[&id];
        let node = Arc::clone(&slot.node).try_read_owned().ok()?;
        let node = OwnedRwLockReadGuard::try_map(node, Option::as_ref).ok()?;
        Some(NodeGuard {
            node,
            must_release: slot.must_release.subscribe(),
        })
    }

    /// The node that considers itself the leader; among several, the node of the latest term.
    pub(crate) fn leader(&self) -> Option<u64> {
        let leaders = self.healths().filter(|health| health.role == Role::Leader);
        let last = leaders.max_by_key(|health| health.term)?;
        Some(last.node.get())
    }

    /// The latest term that a node knows.
    pub(crate) fn term(&self) -> u64 {
        let terms = self.healths().map(|health| health.term);
        terms.max().unwrap_or_default()
    }

    /// The health of the running nodes.
    pub(crate) fn healths(&self) -> impl Iterator<Item = Health> {
        let running = self.ids().filter_map(|id| self.get(id));
        running.map(|guard| guard.node.replica.health())
    }

    /// Starts node `id` on its store; creates the store at the first start.
    pub(crate) async fn start(&self, id: u64) {
        let (link, transport) = self.links.connect(id);
        let connection = Connection::over(link);
        let options = ReplicaOptions::new(node(id), self.folder.0.join(id.to_string()))
            .heartbeat(self.heartbeat)
            .election(3 * self.heartbeat, 6 * self.heartbeat)
            .snapshot_after(20)
            .keep(KEPT)
            .timeout(self.timeout());
        let replica = Replica::start(options, &connection).await.unwrap();
        let slot = &self.slots[&id];
        slot.must_release.send_replace(false);
        *slot.node.write().await = Some(Node {
            replica,
            connection,
            transport,
        });
    }

    /// Stops node `id`, also during operations of clients.
    pub(crate) async fn stop(&self, id: u64) {
        let slot = &self.slots[&id];
        slot.must_release.send_replace(true);
        let node = slot.node.write().await.take();
        if let Some(node) = node {
            node.replica.shutdown().await;
        }
    }

    /// Restarts node `id` if it has stopped by itself, see [`Replica::stopped`].
    pub(crate) async fn restart_failed(&self, id: u64) {
        let failure = self
            .get(id)
            .and_then(|guard| guard.node.replica.health().failure);
        if let Some(failure) = failure {
            println!("node {id} is started again: {failure}");
            self.stop(id).await;
            self.start(id).await;
        }
    }

    pub(crate) async fn stop_all(self) {
        for id in self.ids() {
            self.stop(id).await;
        }
    }
}

impl NodeGuard {
    /// Waits until the node must be released.
    pub(crate) async fn released(&self) {
        let mut must_release = self.must_release.clone();
        // The sender lives as long as the node.
        let _ = must_release.wait_for(|must_release| *must_release).await;
    }
}
