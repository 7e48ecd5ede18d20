//! The types that openraft is instantiated with.

use std::io::Cursor;

use natsgen_runtime::Value;

use crate::types::CommandReply;

openraft::declare_raft_types!(
    /// The type configuration of openraft. An entry contains the commands of a batch. A node has a number and an
    /// address. A snapshot is a buffer in memory.
    pub TypeConfig:
        D = Vec<Value>,
        R = Vec<CommandReply>,
        NodeId = u64,
        Node = openraft::BasicNode,
        Entry = openraft::Entry<TypeConfig>,
        SnapshotData = Cursor<Vec<u8>>,
        AsyncRuntime = openraft::TokioRuntime,
);

pub(super) type Raft = openraft::Raft<TypeConfig>;
pub(super) type LogId = openraft::LogId<u64>;
pub(super) type Vote = openraft::Vote<u64>;
pub(super) type Entry = openraft::Entry<TypeConfig>;
pub(super) type Membership = openraft::Membership<u64, openraft::BasicNode>;
pub(super) type StoredMembership = openraft::StoredMembership<u64, openraft::BasicNode>;
pub(super) type SnapshotMeta = openraft::SnapshotMeta<u64, openraft::BasicNode>;
pub(super) type StorageError = openraft::StorageError<u64>;
pub(super) type StorageIoError = openraft::StorageIOError<u64>;
/// The metrics of openraft, see [`Replica::metrics`](super::Replica::metrics).
pub type Metrics = openraft::RaftMetrics<u64, openraft::BasicNode>;
