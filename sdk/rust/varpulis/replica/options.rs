//! How a replica is set up.

use std::path::{Path, PathBuf};
use std::time::Duration;

use natsgen_runtime::Connection;
use openraft::storage::{RaftLogStorage, RaftStateMachine};
use openraft::{Config, SnapshotPolicy};

use super::error::ReplicaError;
use super::kinds::Kinds;
use super::log::Log;
use super::machine::Machine;
use super::network::{HEADERS, piece_within};
use super::store::{Store, StoreError};
use crate::types::{NodeId, RaftConfig};

/// What the votes, ids and names around the entries of a message may take of it.
const AROUND_ENTRIES: usize = 1024;

/// How a replica is set up.
#[derive(Clone, Debug)]
pub struct ReplicaOptions {
    pub(super) node: NodeId,
    place: Place,
    pub(super) heartbeat: Duration,
    election: (Duration, Duration),
    snapshot_after: u64,
    keep: u64,
    piece_limit: Duration,
    pub(super) patience: Duration,
}

#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Memory,
}

impl ReplicaOptions {
    /// Node `node` with its store in the file `path`, which is created if it is not there. A heartbeat of 500 ms, election
    /// timeouts of 1.5 to 3 seconds, a snapshot every 5,000 entries.
    #[must_use]
    pub fn new(node: NodeId, path: impl AsRef<Path>) -> Self {
        Self {
            node,
            place: Place::File(path.as_ref().to_owned()),
            heartbeat: Duration::from_millis(500),
            election: (Duration::from_millis(1_500), Duration::from_secs(3)),
            snapshot_after: 5_000,
            keep: 500,
            piece_limit: Duration::from_secs(5),
            patience: Duration::from_secs(10),
        }
    }

    /// As the [configuration](crate::config) says.
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
            .patience(config.patience.into())
    }

    /// The same with its store in memory. A node that has forgotten its vote can break the promises of Raft, so once
    /// stopped it must not come back under its number: for tests.
    #[must_use]
    pub fn memory(node: NodeId) -> Self {
        Self {
            place: Place::Memory,
            ..Self::new(node, "")
        }
    }

    /// Sends a heartbeat when the last is this old while it leads, to whole milliseconds. openraft looks every one and a
    /// half intervals, so that is how often. An entry that is not taken within an interval is sent again.
    #[must_use]
    pub fn heartbeat(mut self, interval: Duration) -> Self {
        self.heartbeat = interval;
        self
    }

    /// Has election timeouts of `shortest` to `longest`, to whole milliseconds; more than a heartbeat. As long as it heard
    /// of its leader within `longest`, a node votes for no other. Once that and its own timeout, drawn when it starts, are
    /// over, it wants to lead; openraft looks every one and a half heartbeats. So a leader that is gone is replaced
    /// 4.5 to 6.75 seconds after others last heard of it, unless said otherwise. An election that nobody wins is
    /// repeated after the timeout alone; by a node whose log turned out too short, after twice `longest` more.
    #[must_use]
    pub fn election(mut self, shortest: Duration, longest: Duration) -> Self {
        self.election = (shortest, longest);
        self
    }

    /// Makes a snapshot after this many entries.
    #[must_use]
    pub fn snapshot_after(mut self, entries: u64) -> Self {
        self.snapshot_after = entries;
        self
    }

    /// Keeps this many entries before a snapshot, 500 unless said otherwise, for nodes that are a little behind. Others get
    /// the snapshot.
    #[must_use]
    pub fn keep(mut self, entries: u64) -> Self {
        self.keep = entries;
        self
    }

    /// Waits this long for each piece of a snapshot to be taken.
    #[must_use]
    pub fn piece_limit(mut self, limit: Duration) -> Self {
        self.piece_limit = limit;
        self
    }

    /// Waits this long for whichever node leads, elections included, where the leader is needed:
    /// [`Replica::propose`](super::Replica::propose), [`Replica::current`](super::Replica::current). Ten seconds unless
    /// said otherwise.
    #[must_use]
    pub fn patience(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }

    /// Opens the store, to run the registry over another network than NATS: the log, and what applies its entries. Only the
    /// node and its place count.
    ///
    /// # Errors
    /// When the store cannot be opened or read.
    pub async fn storage(
        &self,
    ) -> Result<
        (
            impl RaftLogStorage<Kinds> + use<>,
            impl RaftStateMachine<Kinds> + use<>,
        ),
        ReplicaError,
    > {
        let store = self.store()?;
        let machine = Machine::open(store.clone(), self.node).await?;
        Ok((Log::new(store, usize::MAX), machine))
    }

    pub(super) fn store(&self) -> Result<Store, StoreError> {
        match &self.place {
            Place::File(path) => Store::open(path, self.node),
            Place::Memory => Store::memory(self.node),
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

/// How many bytes of entries go into one message.
pub(super) fn batch(connection: &Connection) -> usize {
    let room = connection.max_payload();
    room.saturating_sub(HEADERS + AROUND_ENTRIES)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
