//! A node that runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Connection, DedupOptions, ServeOptions, Server};
use openraft::error::Fatal;
use openraft::{BasicNode, ChangeMembers};
use tokio::sync::watch;
use tokio::time::timeout;

use super::error::ReplicaError;
use super::health::Health;
use super::kinds::{Metrics, Raft};
use super::log::Log;
use super::machine::Machine;
use super::network::Network;
use super::options::{ReplicaOptions, batch};
use super::registry::Registry;
use super::service::{Service, assert_leads, write_error};
use super::wire::OnWire;
use super::writer::Writer;
use crate::raft::{RaftServer, WriteReply};
use crate::types::{Command, NodeId, RaftNode};

/// How long tasks of a node that has stopped may hold on to its store.
const CLOSING: Duration = Duration::from_secs(10);

/// For how long a write is remembered at least: who asks for it repeats it within a patience of ten seconds, or what was
/// said in its place.
const REMEMBERED: Duration = Duration::from_mins(1);

/// A node of a Raft cluster with its replica of the registry. It takes part from [`Replica::start`] to
/// [`Replica::shutdown`]; dropped, it stops in the background.
pub struct Replica {
    node: NodeId,
    pub(super) connection: Connection,
    pub(super) patience: Duration,
    pub(super) service: Service,
    pub(super) machine: Machine,
    server: Option<Server>,
    /// Ends when the store is closed.
    closing: watch::Receiver<()>,
}

impl Replica {
    /// Opens the store, goes on where it ended, and takes part over `connection`. A new node waits until it founds a
    /// cluster ([`Replica::initialize`]) or a leader takes it in ([`Replica::add_learner`]).
    ///
    /// # Errors
    /// When the options contradict each other, the store cannot be used, or the subscription is refused.
    pub async fn start(
        options: ReplicaOptions,
        connection: &Connection,
    ) -> Result<Self, ReplicaError> {
        let config = Arc::new(options.config(connection)?);
        let node = options.node;
        let (pause, patience) = (options.heartbeat, options.patience);
        let opening = tokio::task::spawn_blocking(move || options.store());
        let store = opening
            .await
            .map_err(|error| ReplicaError::Stopped(error.to_string()))??;
        let closing = store.closing();
        let machine = Machine::open(store.clone(), node).await?;
        let network = Network {
            node: node.get(),
            connection: connection.clone(),
            pause,
        };
        let log = Log::new(store, batch(connection));
        let raft = Raft::new(node.get(), config, network, log, machine.clone()).await?;
        let service = Service {
            writer: Writer::start(raft.clone(), connection),
            raft,
        };
        let dedup = DedupOptions::new().age(patience.max(REMEMBERED));
        let options = ServeOptions::new().deduplicate(dedup);
        let server = RaftServer::new(service.clone()).with_options(options);
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
            patience,
            service,
            machine,
            server: Some(server),
            closing,
        })
    }

    /// Its number.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// How long it waits for whichever node leads.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Founds a cluster of these nodes, itself among them. Exactly one node of a new cluster does this, once; it is
    /// harmless to let several nodes do it with the same nodes.
    ///
    /// # Errors
    /// When the node has been in a cluster before, which is no reason to worry, or is not among `nodes`.
    pub async fn initialize(&self, nodes: BTreeMap<NodeId, RaftNode>) -> Result<(), ReplicaError> {
        let mut members = BTreeMap::new();
        for (id, node) in nodes {
            members.insert(id.get(), BasicNode::of_wire(node)?);
        }
        Ok(self.service.raft.initialize(members).await?)
    }

    /// Changes the registry, if this node leads. Returns when a majority of the nodes has the command on disk and this
    /// one has applied it. Without a majority it waits until there is one or another node leads; dropped meanwhile, the
    /// command may or may not be committed.
    ///
    /// # Errors
    /// [`ReplicaError::NotLeader`] with the leader to ask instead; [`ReplicaError::LeadershipLost`] where the outcome is
    /// not known; when the command does not fit a message; when the node has stopped.
    pub async fn write(&self, command: Command) -> Result<WriteReply, ReplicaError> {
        self.service.writer.commit(command).await
    }

    /// Takes a node in that learns and has no vote yet. Returns when it has caught up.
    ///
    /// # Errors
    /// As [`Replica::write`]; also while another change of the membership is under way.
    pub async fn add_learner(&self, id: NodeId, node: RaftNode) -> Result<(), ReplicaError> {
        let node = BasicNode::of_wire(node)?;
        assert_leads(&self.service.raft)?;
        let added = self.service.raft.add_learner(id.get(), node, true).await;
        added.map(drop).map_err(write_error)
    }

    /// Makes exactly these nodes the voters. Each must vote already or have been added as a learner; who votes no
    /// longer is forgotten. Returns when the change is committed.
    ///
    /// # Errors
    /// As [`Replica::add_learner`]; also when a node was not added before.
    pub async fn change_membership(&self, voters: &BTreeSet<NodeId>) -> Result<(), ReplicaError> {
        assert_leads(&self.service.raft)?;
        let voters = voters.iter().map(NodeId::get).collect();
        let voters = ChangeMembers::ReplaceAllVoters(voters);
        let changed = self.service.raft.change_membership(voters, false).await;
        changed.map(drop).map_err(write_error)
    }

    /// Shows what this node knows, which may be behind what is committed. Entries are applied only after `look` has
    /// returned, so it had better be quick.
    pub fn local<T>(&self, look: impl FnOnce(&Registry) -> T) -> T {
        self.machine.look(look)
    }

    /// Makes a snapshot now, and lets go of the entries before it.
    ///
    /// # Errors
    /// When the node has stopped.
    pub async fn snapshot(&self) -> Result<(), ReplicaError> {
        Ok(self.service.raft.trigger().snapshot().await?)
    }

    /// How it is doing.
    #[must_use]
    pub fn health(&self) -> Health {
        let patience = self.service.raft.config().election_timeout_max;
        Health::of(&self.metrics().borrow(), self.node, patience)
    }

    /// What openraft tells of itself, as it changes.
    #[must_use]
    pub fn metrics(&self) -> watch::Receiver<Metrics> {
        self.service.raft.metrics()
    }

    /// Waits until this node takes part no longer, and says why. That happens without a shutdown when its store fails,
    /// and when openraft takes something else for that: 0.9.25 does when a leader is deposed just before it sends a
    /// snapshot. The node does not come back by itself; a new one on the same store goes on where it ended.
    pub async fn stopped(&self) -> ReplicaError {
        let mut metrics = self.metrics();
        let has_stopped = |metrics: &Metrics| metrics.running_state.is_err();
        // An error is as good a sign that it is gone.
        let _ = metrics.wait_for(has_stopped).await;
        let state = metrics.borrow().running_state.clone();
        state.err().unwrap_or(Fatal::Stopped).into()
    }

    /// Answers what has come, stops taking part, and returns when the store is closed, so that it can be opened again.
    /// What was acknowledged is on disk.
    pub async fn shutdown(mut self) {
        let mut closing = self.closing.clone();
        // First openraft: what waits for a majority would keep the server from coming to an end.
        stop(&self.service.raft).await;
        if let Some(server) = self.server.take() {
            server.shutdown().await;
        }
        drop(self);
        let closed = async { while closing.changed().await.is_ok() {} };
        if timeout(CLOSING, closed).await.is_err() {
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
