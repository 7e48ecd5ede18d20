//! The leadership of a node, and errors of operations that need it.

use openraft::error::{ClientWriteError, RaftError};

use super::error::ReplicaError;
use super::type_config::{Metrics, Raft};

/// The term in which a node is the leader, once it has applied all entries that were committed before.
pub(crate) fn leading_term(metrics: &Metrics) -> Option<u64> {
    let applied = metrics.last_applied.map(|last| last.leader_id.term);
    let leads = metrics.state.is_leader() && applied == Some(metrics.current_term);
    leads.then_some(metrics.current_term)
}

/// Fails if this node is not the leader. openraft returns the same error in two cases: the node is not the leader, or
/// it loses the leadership before an entry is committed. Only this check proves that nothing was executed.
pub(super) fn assert_leads(raft: &Raft) -> Result<(), ReplicaError> {
    let metrics = raft.metrics();
    let metrics = metrics.borrow();
    if let Err(fatal) = &metrics.running_state {
        return Err(fatal.clone().into());
    }
    if metrics.state.is_leader() {
        Ok(())
    } else {
        Err(ReplicaError::not_leader(metrics.current_leader))
    }
}

/// The error of a write.
pub(super) fn write_error(
    error: RaftError<u64, ClientWriteError<u64, openraft::BasicNode>>,
) -> ReplicaError {
    match error {
        RaftError::APIError(ClientWriteError::ForwardToLeader(_)) => ReplicaError::LeadershipLost,
        RaftError::APIError(ClientWriteError::ChangeMembershipError(error)) => {
            ReplicaError::Membership(error.to_string())
        }
        RaftError::Fatal(fatal) => fatal.into(),
    }
}
