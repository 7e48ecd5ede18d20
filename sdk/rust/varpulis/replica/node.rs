//! A running Raft node.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Connection, DedupOptions, ServeOptions, Server};
use openraft::error::Fatal;
use openraft::{BasicNode, ChangeMembers};
use tokio::sync::watch;
use tokio::time::timeout;

use super::admission::Admission;
use super::batcher::Batcher;
use super::changes::Changes;
use super::confirmer::Confirmer;
use super::convert::Convert;
use super::error::ReplicaError;
use super::health::Health;
use super::leadership::{assert_leads, write_error};
use super::log::Log;
use super::network::Network;
use super::options::{ReplicaOptions, max_batch_bytes};
use super::registry::Registry;
use super::reply_validator::ReplyValidator;
use super::service::Service;
use super::state_machine::StateMachine;
use super::type_config::{Metrics, Raft};
use crate::raft::{RaftServer, WriteReply};
use crate::types::{Command, NodeId, RaftNode};

/// How long the tasks of a stopped node may hold its store open.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// The least time for which a write is deduplicated. A caller repeats it within its timeout, ten seconds by default.
const DEDUP_AGE: Duration = Duration::from_mins(1);

/// A node of a Raft cluster with its replica of the registry. It takes part from [`Replica::start`] to
/// [`Replica::shutdown`]. On drop it stops in the background.
pub struct Replica {
    node: NodeId,
    pub(super) connection: Connection,
    pub(super) timeout: Duration,
    pub(super) service: Service,
    state_machine: StateMachine,
    server: Option<Server>,
    /// Closed when the store is closed.
    closing: watch::Receiver<()>,
}

impl Replica {
    /// Opens the store, continues from its content, and takes part over `connection`. A new node waits until it
    /// initializes a cluster ([`Replica::initialize`]) or a leader adds it ([`Replica::add_learner`]).
    ///
    /// # Errors
    /// If the options contradict each other, the store cannot be used, or the subscription is refused.
    pub async fn start(
        options: ReplicaOptions,
        connection: &Connection,
    ) -> Result<Self, ReplicaError> {
        let config = Arc::new(options.config(connection)?);
        let node = options.node;
        let (pause, timeout) = (options.heartbeat, options.timeout);
        let max_snapshot = options.max_snapshot;
        let write_key = options.write_key.clone();
        let opening = tokio::task::spawn_blocking(move || options.store());
        let store = opening
            .await
            .map_err(|error| ReplicaError::Stopped(error.to_string()))??;
        let closing = store.closing();
        let state_machine = StateMachine::open(store.clone(), node).await?;
        let network = Network {
            node: node.get(),
            connection: connection.clone(),
            pause,
            validator: ReplyValidator::new(node.get()),
        };
        let log = Log::new(store, max_batch_bytes(connection));
        let machine = state_machine.clone();
        let raft = Raft::new(node.get(), config, network, log.clone(), machine).await?;
        let admission = Admission::new(node.get(), raft.clone(), log, max_snapshot);
        let service = Service {
            admission: Arc::new(admission),
            batcher: Batcher::start(raft.clone(), connection),
            confirmer: Confirmer::start(raft.clone()),
            write_key,
            raft,
        };
        let dedup = DedupOptions::new().age(timeout.max(DEDUP_AGE));
        let options = ServeOptions::new().deduplicate(dedup);
        let server = RaftServer::new(service.clone()).options(options);
        let server = match server.start(connection, node).await {
            Ok(server) => server,
            Err(error) => {
                stop(&service.raft).await;
                return Err(error.into());
            }
        };
        Ok(Self {
            node,
            connection: connection.clone(),
            timeout,
            service,
            state_machine,
            server: Some(server),
            closing,
        })
    }

    /// The number of the node.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// How long it waits for the leader.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Initializes a cluster of these nodes, including itself. A single node of a new cluster does this, once. It is
    /// harmless if several nodes do it with the same list.
    ///
    /// # Errors
    /// If the node has been in a cluster before, which callers may ignore, or is missing in `nodes`.
    pub async fn initialize(&self, nodes: BTreeMap<NodeId, RaftNode>) -> Result<(), ReplicaError> {
        let mut members = BTreeMap::new();
        for (id, node) in nodes {
            members.insert(id.get(), BasicNode::from_wire(node)?);
        }
        Ok(self.service.raft.initialize(members).await?)
    }

