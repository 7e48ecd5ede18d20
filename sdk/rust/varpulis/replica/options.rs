//! The options of a replica.

use std::path::{Path, PathBuf};
use std::time::Duration;

use natsgen_runtime::Connection;
use openraft::storage::{RaftLogStorage, RaftStateMachine};
use openraft::{Config, SnapshotPolicy};

use super::error::ReplicaError;
use super::log::Log;
use super::network::{HEADERS, piece_within};
use super::state_machine::StateMachine;
use super::store::{Store, StoreError};
use super::type_config::TypeConfig;
use crate::types::{ApiKey, NodeId, RaftConfig};

/// The largest size of the votes, ids and names around the entries of a message.
const AROUND_ENTRIES: usize = 1024;

/// The options of a replica.
#[derive(Clone, Debug)]
pub struct ReplicaOptions {
    pub(super) node: NodeId,
    location: StoreLocation,
    pub(super) heartbeat: Duration,
    election: (Duration, Duration),
    snapshot_after: u64,
    keep: u64,
    piece_limit: Duration,
    pub(super) max_snapshot: usize,
    pub(super) write_key: Option<ApiKey>,
    pub(super) accepts_unidentified: bool,
    pub(super) timeout: Duration,
}

#[derive(Clone, Debug)]
enum StoreLocation {
    File(PathBuf),
    Memory,
}

impl ReplicaOptions {
    /// Creates options for node `node` with its store in the file `path`, which is created if it is missing. Defaults:
    /// a heartbeat interval of 500 ms, election timeouts of 1.5 s to 3 s, a snapshot every 5,000 entries.
    #[must_use]
    pub fn new(node: NodeId, path: impl AsRef<Path>) -> Self {
        Self {
            node,
            location: StoreLocation::File(path.as_ref().to_owned()),
            heartbeat: Duration::from_millis(500),
            election: (Duration::from_millis(1_500), Duration::from_secs(3)),
            snapshot_after: 5_000,
            keep: 500,
            piece_limit: Duration::from_secs(5),
            max_snapshot: 1 << 30,
            write_key: None,
            accepts_unidentified: false,
            timeout: Duration::from_secs(10),
        }
    }

    /// Creates options from the [configuration](crate::config).
    #[must_use]
    pub fn configured(config: &RaftConfig) -> Self {
        let [shortest, longest] =
            [config.shortest_election, config.longest_election].map(Duration::from);
        Self::new(config.node_id, config.store_path.as_str())
            .heartbeat(config.heartbeat.into())
            .election(shortest, longest)
            .snapshot_after(config.snapshot_after.get().into())
            .keep(config.keep.get().into())
            .piece_limit(config.piece_limit.into())
            .max_snapshot(usize::try_from(config.max_snapshot_bytes.get()).unwrap_or(usize::MAX))
            .accept_unidentified(config.accept_unidentified)
            .timeout(config.timeout.into())
    }

    /// Creates options with a store in memory, for tests. A node that loses its vote can violate the guarantees of
    /// Raft, so a stopped node must not start again under its number.
    #[must_use]
    pub fn memory(node: NodeId) -> Self {
        Self {
            location: StoreLocation::Memory,
            ..Self::new(node, "")
        }
    }

    /// Sets the heartbeat interval of a leader, in whole milliseconds. openraft checks every 1.5 intervals, so a
    /// heartbeat is sent that often. An entry without a reply within an interval is sent again.
    #[must_use]
    pub fn heartbeat(mut self, interval: Duration) -> Self {
        self.heartbeat = interval;
        self
    }

    /// Sets the shortest and the longest election timeout, in whole milliseconds. Both must exceed the heartbeat
    /// interval.
    ///
    /// - A node votes for no other node while it heard from its leader within `longest`.
    /// - A node starts an election when `longest` and its own timeout are over. It draws its timeout once, at its
    ///   start. openraft checks every 1.5 heartbeat intervals. So by default a failed leader is replaced 4.5 s to
    ///   6.75 s after its last message.
    /// - An election without a winner is repeated after the node's own timeout. A node with a log that turned out too
    ///   short waits twice `longest` in addition.
    #[must_use]
    pub fn election(mut self, shortest: Duration, longest: Duration) -> Self {
        self.election = (shortest, longest);
        self
    }

