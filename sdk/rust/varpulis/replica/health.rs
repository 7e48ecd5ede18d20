//! How a replica is doing.

use openraft::ServerState;

use super::kinds::Metrics;
use crate::types::NodeId;

/// How a replica is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Its number.
    pub node: NodeId,
    /// What it is at the moment.
    pub role: Role,
    /// Who leads, as far as it knows.
    pub leader: Option<NodeId>,
    /// Whether it leads, and a majority of the nodes has answered it within the longest election timeout.
    pub has_majority: bool,
    /// Number of the election that it last heard of.
    pub term: u64,
    /// Place of the last entry in its log.
    pub last_entry: Option<u64>,
    /// Place of the last entry that its registry has seen.
    pub last_applied: Option<u64>,
    /// The nodes that vote.
    pub voters: Vec<NodeId>,
    /// The nodes that only learn.
    pub learners: Vec<NodeId>,
    /// Why it has stopped, if it has.
    pub failure: Option<String>,
}

/// What a node is at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// It learns and has no vote, because it is new or was taken out.
    Learner,
    /// It follows a leader, or waits for one.
    Follower,
    /// It wants to lead.
    Candidate,
    /// It leads.
    Leader,
    /// It has stopped.
    Stopped,
}

impl Health {
    /// Whether it runs and knows a leader, which has a majority if it is the leader itself: writes have somewhere to go.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let leads = self.role == Role::Leader;
        self.failure.is_none() && self.leader.is_some() && (self.has_majority || !leads)
    }

    /// A leader that has heard of no majority for more than `patience` milliseconds has none.
    pub(super) fn of(metrics: &Metrics, node: NodeId, patience: u64) -> Self {
        let membership = metrics.membership_config.membership();
        Self {
            node,
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
                .is_some_and(|silence| silence <= patience),
            term: metrics.current_term,
            last_entry: metrics.last_log_index,
            last_applied: metrics.last_applied.map(|last| last.index),
            voters: nodes(membership.voter_ids()),
            learners: nodes(membership.learner_ids()),
            failure: metrics
                .running_state
                .as_ref()
                .err()
                .map(ToString::to_string),
        }
    }
}

fn nodes(ids: impl IntoIterator<Item = u64>) -> Vec<NodeId> {
    let ids = ids.into_iter().map(NodeId::try_from);
    ids.filter_map(Result::ok).collect()
}

/// The term in which a node is the leader, once it has applied all entries that were committed before.
pub(crate) fn leading_term(metrics: &Metrics) -> Option<u64> {
    let applied = metrics.last_applied.map(|last| last.leader_id.term);
    let leads = metrics.state.is_leader() && applied == Some(metrics.current_term);
    leads.then_some(metrics.current_term)
}
