//! The state of a node that messages are validated against.

use std::collections::{BTreeMap, BTreeSet};

use openraft::raft::AppendEntriesRequest;

use super::bounds::is_acceptable_term;
use super::refusal::Refusal;
use super::type_config::{LogId, Raft, SnapshotMeta, StoredMembership, TypeConfig, Vote};
use crate::types::{self, NodeId};

/// The ids of entries of this node's log, by index.
pub(super) type LocalIds = BTreeMap<u64, LogId>;

/// The state of a node in openraft at a moment.
#[derive(Clone, Debug)]
pub(super) struct KnownState {
    pub(super) node: u64,
    pub(super) vote: Vote,
    pub(super) committed: Option<LogId>,
    /// The membership that is committed as far as openraft knows, and the last membership in the log.
    pub(super) memberships: [StoredMembership; 2],
}

impl KnownState {
    /// Reads the state.
    ///
    /// # Errors
    /// If the node has stopped.
    pub(super) async fn read(raft: &Raft, node: u64) -> Result<Self, openraft::error::Fatal<u64>> {
        let read = move |state: &openraft::RaftState<u64, openraft::BasicNode, _>| {
            let memberships = &state.membership_state;
            let stored = [memberships.committed(), memberships.effective()].map(|membership| {
                StoredMembership::new(*membership.log_id(), membership.membership().clone())
            });
            Self {
                node,
                vote: *state.vote_ref(),
                committed: state.committed,
                memberships: stored,
            }
        };
        raft.with_raft_state(read).await
    }

    /// Whether the node has no vote and no log entry.
    pub(super) fn is_empty(&self) -> bool {
        let [_, effective] = &self.memberships;
        self.vote == Vote::default() && effective.log_id().is_none() && self.committed.is_none()
    }

    /// The nodes that vote, and the nodes that receive entries without a vote.
    pub(super) fn voters_and_learners(&self) -> [Vec<NodeId>; 2] {
        let [_, effective] = &self.memberships;
        let ids = |ids: &mut dyn Iterator<Item = u64>| {
            let ids = ids.map(NodeId::try_from);
            ids.filter_map(Result::ok).collect()
        };
        let membership = effective.membership();
        [
            ids(&mut membership.voter_ids()),
            ids(&mut membership.learner_ids()),
        ]
    }

    /// Checks the sender of a leader's message, see [`Self::check_sender`].
    pub(super) fn check_leader(&self, vote: &Vote, trusts: bool) -> Result<(), Refusal> {
        if !vote.committed {
            return Err(Refusal::Vote);
        }
        self.check_sender(vote, trusts)
    }

    /// Checks the sender of a candidate's message.
    pub(super) fn check_candidate(
        &self,
        vote: &Vote,
        last: Option<LogId>,
        trusts: bool,
    ) -> Result<(), Refusal> {
        if vote.committed {
            return Err(Refusal::Vote);
        }
        if last.is_some_and(|last| last.leader_id > vote.leader_id) {
            return Err(Refusal::Order);
        }
        self.check_sender(vote, trusts)
    }

    /// A node without a membership accepts any sender: it waits for a cluster. A leader that is removed from the
    /// membership remains the leader until the change is committed. A node that was separated while all members were
    /// replaced `trusts` senders that it does not know.
    fn check_sender(&self, vote: &Vote, trusts: bool) -> Result<(), Refusal> {
        let sender = vote.leader_id.node_id;
        let members = self.members();
        let follows = self.vote.committed && self.vote.leader_id == vote.leader_id;
        let is_known = members.is_empty() || members.contains(&sender) || follows || trusts;
        if sender == self.node || sender == 0 || !is_known {
            return Err(Refusal::Sender);
        }
        if !is_acceptable_term(vote.leader_id.term, self.vote.leader_id.term) {
            return Err(Refusal::Term);
        }
        Ok(())
    }

    /// The voters and learners of both memberships. During a change, nodes of either may be the leader.
    fn members(&self) -> BTreeSet<u64> {
        let memberships = self.memberships.iter();
        let nodes = memberships.flat_map(|membership| membership.nodes().map(|(id, _)| *id));
        nodes.collect()
    }