    /// Changes the registry, if this node is the leader. Returns when a majority of the nodes has the command on disk
    /// and this node has applied it. Without a majority it waits until there is a majority or another leader. If the
    /// future is dropped, the command may or may not be committed.
    ///
    /// # Errors
    /// - [`ReplicaError::NotLeader`] with the current leader, if known.
    /// - [`ReplicaError::LeadershipLost`] if the outcome is unknown.
    /// - [`ReplicaError::Inadmissible`] if the command does not fit into a message.
    /// - [`ReplicaError::Stopped`] if the node has stopped.
    pub async fn write(&self, command: Command) -> Result<WriteReply, ReplicaError> {
        self.service.batcher.commit(command).await
    }

    /// Adds a node as a learner, which has no vote. Returns when it has received all entries.
    ///
    /// # Errors
    /// As [`Replica::write`]; also if another change of the membership is under way.
    pub async fn add_learner(&self, id: NodeId, node: RaftNode) -> Result<(), ReplicaError> {
        let node = BasicNode::from_wire(node)?;
        assert_leads(&self.service.raft)?;
        let added = self.service.raft.add_learner(id.get(), node, true).await;
        added.map(drop).map_err(write_error)
    }

    /// Makes exactly these nodes the voters. Each must be a voter or a learner already. Former voters are removed.
    /// Returns when the change is committed.
    ///
    /// # Errors
    /// As [`Replica::add_learner`]; also if a node was not added before.
    pub async fn change_membership(&self, voters: &BTreeSet<NodeId>) -> Result<(), ReplicaError> {
        assert_leads(&self.service.raft)?;
        let voters = voters.iter().map(NodeId::get).collect();
        let voters = ChangeMembers::ReplaceAllVoters(voters);
        let changed = self.service.raft.change_membership(voters, false).await;
        changed.map(drop).map_err(write_error)
    }

    /// Reads the registry of this node, which may be stale. Entries are applied only after `read` has returned, so it
    /// should be quick.
    pub fn local<T>(&self, read: impl FnOnce(&Registry) -> T) -> T {
        self.state_machine.with_registry(read)
    }

    /// Creates a snapshot now, and deletes the entries before it.
    ///
    /// # Errors
    /// If the node has stopped.
    pub async fn snapshot(&self) -> Result<(), ReplicaError> {
        Ok(self.service.raft.trigger().snapshot().await?)
    }

    /// Subscribes to changes of this node's registry, which may be stale. A reported change is visible through
    /// [`Replica::local`]. A caller that subscribes first and reads then misses no change.
    #[must_use]
    pub fn changes(&self) -> Changes {
        Changes::new(self.state_machine.subscribers(), self.metrics())
    }

    /// The current health.
    #[must_use]
    pub fn health(&self) -> Health {
        Health::of(&self.service, self.node)
    }

    /// The metrics of openraft, and their changes.
    #[must_use]
    pub fn metrics(&self) -> watch::Receiver<Metrics> {
        self.service.raft.metrics()
    }

    /// Waits until this node has stopped and returns the reason. Apart from a shutdown, a node stops if its store
    /// fails, or if openraft mistakes another error for that. Version 0.9.25 does so when a leader is deposed just
    /// before it sends a snapshot. The node does not recover by itself. A new node on the same store continues where it
    /// stopped.
    pub async fn stopped(&self) -> ReplicaError {
        let mut metrics = self.metrics();
        let has_stopped = |metrics: &Metrics| metrics.running_state.is_err();
        // A closed channel means the same: the node has stopped.
        let _ = metrics.wait_for(has_stopped).await;
        let state = metrics.borrow().running_state.clone();
        state.err().unwrap_or(Fatal::Stopped).into()
    }

    /// Answers received requests, stops the node, and returns when the store is closed, so that it can be opened again.
    /// All acknowledged entries are on disk.
    pub async fn shutdown(mut self) {
        let mut closing = self.closing.clone();
        // openraft stops first: requests that wait for a majority would keep the server from stopping.
        stop(&self.service.raft).await;
        if let Some(server) = self.server.take() {
            server.shutdown().await;
        }
        drop(self);
        let closed = async { while closing.changed().await.is_ok() {} };
        if timeout(CLOSE_LIMIT, closed).await.is_err() {
            tracing::error!("a raft node has stopped, but its store is still open");
        }
    }
}

async fn stop(raft: &Raft) {
    if let Err(error) = raft.shutdown().await {
        tracing::error!(%error, "a raft node ended without a shutdown");
    }
}

impl fmt::Debug for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replica")
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}