    /// Sets the number of entries between two snapshots.
    #[must_use]
    pub fn snapshot_after(mut self, entries: u64) -> Self {
        self.snapshot_after = entries;
        self
    }

    /// Sets how many entries before a snapshot the node keeps, for nodes that are slightly behind. Nodes that are
    /// further behind receive the snapshot. Default: 500.
    #[must_use]
    pub fn keep(mut self, entries: u64) -> Self {
        self.keep = entries;
        self
    }

    /// Sets how long the node waits for the reply to each piece of a snapshot.
    #[must_use]
    pub fn piece_limit(mut self, limit: Duration) -> Self {
        self.piece_limit = limit;
        self
    }

    /// Sets the limit of bytes in a snapshot that the node receives. The node refuses a larger snapshot. Default: 1 GiB.
    #[must_use]
    pub fn max_snapshot(mut self, bytes: usize) -> Self {
        self.max_snapshot = bytes;
        self
    }

    /// Sets the API key that a write over the network must contain, on all nodes of the cluster. Without a key, any peer
    /// that may publish to a node can change the registry. Default: no key; a
    /// [`CoordinatorNode`](crate::coordinator_node::CoordinatorNode) sets its own.
    #[must_use]
    pub fn write_key(mut self, key: ApiKey) -> Self {
        self.write_key = Some(key);
        self
    }

    /// Sets whether the node accepts messages without a cluster id, which peers of real Varpulis send. The node then
    /// notices neither a foreign cluster nor a lost store. Default: false.
    #[must_use]
    pub fn accept_unidentified(mut self, accepts: bool) -> Self {
        self.accepts_unidentified = accepts;
        self
    }

    /// How long the node waits before it answers its own request for its status.
    pub(super) fn own_answer_pause(&self) -> Duration {
        self.heartbeat
            .clamp(Duration::from_millis(20), Duration::from_millis(500))
    }

    /// How long a starting node waits for another process with its number to stop.
    pub(super) fn duplicate_limit(&self) -> Duration {
        2 * self.election.1
    }

    /// Sets how long operations wait for the leader, elections included: [`Replica::propose`](super::Replica::propose)
    /// and [`Replica::current`](super::Replica::current). Default: 10 s.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Opens the store, to replicate the registry over another network than NATS. Returns the log and the state
    /// machine. Only the node and the location of the store have an effect.
    ///
    /// # Errors
    /// If the store cannot be opened or read.
    pub async fn storage(
        &self,
    ) -> Result<
        (
            impl RaftLogStorage<TypeConfig> + use<>,
            impl RaftStateMachine<TypeConfig> + use<>,
        ),
        ReplicaError,
    > {
        let store = self.store()?;
        let state_machine = StateMachine::open(store.clone(), self.node).await?;
        Ok((Log::new(store, usize::MAX), state_machine))
    }

    pub(super) fn store(&self) -> Result<Store, StoreError> {
        match &self.location {
            StoreLocation::File(path) => Store::open(path, self.node),
            StoreLocation::Memory => Store::memory(self.node),
        }
    }

    pub(super) fn config(&self, connection: &Connection) -> Result<Config, ReplicaError> {
        let room = connection.max_payload().saturating_sub(HEADERS);
        let config = Config {
            cluster_name: "varpulis".to_owned(),
            heartbeat_interval: millis(self.heartbeat),
            election_timeout_min: millis(self.election.0),
            election_timeout_max: millis(self.election.1),
            install_snapshot_timeout: millis(self.piece_limit),
            snapshot_policy: SnapshotPolicy::LogsSinceLast(self.snapshot_after),
            max_in_snapshot_log_to_keep: self.keep,
            snapshot_max_chunk_size: piece_within(room.saturating_sub(AROUND_ENTRIES)) as u64,
            ..Config::default()
        };
        let valid = config.validate();
        valid.map_err(|error| ReplicaError::Options(error.to_string()))
    }
}

/// The number of bytes of entries that fit into a message.
pub(super) fn max_batch_bytes(connection: &Connection) -> usize {
    let room = connection.max_payload();
    room.saturating_sub(HEADERS + AROUND_ENTRIES)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