    fn committed_index(&self) -> Option<u64> {
        self.committed.map(|committed| committed.index)
    }

    /// Whether `index` is committed.
    pub(super) fn is_committed(&self, index: u64) -> bool {
        self.committed_index() >= Some(index)
    }

    /// Whether openraft can remove the entries from `index` on. It reverts to the first of its two memberships then.
    pub(super) fn can_remove(&self, index: u64) -> bool {
        let reverted = self.memberships[0].log_id().map(|id| id.index);
        !self.is_committed(index) && reverted < Some(index)
    }

    /// Checks that a committed entry with this id does not contradict the log.
    pub(super) fn check_committed(&self, id: LogId, local: &LocalIds) -> Result<(), Refusal> {
        let is_same = match (self.committed, local.get(&id.index)) {
            (Some(committed), _) if committed.index == id.index => committed == id,
            (_, Some(own)) => *own == id,
            // The entry was removed from the log after a snapshot.
            (committed, None) => Some(id) <= committed,
        };
        is_same.then_some(()).ok_or(Refusal::Rewrite)
    }

    /// Checks the metadata of a snapshot. Returns whether the snapshot is newer than this node's state.
    pub(super) fn check_snapshot(
        &self,
        vote: &Vote,
        meta: &SnapshotMeta,
        local: &LocalIds,
    ) -> Result<bool, Refusal> {
        let last = meta.last_log_id.ok_or(Refusal::Snapshot)?;
        let membership = &meta.last_membership;
        let since = membership.log_id().ok_or(Refusal::Membership)?;
        let is_ordered = since.index <= last.index && since <= last;
        if !is_ordered || last.leader_id > vote.leader_id {
            return Err(Refusal::Order);
        }
        let follows = self.vote.committed && self.vote.leader_id == vote.leader_id;
        let mut voters = membership.voter_ids();
        if !follows && !voters.any(|voter| voter == vote.leader_id.node_id) {
            return Err(Refusal::Membership);
        }
        if self.is_committed(last.index) {
            return self.check_committed(last, local).map(|()| false);
        }
        if self
            .committed
            .is_some_and(|own| own.leader_id > last.leader_id)
        {
            return Err(Refusal::Rewrite);
        }
        let contradicts = |own: &StoredMembership| {
            own.log_id() == membership.log_id() && own.membership() != membership.membership()
        };
        if self.memberships.iter().any(contradicts) {
            return Err(Refusal::Membership);
        }
        match (local.get(&last.index), local.last_key_value()) {
            (Some(own), _) if *own == last => Ok(true),
            (Some(own), _) if own.leader_id >= vote.leader_id => Err(Refusal::Rewrite),
            (Some(_), _) => {
                let first = self.committed_index().map_or(0, |index| index + 1);
                self.can_remove(first)
                    .then_some(true)
                    .ok_or(Refusal::Membership)
            }
            // openraft expects that a snapshot beyond the log is newer than the log.
            (None, Some((_, own))) if *own > last => Err(Refusal::Order),
            (None, _) => Ok(true),
        }
    }
}

/// Checks the memberships in a request before openraft adds missing nodes to them.
pub(super) fn check_memberships<'a>(
    memberships: impl IntoIterator<Item = &'a types::Membership>,
) -> Result<(), Refusal> {
    let is_usable = |membership: &types::Membership| {
        let mut sets = membership.configs.iter();
        let has_node = |voter: &types::NodeId| {
            let key = types::NodeKey::try_from(voter.to_string());
            key.is_ok_and(|key| membership.nodes.contains_key(&key))
        };
        let is_set = |set: &[types::NodeId]| {
            let mut voters = set.iter();
            !set.is_empty() && voters.all(|voter| voter.get() != 0 && has_node(voter))
        };
        !membership.configs.is_empty() && sets.all(|set| is_set(set))
    };
    let mut memberships = memberships.into_iter();
    memberships
        .all(is_usable)
        .then_some(())
        .ok_or(Refusal::Membership)
}

/// The last id of a message: its last entry, or the entry before its entries.
pub(super) fn end(request: &AppendEntriesRequest<TypeConfig>) -> Option<LogId> {
    let last = request.entries.last().map(|entry| entry.log_id);
    last.or(request.prev_log_id)
}
