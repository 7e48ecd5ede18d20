//! A running Raft node.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use natsgen_runtime::{Connection, DedupOptions, Request as _, ServeOptions, Server};
use openraft::error::Fatal;
use openraft::{BasicNode, ChangeMembers, Config};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::admission::{Admission, AdmissionSettings};
use super::batcher::Batcher;
use super::changes::Changes;
use super::confirmer::Confirmer;
use super::convert::Convert;
use super::duplicate_detector::DuplicateDetector;
use super::error::ReplicaError;
use super::founder::{Founder, Founding};
use super::gate::Gate;
use super::health::Health;
use super::identity::Identity;
use super::joiner::Joiner;
use super::known_state::KnownState;
use super::leadership::{assert_leads, write_error};
use super::log::Log;
use super::network::Network;
use super::options::{ReplicaOptions, max_batch_bytes};
use super::registry::Registry;
use super::reply_validator::ReplyValidator;
use super::service::Service;
use super::state_machine::StateMachine;
use super::store::Store;
use super::type_config::{Metrics, Raft};
use crate::raft::{AppendRequest, RaftServer, WriteReply};
use crate::types::{ClusterId, Command, NodeId, RaftNode};

/// How long the tasks of a stopped node may hold its store open.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// The least time for which a write is deduplicated. A caller repeats it within its timeout, ten seconds by default.
const DEDUP_AGE: Duration = Duration::from_mins(1);

/// The number of heartbeats between two searches for another process with the same number.
const DETECTIONS: u32 = 4;

/// A node of a Raft cluster with its replica of the registry. It takes part from [`Replica::start`] to
/// [`Replica::shutdown`]. On drop it stops in the background.
pub struct Replica {
    pub(super) connection: Connection,
    pub(super) timeout: Duration,
    pub(super) identity: Arc<Identity>,
    pub(super) service: Service,
    state_machine: StateMachine,
    server: Option<Server>,
    /// Tasks that are aborted when this is dropped.
    tasks: Mutex<JoinSet<()>>,
    /// The pause between two attempts to found a cluster.
    pause: Duration,
    accepts_unidentified: bool,
    /// Closed when the store is closed.
    closing: watch::Receiver<()>,
}

impl Replica {
    /// Opens the store, continues from its content, and takes part over `connection`. A new node waits until it
    /// initializes a cluster ([`Replica::initialize`]) or a leader adds it ([`Replica::add_learner`]).
    ///
    /// # Errors
    /// - If the options contradict each other, the store cannot be used, or the subscription is refused.
    /// - [`ReplicaError::DuplicateNode`] if another process with this number takes part, and does not stop within twice
    ///   the longest election timeout.
    pub async fn start(
        options: ReplicaOptions,
        connection: &Connection,
    ) -> Result<Self, ReplicaError> {
        let connection = &connection.identity(AppendRequest::INFO.from, &options.node);
        let config = Arc::new(options.config(connection)?);
        let opened = options.clone();
        let opening = tokio::task::spawn_blocking(move || opened.store());
        let store = opening
            .await
            .map_err(|error| ReplicaError::Stopped(error.to_string()))??;
        let closing = store.closing();
        let identity = Arc::new(Identity::open(store.clone(), options.node).await?);
        let own_pause = options.own_answer_pause();
        let gate = Gate::new(Arc::clone(&identity), own_pause);
        let dedup = DedupOptions::new().age(options.timeout.max(DEDUP_AGE));
        let serving = ServeOptions::new().deduplicate(dedup);
        let server = RaftServer::new(gate.clone()).options(serving);
        let server = server.start(connection, options.node).await?;
        let detector = DuplicateDetector::new(Arc::clone(&identity), connection, own_pause);
        let alone = detector.wait_until_alone(options.duplicate_limit()).await;
        let started = match alone {
            Ok(()) => open(&options, config, store, &identity, connection).await,
            Err(error) => {
                drop(store);
                Err(error)
            }
        };
        let (service, state_machine) = match started {
            Ok(started) => started,
            Err(error) => {
                server.shutdown().await;
                return Err(error);
            }
        };
        gate.open(service.clone());
        identity.serve();
        let mut tasks = JoinSet::new();
        tasks.spawn(detector.run(DETECTIONS * options.heartbeat));
        tasks.spawn(end(Arc::clone(&identity), service.raft.clone()));
        Ok(Self {
            connection: connection.clone(),
            timeout: options.timeout,
            identity,
            service,
            state_machine,
            server: Some(server),
            tasks: Mutex::new(tasks),
            pause: options.heartbeat,
            accepts_unidentified: options.accepts_unidentified,
            closing,
        })
    }

