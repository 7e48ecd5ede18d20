//! The identity of a node: its cluster and its process.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use natsgen_runtime::{Ranged, Violation};
use redb::Durability;
use tokio::sync::watch;
use tokio::time::Instant;

use super::bounds::MAX_NUMBER;
use super::error::ReplicaError;
use super::store::{CLUSTER, FACTS, Store, StoreError, read_fact, write_fact};
use crate::types::{ClusterId, NodeId, NodeInstance, NodeProcess};

/// The identity of a node.
pub(super) struct Identity {
    node: NodeId,
    process: NodeProcess,
    /// Whether the node takes part in its cluster.
    is_serving: AtomicBool,
    store: Store,
    cluster: RwLock<Option<ClusterId>>,
    /// Another process with the number of this node that started earlier, and when it was noticed.
    earlier: Mutex<Option<Instant>>,
    /// The configured members of a cluster that is not founded yet.
    founders: RwLock<Vec<NodeId>>,
    /// The configured members that have not answered yet.
    missing: Mutex<Vec<NodeId>>,
    ending: watch::Sender<Option<Ending>>,
}

/// Why a node must not take part in its cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Another process has the number of this node.
    Duplicate,
    /// The store is empty, but this node is a voter in the cluster of that node.
    StoreLost(NodeId),
}

impl Identity {
    /// Reads the cluster from the store, and draws the instance.
    pub(super) async fn open(store: Store, node: NodeId) -> Result<Self, ReplicaError> {
        let cluster = store
            .read(|transaction| read_fact::<ClusterId>(&transaction.open_table(FACTS)?, CLUSTER));
        let cluster = cluster.await?;
        let process = process(node).map_err(|error| ReplicaError::Stopped(error.to_string()))?;
        let (ending, _) = watch::channel(None);
        Ok(Self {
            node,
            process,
            is_serving: AtomicBool::new(false),
            store,
            cluster: RwLock::new(cluster),
            earlier: Mutex::default(),
            founders: RwLock::default(),
            missing: Mutex::default(),
            ending,
        })
    }

    pub(super) fn node(&self) -> NodeId {
        self.node
    }

    /// This process.
    pub(super) fn process(&self) -> NodeProcess {
        NodeProcess {
            serving: self.is_serving(),
            ..self.process.clone()
        }
    }

    /// Whether `process` is this process.
    pub(super) fn is_own(&self, process: &NodeProcess) -> bool {
        process.instance == self.process.instance
    }

    pub(super) fn is_serving(&self) -> bool {
        self.is_serving.load(Ordering::Acquire)
    }

    /// Takes part in the cluster from now on.
    pub(super) fn serve(&self) {
        self.is_serving.store(true, Ordering::Release);
    }

    /// The cluster of the node, if it has been in a cluster or is about to join a cluster.
    pub(super) fn cluster(&self) -> Option<ClusterId> {
        let cluster = self.cluster.read().unwrap_or_else(PoisonError::into_inner);
        cluster.clone()
    }

    /// Joins a cluster. The id is on disk before the first message of the cluster is accepted.
    pub(super) async fn join(&self, cluster: ClusterId) -> Result<(), StoreError> {
        if self.cluster().as_ref() == Some(&cluster) {
            return Ok(());
        }
        let stored = cluster.clone();
        let written = self.store.write(Durability::Immediate, move |transaction| {
            write_fact(&mut transaction.open_table(FACTS)?, CLUSTER, &stored)
        });
        written.await?;
        let mut known = self.cluster.write().unwrap_or_else(PoisonError::into_inner);
        *known = Some(cluster);
        Ok(())
    }

    /// The cluster of the node; draws an id if the node has none.
    pub(super) async fn found(&self) -> Result<ClusterId, ReplicaError> {
        if let Some(cluster) = self.cluster() {
            return Ok(cluster);
        }
        let cluster = random_cluster()?;
        self.join(cluster.clone()).await?;
        Ok(cluster)
    }

    /// Handles a request of another process. Any peer can send a request, so a node that takes part ignores it. Such a
    /// node believes only replies to its own question.
    pub(super) fn asked_by(&self, other: &NodeProcess) {
        if !self.is_serving() {
            self.meet(other);
        }
    }

    /// Compares this process with another process that has the same number. The process that started later stops.
    pub(super) fn meet(&self, other: &NodeProcess) {
        if other.node_id != self.node || self.is_own(other) {
            return;
        }
        let is_earlier = order(other) < order(&self.process);
        if !self.is_serving() && (is_earlier || other.serving) {
            *self.lock_earlier() = Some(Instant::now());
        } else if self.is_serving() && other.serving && is_earlier {
            self.end(Ending::Duplicate);
        }
    }

    /// Whether an earlier process with the same number was noticed within `span`.
    pub(super) fn has_met_earlier(&self, span: Duration) -> bool {
        self.lock_earlier().is_some_and(|met| met.elapsed() < span)
    }

    fn lock_earlier(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.earlier.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the configured members. Until it joins a cluster, the node trusts no other nodes.
    pub(super) fn set_founders(&self, founders: Vec<NodeId>) {
        let mut known = self
            .founders
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *known = founders;
    }

    /// Whether the node may join the cluster of `node`.
    pub(super) fn may_join(&self, node: NodeId) -> bool {
        let founders = self.founders.read().unwrap_or_else(PoisonError::into_inner);
        founders.is_empty() || founders.contains(&node)
    }

    /// The configured members that have not answered yet.
    pub(super) fn missing(&self) -> Vec<NodeId> {
        let missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        missing.clone()
    }

    pub(super) fn set_missing(&self, missing: Vec<NodeId>) {
        *self.missing.lock().unwrap_or_else(PoisonError::into_inner) = missing;
    }

    /// Ends the node. The first reason remains.
    pub(super) fn end(&self, ending: Ending) {
        self.ending.send_if_modified(|known| {
            let is_first = known.is_none();
            known.get_or_insert(ending);
            is_first
        });
    }

    /// Why the node ends, if it does.
    pub(super) fn ending(&self) -> Option<ReplicaError> {
        let ending = *self.ending.borrow();
        ending.map(|ending| match ending {
            Ending::Duplicate => ReplicaError::DuplicateNode { node: self.node },
            Ending::StoreLost(member) => ReplicaError::StoreLost {
                node: self.node,
                member,
            },
        })
    }

    /// Waits until the node must end.
    pub(super) async fn ended(&self) {
        // The sender lives as long as the identity.
        let _ = self.ending.subscribe().wait_for(Option::is_some).await;
    }
}

/// Processes with the same number are ordered by their start.
fn order(process: &NodeProcess) -> (u64, &str) {
    (process.started.get(), process.instance.as_str())
}

fn process(node: NodeId) -> Result<NodeProcess, Violation> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = now.unwrap_or_default().as_millis();
    let started = u64::try_from(millis).unwrap_or(MAX_NUMBER).min(MAX_NUMBER);
    let instance = NodeInstance::try_from(natsgen_runtime::token())?;
    Ok(NodeProcess::new(
        node,
        instance,
        Ranged::new(started)?,
        false,
    ))
}

fn random_cluster() -> Result<ClusterId, ReplicaError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| ReplicaError::Stopped(error.to_string()))?;
    let mut text = String::new();
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(ClusterId::try_from(text)?)
}
