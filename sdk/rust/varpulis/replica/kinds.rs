//! The types that openraft works with.

use std::io::Cursor;

use crate::types::{Command, CommandReply};

openraft::declare_raft_types!(
    /// What openraft is told of our cluster: entries hold commands, one or many that came together, nodes have numbers
    /// and addresses, and a snapshot is bytes in memory.
    pub Kinds:
        D = Vec<Command>,
        R = Vec<CommandReply>,
        NodeId = u64,
        Node = openraft::BasicNode,
        Entry = openraft::Entry<Kinds>,
        SnapshotData = Cursor<Vec<u8>>,
        AsyncRuntime = openraft::TokioRuntime,
);

pub(super) type Raft = openraft::Raft<Kinds>;
pub(super) type LogId = openraft::LogId<u64>;
pub(super) type Vote = openraft::Vote<u64>;
pub(super) type Entry = openraft::Entry<Kinds>;
pub(super) type Membership = openraft::Membership<u64, openraft::BasicNode>;
pub(super) type StoredMembership = openraft::StoredMembership<u64, openraft::BasicNode>;
pub(super) type SnapshotMeta = openraft::SnapshotMeta<u64, openraft::BasicNode>;
pub(super) type StorageError = openraft::StorageError<u64>;
pub(super) type StorageIoError = openraft::StorageIOError<u64>;
/// What openraft tells of itself, see [`Replica::metrics`](super::Replica::metrics).
pub type Metrics = openraft::RaftMetrics<u64, openraft::BasicNode>;
