//! openraft's types and the generated ones, in both directions.
//!
//! On the wire and on disk there are only generated types: openraft's own serde is not compiled in, so what is written is
//! what `schema/raft/` says.

use std::collections::BTreeMap;

use natsgen_runtime::{Limited, Violation};
use openraft::{BasicNode, EntryPayload, LeaderId};

use super::kinds::{Entry, LogId, Membership, SnapshotMeta, StoredMembership, Vote};
use crate::types::{self, NodeId, NodeKey, RaftNode};

/// A type of openraft that has a counterpart in the schema.
pub(super) trait OnWire: Sized {
    /// The generated type.
    type Wire;

    /// Turns it into the generated type. Fails where it is larger than the schema allows.
    fn to_wire(self) -> Result<Self::Wire, Violation>;

    /// Turns the generated type into it. Fails where it says what this version does not know.
    fn of_wire(wire: Self::Wire) -> Result<Self, Violation>;
}

impl<T: OnWire> OnWire for Option<T> {
    type Wire = Option<T::Wire>;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        self.map(T::to_wire).transpose()
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        wire.map(T::of_wire).transpose()
    }
}

impl<T: OnWire> OnWire for Vec<T> {
    type Wire = Vec<T::Wire>;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        self.into_iter().map(T::to_wire).collect()
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        wire.into_iter().map(T::of_wire).collect()
    }
}

impl OnWire for LeaderId<u64> {
    type Wire = types::LeaderId;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(types::LeaderId {
            term: self.term,
            node_id: NodeId::try_from(self.node_id)?,
        })
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self::new(wire.term, wire.node_id.get()))
    }
}

impl OnWire for Vote {
    type Wire = types::RaftVote;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(types::RaftVote {
            leader_id: self.leader_id.to_wire()?,
            committed: self.committed,
        })
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            leader_id: LeaderId::of_wire(wire.leader_id)?,
            committed: wire.committed,
        })
    }
}

impl OnWire for LogId {
    type Wire = types::LogId;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(types::LogId {
            leader_id: self.leader_id.to_wire()?,
            index: self.index,
        })
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self::new(LeaderId::of_wire(wire.leader_id)?, wire.index))
    }
}

impl OnWire for BasicNode {
    type Wire = RaftNode;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(RaftNode {
            addr: Limited::new(self.addr)?,
        })
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            addr: wire.addr.into_inner(),
        })
    }
}

impl OnWire for Membership {
    type Wire = types::Membership;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        let mut configs = Vec::new();
        for config in self.get_joint_config() {
            let voters = config.iter().map(|id| NodeId::try_from(*id));
            configs.push(Limited::new(voters.collect::<Result<Vec<_>, _>>()?)?);
        }
        let mut nodes = BTreeMap::new();
        for (id, node) in self.nodes() {
            nodes.insert(NodeKey::try_from(id.to_string())?, node.clone().to_wire()?);
        }
        Ok(types::Membership {
            configs: Limited::new(configs)?,
            nodes: Limited::new(nodes)?,
        })
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        let configs = wire.configs.iter();
        let configs = configs.map(|voters| voters.iter().map(NodeId::get).collect());
        let mut nodes = BTreeMap::new();
        for (key, node) in wire.nodes.into_inner() {
            let id: NodeId = key.as_str().parse()?;
            nodes.insert(id.get(), BasicNode::of_wire(node)?);
        }
        Ok(Self::new(configs.collect(), nodes))
    }
}

impl OnWire for StoredMembership {
    type Wire = types::StoredMembership;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(types::StoredMembership {
            log_id: self.log_id().to_wire()?,
            membership: self.membership().clone().to_wire()?,
        })
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self::new(
            Option::of_wire(wire.log_id)?,
            Membership::of_wire(wire.membership)?,
        ))
    }
}

impl OnWire for SnapshotMeta {
    type Wire = types::SnapshotMeta;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(types::SnapshotMeta {
            last_log_id: self.last_log_id.to_wire()?,
            last_membership: self.last_membership.to_wire()?,
            snapshot_id: Limited::new(self.snapshot_id)?,
        })
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            last_log_id: Option::of_wire(wire.last_log_id)?,
            last_membership: StoredMembership::of_wire(wire.last_membership)?,
            snapshot_id: wire.snapshot_id.into_inner(),
        })
    }
}

impl OnWire for Entry {
    type Wire = types::LogEntry;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(types::LogEntry {
            log_id: self.log_id.to_wire()?,
            payload: match self.payload {
                EntryPayload::Blank => types::EntryPayload::Blank,
                EntryPayload::Normal(commands) => match <[_; 1]>::try_from(commands) {
                    Ok([command]) => types::EntryPayload::Normal(command),
                    Err(commands) => types::EntryPayload::Batch(Limited::new(commands)?),
                },
                EntryPayload::Membership(membership) => {
                    types::EntryPayload::Membership(membership.to_wire()?)
                }
            },
        })
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            log_id: LogId::of_wire(wire.log_id)?,
            payload: match wire.payload {
                types::EntryPayload::Blank => EntryPayload::Blank,
                types::EntryPayload::Normal(command) => EntryPayload::Normal(vec![command]),
                types::EntryPayload::Batch(commands) => EntryPayload::Normal(commands.into_inner()),
                types::EntryPayload::Membership(membership) => {
                    EntryPayload::Membership(Membership::of_wire(membership)?)
                }
            },
        })
    }
}
