//! Validates the replies of other nodes before openraft sees them.
//!
//! openraft adopts the vote of a reply, and panics at a reply that no node gives. A peer that answers in the place of a
//! node can send such replies.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use openraft::LeaderId;
use openraft::raft::{AppendEntriesRequest, AppendEntriesResponse};

use super::bounds::is_acceptable_term;
use super::type_config::{LogId, TypeConfig, Vote};

/// Validates replies. Clones share what they know about the other nodes.
#[derive(Clone, Debug)]
pub(super) struct ReplyValidator {
    node: u64,
    /// The last entry that a node has confirmed to this node, in its last leadership.
    confirmed: Arc<Mutex<HashMap<u64, Confirmed>>>,
}

/// The leadership of this node, and an entry that another node has confirmed in it.
type Confirmed = (LeaderId<u64>, LogId);

/// The part of an append request that its reply is checked against.
#[derive(Debug)]
pub(super) struct Sent {
    vote: Vote,
    prev: Option<LogId>,
    ids: Vec<LogId>,
}

/// A reply that the other node cannot have given, or that shows that the node has lost its store.
#[derive(Debug)]
pub(super) struct InvalidReply(&'static str);

impl Sent {
    pub(super) fn of(request: &AppendEntriesRequest<TypeConfig>) -> Self {
        Self {
            vote: request.vote,
            prev: request.prev_log_id,
            ids: request.entries.iter().map(|entry| entry.log_id).collect(),
        }
    }

    fn end(&self) -> Option<LogId> {
        self.ids.last().copied().or(self.prev)
    }
}

impl ReplyValidator {
    pub(super) fn new(node: u64) -> Self {
        Self {
            node,
            confirmed: Arc::default(),
        }
    }

    /// Checks a vote in a reply to a message with the vote `sent`.
    pub(super) fn check_vote(&self, vote: &Vote, sent: &Vote) -> Result<(), InvalidReply> {
        if *vote <= *sent {
            return Ok(());
        }
        // A node learns of its own leadership from no other node.
        if vote.leader_id.node_id == self.node {
            return Err(InvalidReply("its vote names the node that asked"));
        }
        if !is_acceptable_term(vote.leader_id.term, sent.leader_id.term) {
            return Err(InvalidReply("its term is too far ahead"));
        }
        Ok(())
    }

    /// Checks the reply of node `target` to an append request.
    pub(super) fn check_append(
        &self,
        target: u64,
        sent: &Sent,
        reply: &AppendEntriesResponse<u64>,
    ) -> Result<(), InvalidReply> {
        let mut confirmed = self
            .confirmed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known = confirmed.get(&target).copied();
        let known = known.filter(|(leader, _)| *leader == sent.vote.leader_id);
        let known = known.map(|(_, id)| id);
        let last = match reply {
            AppendEntriesResponse::Success => sent.end(),
            AppendEntriesResponse::PartialSuccess(last) => {
                let is_sent = *last == sent.prev || sent.ids.iter().any(|id| Some(*id) == *last);
                if last.is_none() || !is_sent {
                    return Err(InvalidReply("it confirms entries that were not sent"));
                }
                *last
            }
            AppendEntriesResponse::Conflict if sent.prev.is_none() => {
                return Err(InvalidReply("nothing precedes the first entry"));
            }
            AppendEntriesResponse::Conflict if sent.prev <= known => {
                return Err(InvalidReply("it lacks entries that it has confirmed"));
            }
            AppendEntriesResponse::Conflict => None,
            AppendEntriesResponse::HigherVote(vote) if *vote <= sent.vote => {
                return Err(InvalidReply("its vote is not greater"));
            }
            AppendEntriesResponse::HigherVote(vote) => {
                self.check_vote(vote, &sent.vote)?;
                None
            }
        };
        if let Some(last) = last.max(known) {
            confirmed.insert(target, (sent.vote.leader_id, last));
        }
        Ok(())
    }
}

impl fmt::Display for InvalidReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the reply is not possible: {}", self.0)
    }
}

impl Error for InvalidReply {}
