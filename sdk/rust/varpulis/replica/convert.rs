//! Conversions between the types of openraft and the generated types.
//!
//! Only generated types are sent and stored: openraft is compiled without serde, so all JSON has the form of
//! `schema/raft/`.

use std::collections::BTreeMap;

use natsgen_runtime::{Limited, Ranged, Violation};
use openraft::{BasicNode, EntryPayload, LeaderId};

use super::type_config::{Entry, LogId, Membership, SnapshotMeta, StoredMembership, Vote};
use crate::types::{self, NodeId, NodeKey, RaftNode};

/// A type of openraft with a counterpart in the schema.
pub(super) trait Convert: Sized {
    /// The generated type.
    type Wire;

    /// Converts to the generated type. Fails if the value is larger than the schema allows.
    fn to_wire(self) -> Result<Self::Wire, Violation>;

    /// Converts from the generated type. Fails if the value is unknown to this version.
    fn from_wire(wire: Self::Wire) -> Result<Self, Violation>;
}

impl<T: Convert> Convert for Option<T> {
    type Wire = Option<T::Wire>;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        self.map(T::to_wire).transpose()
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        wire.map(T::from_wire).transpose()
    }
}

impl<T: Convert> Convert for Vec<T> {
    type Wire = Vec<T::Wire>;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        self.into_iter().map(T::to_wire).collect()
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        wire.into_iter().map(T::from_wire).collect()
    }
}

impl Convert for LeaderId<u64> {
    type Wire = types::LeaderId;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(types::LeaderId::new(
            Ranged::new(self.term)?,
            NodeId::try_from(self.node_id)?,
        ))
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self::new(wire.term.get(), wire.node_id.get()))
    }
}

impl Convert for Vote {
    type Wire = types::RaftVote;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(types::RaftVote::new(
            self.leader_id.to_wire()?,
            self.committed,
        ))
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            leader_id: LeaderId::from_wire(wire.leader_id)?,
            committed: wire.committed,
        })
    }
}

impl Convert for LogId {
    type Wire = types::LogId;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(types::LogId::new(
            self.leader_id.to_wire()?,
            Ranged::new(self.index)?,
        ))
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self::new(
            LeaderId::from_wire(wire.leader_id)?,
            wire.index.get(),
        ))
    }
}

impl Convert for BasicNode {
    type Wire = RaftNode;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(RaftNode::new(Limited::new(self.addr)?))
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            addr: wire.addr.into_inner(),
        })
    }
}

impl Convert for Membership {
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
        Ok(types::Membership::new(
            Limited::new(configs)?,
            Limited::new(nodes)?,
        ))
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        let configs = wire.configs.iter();
        let configs = configs.map(|voters| voters.iter().map(NodeId::get).collect());
        let mut nodes = BTreeMap::new();
        for (key, node) in wire.nodes.into_inner() {
            let id: NodeId = key.as_str().parse()?;
            nodes.insert(id.get(), BasicNode::from_wire(node)?);
        }
        Ok(Self::new(configs.collect(), nodes))
    }
}

impl Convert for StoredMembership {
    type Wire = types::StoredMembership;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(types::StoredMembership::new(
            self.log_id().to_wire()?,
            self.membership().clone().to_wire()?,
        ))
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self::new(
            Option::from_wire(wire.log_id)?,
            Membership::from_wire(wire.membership)?,
        ))
    }
}

impl Convert for SnapshotMeta {
    type Wire = types::SnapshotMeta;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(types::SnapshotMeta::new(
            self.last_log_id.to_wire()?,
            self.last_membership.to_wire()?,
            Limited::new(self.snapshot_id)?,
        ))
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            last_log_id: Option::from_wire(wire.last_log_id)?,
            last_membership: StoredMembership::from_wire(wire.last_membership)?,
            snapshot_id: wire.snapshot_id.into_inner(),
        })
    }
}

impl Convert for Entry {
    type Wire = types::LogEntry;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(types::LogEntry::new(
            self.log_id.to_wire()?,
            match self.payload {
                EntryPayload::Blank => types::EntryPayload::Blank,
                EntryPayload::Normal(commands) => match <[_; 1]>::try_from(commands) {
                    Ok([command]) => types::EntryPayload::Normal(command),
                    Err(commands) => types::EntryPayload::Batch(Limited::new(commands)?),
                },
                EntryPayload::Membership(membership) => {
                    types::EntryPayload::Membership(membership.to_wire()?)
                }
            },
        ))
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            log_id: LogId::from_wire(wire.log_id)?,
            payload: match wire.payload {
                types::EntryPayload::Blank => EntryPayload::Blank,
                types::EntryPayload::Normal(command) => EntryPayload::Normal(vec![command]),
                types::EntryPayload::Batch(commands) => EntryPayload::Normal(commands.into_inner()),
                types::EntryPayload::Membership(membership) => {
                    EntryPayload::Membership(Membership::from_wire(membership)?)
                }
            },
        })
    }
}
