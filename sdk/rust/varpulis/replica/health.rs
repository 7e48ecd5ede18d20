//! The health of a replica.

use std::collections::BTreeMap;

use openraft::ServerState;

use super::identity::Identity;
use super::refusal::Refusal;
use super::service::Service;
use super::unreadable::Unreadable;
use crate::types::{ClusterId, NodeId};

/// The health of a replica.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// The number of the node.
    pub node: NodeId,
    /// The cluster of the node. Absent before the node joins a cluster, and in clusters of real Varpulis peers.
    pub cluster: Option<ClusterId>,
    /// The configured members that have not agreed to found the cluster yet. Empty once the node is in a cluster.
    pub missing: Vec<NodeId>,
    /// The current role of the node.
    pub role: Role,
    /// The leader, as far as the node knows.
    pub leader: Option<NodeId>,
    /// Whether it is the leader, and a majority of the nodes has replied to it within the longest election timeout.
    pub has_majority: bool,
    /// Whether it has received a message of its leader within the longest election timeout. False for a leader.
    pub hears_leader: bool,
    /// The current term.
    pub term: u64,
    /// The index of the last entry in its log.
    pub last_entry: Option<u64>,
    /// The index of the last entry that it has applied.
    pub last_applied: Option<u64>,
    /// The nodes that vote.
    pub voters: Vec<NodeId>,
    /// The nodes that receive entries without a vote.
    pub learners: Vec<NodeId>,
    /// The number of refused messages of other nodes by reason, since its start.
    pub refused: BTreeMap<Refusal, u64>,
    /// The entry or snapshot that the node cannot read, and stays behind.
    pub unreadable: Option<Unreadable>,
    /// The last 16 commands that the node could not read, since its start. They have no effect on its registry. Other
    /// implementations write commands with values beyond the limits of this SDK.
    pub without_effect: Vec<Unreadable>,
    /// The number of times that a majority was asked to confirm its leadership for reads, since its start.
    pub confirmations: u64,
    /// Why the node has stopped, if it has.
    pub failure: Option<String>,
}

/// The role of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// It receives entries without a vote, because it is new or was removed.
    Learner,
    /// It follows a leader, or waits for a leader.
    Follower,
    /// It is a candidate in an election.
    Candidate,
    /// It is the leader.
    Leader,
    /// It has stopped.
    Stopped,
}

impl Health {
    /// Whether it runs and hears a leader; a leader itself needs a majority. Writes can succeed then.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let is_in_contact = match self.role {
            Role::Leader => self.has_majority,
            _ => self.hears_leader,
        };
        self.failure.is_none() && self.leader.is_some() && is_in_contact
    }

    /// A leader without a reply of a majority for the longest election timeout has no majority.
    pub(super) fn of(service: &Service, identity: &Identity) -> Self {
        let election_timeout = service.raft.config().election_timeout_max;
        let metrics = service.raft.metrics();
        let metrics = metrics.borrow();
        let silence = service.admission.leader_silence();
        let membership = metrics.membership_config.membership();
        Self {
            node: identity.node(),
            cluster: identity.cluster(),
            missing: identity.missing(),
            role: match metrics.state {
                ServerState::Learner => Role::Learner,
                ServerState::Follower => Role::Follower,
                ServerState::Candidate => Role::Candidate,
                ServerState::Leader => Role::Leader,
                ServerState::Shutdown => Role::Stopped,
            },
            leader: nodes(metrics.current_leader).pop(),
            has_majority: metrics
                .millis_since_quorum_ack
                .is_some_and(|silence| silence <= election_timeout),
            hears_leader: metrics.state != ServerState::Leader
                && silence
                    .is_some_and(|silence| silence.as_millis() <= u128::from(election_timeout)),
            term: metrics.current_term,
            last_entry: metrics.last_log_index,
            last_applied: metrics.last_applied.map(|last| last.index),
            voters: nodes(membership.voter_ids()),
            learners: nodes(membership.learner_ids()),
            refused: service.admission.refusals().counts(),
            unreadable: service.admission.unreadable().blocking(),
            without_effect: service.admission.unreadable().without_effect(),
            confirmations: service.confirmer.rounds(),
            failure: match (identity.ending(), &metrics.running_state) {
                (Some(ending), _) => Some(ending.to_string()),
                (None, state) => state.as_ref().err().map(ToString::to_string),
            },
        }
    }
}

fn nodes(ids: impl IntoIterator<Item = u64>) -> Vec<NodeId> {
    let ids = ids.into_iter().map(NodeId::try_from);
    ids.filter_map(Result::ok).collect()
}