    /// The number of the node.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.identity.node()
    }

    /// The cluster of the node. Absent before it joins a cluster.
    #[must_use]
    pub fn cluster(&self) -> Option<ClusterId> {
        self.identity.cluster()
    }

    /// How long it waits for the leader.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Founds a cluster of these nodes, including itself. All nodes may do this with the same list. The node with the
    /// smallest number founds the cluster, once all others have answered that their stores are empty. Returns after the
    /// first attempt; further attempts follow in the background, see [`Health::missing`].
    ///
    /// # Errors
    /// - If the node has been in a cluster before, which callers may ignore, or is missing in `nodes`.
    /// - [`ReplicaError::StoreLost`] if the store is empty, but this node is a voter of an existing cluster. If the node
    ///   learns this later, it stops.
    pub async fn initialize(&self, nodes: BTreeMap<NodeId, RaftNode>) -> Result<(), ReplicaError> {
        if !nodes.contains_key(&self.node()) {
            let reason = "the node is not among its members".to_owned();
            return Err(ReplicaError::Membership(reason));
        }
        let known = KnownState::read(&self.service.raft, self.node().get()).await?;
        if !known.is_empty() {
            let reason = "the node has been in a cluster before".to_owned();
            return Err(ReplicaError::Membership(reason));
        }
        self.identity.set_founders(nodes.keys().copied().collect());
        let mut members = BTreeMap::new();
        for (id, node) in nodes {
            members.insert(id.get(), BasicNode::from_wire(node)?);
        }
        let founder = Founder::new(
            Arc::clone(&self.identity),
            self.service.raft.clone(),
            &self.connection,
            members,
            self.accepts_unidentified,
        );
        if founder.attempt().await? == Founding::Waiting {
            let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            tasks.spawn(founder.run(self.pause));
        }
        Ok(())
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
        let added = added.map_err(write_error)?.log_id;
        // openraft returns earlier, while the learner is up to 5,000 entries behind.
        let mut metrics = self.metrics();
        let has_confirmed = |metrics: &Metrics| {
            let replication = metrics.replication.as_ref();
            let confirmed = replication.and_then(|nodes| nodes.get(&id.get()));
            confirmed.is_some_and(|confirmed| *confirmed >= Some(added))
        };
        let waiting = metrics
            .wait_for(|metrics| has_confirmed(metrics) || !metrics.state.is_leader())
            .await;
        match waiting {
            Ok(metrics) if has_confirmed(&metrics) => Ok(()),
            Ok(_) => Err(ReplicaError::LeadershipLost),
            Err(_) => Err(Fatal::Stopped.into()),
        }
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
        Health::of(&self.service, &self.identity)
    }

    /// The metrics of openraft, and their changes.
    #[must_use]
    pub fn metrics(&self) -> watch::Receiver<Metrics> {
        self.service.raft.metrics()
    }

    /// Waits until this node has stopped and returns the reason. Apart from a shutdown, a node stops if its store fails or
    /// was lost, if another process has its number, or if openraft mistakes another error for that. Version 0.9.25 does so when a leader is deposed just
    /// before it sends a snapshot. The node does not recover by itself. A new node on the same store continues where it
    /// stopped.
    pub async fn stopped(&self) -> ReplicaError {
        let mut metrics = self.metrics();
        let has_stopped = |metrics: &Metrics| metrics.running_state.is_err();
        // A closed channel means the same: the node has stopped.
        let _ = metrics.wait_for(has_stopped).await;
        if let Some(ending) = self.identity.ending() {
            return ending;
        }
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
        let tasks = self.tasks.get_mut().unwrap_or_else(PoisonError::into_inner);
        tasks.shutdown().await;
        drop(self);
        let closed = async { while closing.changed().await.is_ok() {} };
        if timeout(CLOSE_LIMIT, closed).await.is_err() {
            tracing::error!("a raft node has stopped, but its store is still open");
        }
    }
}

/// Opens the log and the state machine, and starts openraft.
async fn open(
    options: &ReplicaOptions,
    config: Arc<Config>,
    store: Store,
    identity: &Arc<Identity>,
    connection: &Connection,
) -> Result<(Service, StateMachine), ReplicaError> {
    let node = options.node.get();
    let state_machine = StateMachine::open(store.clone(), options.node).await?;
    let network = Network {
        node,
        connection: connection.clone(),
        pause: options.heartbeat,
        validator: ReplyValidator::new(node),
        identity: Arc::clone(identity),
    };
    let log = Log::new(store, max_batch_bytes(connection));
    let machine = state_machine.clone();
    let raft = Raft::new(node, config, network, log.clone(), machine).await?;
    let settings = AdmissionSettings {
        max_snapshot: options.max_snapshot,
        accepts_unidentified: options.accepts_unidentified,
    };
    let joiner = Joiner::new(
        Arc::clone(identity),
        connection,
        options.accepts_unidentified,
    );
    let admission = Admission::new(
        Arc::clone(identity),
        joiner,
        raft.clone(),
        log,
        Arc::clone(state_machine.unreadable()),
        settings,
    );
    let service = Service {
        admission: Arc::new(admission),
        batcher: Batcher::start(raft.clone(), connection),
        confirmer: Confirmer::start(raft.clone()),
        write_key: options.write_key.clone(),
        raft,
    };
    Ok((service, state_machine))
}

/// Stops openraft when the node must not take part any more.
async fn end(identity: Arc<Identity>, raft: Raft) {
    identity.ended().await;
    if let Some(error) = identity.ending() {
        tracing::error!(%error, "a raft node stops");
    }
    stop(&raft).await;
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
