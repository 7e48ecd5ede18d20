//! A cluster whose nodes come and go while clients use them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Connection, MemoryTransport};
use tokio::sync::{OwnedRwLockReadGuard, RwLock, watch};
use varpulis_sdk::replica::{Health, Replica, ReplicaOptions, Role};

use crate::cluster::{Folder, KEPT, address, node};
use crate::wires::Wires;

/// The nodes of a cluster, running or not.
pub(crate) struct Nodes {
    pub(crate) wires: Wires,
    folder: Folder,
    /// How often the leader lets hear of itself.
    pace: Duration,
    places: BTreeMap<u64, Place>,
}

#[derive(Default)]
struct Place {
    node: Arc<RwLock<Option<Node>>>,
    /// Whether clients are to let go of the node.
    is_leaving: watch::Sender<bool>,
}

/// A node that runs.
pub(crate) struct Node {
    pub(crate) replica: Replica,
    pub(crate) connection: Connection,
    pub(crate) cable: MemoryTransport,
}

/// A node in use; it does not stop before this is dropped.
pub(crate) struct Used {
    pub(crate) node: OwnedRwLockReadGuard<Option<Node>, Node>,
    is_leaving: watch::Receiver<bool>,
}

impl Nodes {
    /// Nodes 1 to `count`, which have founded a cluster. Its leader lets hear of itself every `pace`, and all other times
    /// follow from that.
    pub(crate) async fn found(count: u64, pace: Duration) -> Self {
        let nodes = Self {
            wires: Wires::default(),
            folder: Folder::new(),
            pace,
            places: (1..=count).map(|id| (id, Place::default())).collect(),
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

    /// How long nodes wait for whichever of them leads.
    pub(crate) fn patience(&self) -> Duration {
        10 * self.pace
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = u64> {
        self.places.keys().copied()
    }

    /// A node, unless it is stopped.
    pub(crate) fn get(&self, id: u64) -> Option<Used> {
        let place = &self.places[&id];
        let node = Arc::clone(&place.node).try_read_owned().ok()?;
        let node = OwnedRwLockReadGuard::try_map(node, Option::as_ref).ok()?;
        Some(Used {
            node,
            is_leaving: place.is_leaving.subscribe(),
        })
    }

    /// The node that takes itself for the leader, of several the one of the last election.
    pub(crate) fn leader(&self) -> Option<u64> {
        let leaders = self.healths().filter(|health| health.role == Role::Leader);
        let last = leaders.max_by_key(|health| health.term)?;
        Some(last.node.get())
    }

    /// The last election that a node heard of.
    pub(crate) fn term(&self) -> u64 {
        let terms = self.healths().map(|health| health.term);
        terms.max().unwrap_or_default()
    }

    /// How those are that run.
    pub(crate) fn healths(&self) -> impl Iterator<Item = Health> {
        let running = self.ids().filter_map(|id| self.get(id));
        running.map(|used| used.node.replica.health())
    }

    /// Starts a node on its store, a new one or that of its last life.
    pub(crate) async fn start(&self, id: u64) {
        let (wire, cable) = self.wires.connect(id);
        let connection = Connection::over(wire);
        let options = ReplicaOptions::new(node(id), self.folder.0.join(id.to_string()))
            .heartbeat(self.pace)
            .election(3 * self.pace, 6 * self.pace)
            .snapshot_after(20)
            .keep(KEPT)
            .patience(self.patience());
        let replica = Replica::start(options, &connection).await.unwrap();
        let place = &self.places[&id];
        place.is_leaving.send_replace(false);
        *place.node.write().await = Some(Node {
            replica,
            connection,
            cable,
        });
    }

    /// Stops a node in the middle of what it does for clients.
    pub(crate) async fn stop(&self, id: u64) {
        let place = &self.places[&id];
        place.is_leaving.send_replace(true);
        let node = place.node.write().await.take();
        if let Some(node) = node {
            node.replica.shutdown().await;
        }
    }

    /// Starts a node again that has stopped by itself, see [`Replica::stopped`].
    pub(crate) async fn revive(&self, id: u64) {
        let failure = self
            .get(id)
            .and_then(|used| used.node.replica.health().failure);
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

impl Used {
    /// Waits until the node is to be let go of.
    pub(crate) async fn left(&self) {
        let mut is_leaving = self.is_leaving.clone();
        // Places stay as long as their nodes.
        let _ = is_leaving.wait_for(|is_leaving| *is_leaving).await;
    }
}
