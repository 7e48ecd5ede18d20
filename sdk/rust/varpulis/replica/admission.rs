//! Validates the messages of other nodes, and passes them to openraft.
//!
//! openraft trusts the other nodes: it stores any vote that is greater than its own, and panics at entries that no
//! leader sends. Any peer on the bus can send such messages. So each message is checked against the current state of
//! this node, and a refused message changes nothing. Messages are handled one at a time, so that the state does not
//! change between the check and its effect.

use std::fmt::{self, Display};
use std::io::Cursor;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use natsgen_runtime::{Limited, True};
use openraft::Snapshot;
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, VoteRequest, VoteResponse,
};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::append_validator::{check_log, check_order, needed_indexes};
use super::convert::Convert;
use super::identity::Identity;
use super::joiner::Joiner;
use super::known_state::{KnownState, LocalIds, check_memberships, end};
use super::log::Log;
use super::logged_command::{is_unknown_kind, read_logged};
use super::refusal::{Refusal, Refusals};
use super::snapshot_receiver::{Progress, SnapshotReceiver};
use super::state_machine::parse;
use super::type_config::{LogId, Raft, TypeConfig, Vote};
use super::unreadable::{Unreadable, UnreadableParts};
use crate::raft;
use crate::types::{ClusterId, EntryPayload, NodeId};

/// Validates messages of other nodes.
pub(super) struct Admission {
    identity: Arc<Identity>,
    joiner: Joiner,
    raft: Raft,
    log: Log,
    settings: AdmissionSettings,
    refusals: Refusals,
    /// The entries and snapshots that the node cannot read.
    unreadable: Arc<UnreadableParts>,
    state: Mutex<State>,
    /// The last message of a leader that was accepted.
    heard: std::sync::Mutex<Option<Instant>>,
}

/// The settings of an [`Admission`].
#[derive(Clone, Copy, Debug)]
pub(super) struct AdmissionSettings {
    /// The limit of bytes in a snapshot.
    pub(super) max_snapshot: usize,
    /// Whether messages without a cluster id are accepted.
    pub(super) accepts_unidentified: bool,
}

#[derive(Debug, Default)]
struct State {
    /// The last entry of the log, while this node follows the leader of the vote.
    tail: Option<(Vote, LogId)>,
    receiver: SnapshotReceiver,
}

/// The reply to a piece of a snapshot.
#[derive(Debug)]
pub(super) enum PieceReply {
    /// The greatest vote that this node knows.
    Vote(Vote),
    /// The piece at this offset does not continue a snapshot.
    Mismatch(u64),
}

/// Why a message had no effect.
#[derive(Debug)]
pub(super) enum Rejection {
    /// The message was refused.
    Refused(Refusal),
    /// The message was refused, because this node cannot read a part of it.
    Unreadable(Refusal, Unreadable),
    /// The node has stopped, or its store failed.
    Stopped(String),
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Unreadable(_, part) => part.fmt(f),
            Self::Stopped(reason) => f.write_str(reason),
        }
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Admission {
    pub(super) fn new(
        identity: Arc<Identity>,
        joiner: Joiner,
        raft: Raft,
        log: Log,
        unreadable: Arc<UnreadableParts>,
        settings: AdmissionSettings,
    ) -> Self {
        Self {
            identity,
            joiner,
            raft,
            log,
            settings,
            refusals: Refusals::default(),
            unreadable,
            state: Mutex::default(),
            heard: std::sync::Mutex::default(),
        }
    }

    /// The refused messages.
    pub(super) fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// The entries and snapshots that the node cannot read.
    pub(super) fn unreadable(&self) -> &UnreadableParts {
        &self.unreadable
    }

    /// The time since the last accepted message of a leader.
    pub(super) fn leader_silence(&self) -> Option<Duration> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.map(|last| last.elapsed())
    }

    /// Handles new entries of a leader, or its heartbeat.
    pub(super) async fn append(
        &self,
        request: raft::AppendRequest,
    ) -> Result<AppendEntriesResponse<u64>, Rejection> {
        let sender = request.vote.leader_id.node_id.get();
        let reply = self.try_append(request).await;
        self.count(reply, sender)
    }

    /// Handles a candidate's request for a vote.
    pub(super) async fn vote(
        &self,
        request: raft::VoteRequest,
    ) -> Result<VoteResponse<u64>, Rejection> {
        let sender = request.vote.leader_id.node_id.get();
        let reply = self.try_vote(request).await;
        self.count(reply, sender)
    }

    /// Handles a piece of a snapshot.
    pub(super) async fn snapshot(
        &self,
        request: raft::SnapshotRequest,
    ) -> Result<PieceReply, Rejection> {
        let sender = request.vote.leader_id.node_id.get();
        let reply = self.try_snapshot(request).await;
        self.count(reply, sender)
    }

    fn count<T>(&self, reply: Result<T, Rejection>, sender: u64) -> Result<T, Rejection> {
        match &reply {
            Err(Rejection::Refused(refusal)) => self.refusals.add(*refusal, sender),
            Err(Rejection::Unreadable(refusal, part)) => {
                self.refusals.add(*refusal, sender);
                self.unreadable.block(part.clone());
            }
            Ok(_) | Err(Rejection::Stopped(_)) => {}
        }
        reply
    }

    fn record_leader(&self) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        *heard = Some(Instant::now());
    }

    async fn known(&self) -> Result<KnownState, Rejection> {
        let known = KnownState::read(&self.raft, self.identity.node().get()).await;
        known.map_err(stopped)
    }

    /// The state of the node for a node that asks. If that node founds a cluster and this node is in no cluster yet, this
    /// node will accept only that cluster.
    pub(super) async fn status(
        &self,
        founds: Option<ClusterId>,
    ) -> Result<raft::StatusReply, Rejection> {
        // A message that arrives meanwhile waits.
        let _state = self.state.lock().await;
        let known = self.known().await?;
        if let Some(cluster) = founds
            && known.is_empty()
        {
            self.identity.join(cluster).await.map_err(stopped)?;
        }
        let [voters, learners] = known.voters_and_learners();
        let voters = Limited::new(voters).map_err(stopped)?;
        let learners = Limited::new(learners).map_err(stopped)?;
        let process = self.identity.process();
        let mut reply = raft::StatusReply::new(process, known.is_empty(), voters, learners);
        reply.cluster_id = self.identity.cluster();
        reply.batches = Some(True);
        Ok(reply)
    }

    /// Checks the cluster of a message. Returns whether the node accepts a sender that is not in its membership: the
    /// sender names the cluster, and no leader is heard.
    fn check_cluster(
        &self,
        known: &KnownState,
        given: Option<&ClusterId>,
        sender: NodeId,
    ) -> Result<bool, Refusal> {
        match (self.identity.cluster(), given) {
            (Some(own), Some(given)) if own == *given => Ok(self.is_without_leader()),
            (_, None) if self.settings.accepts_unidentified => Ok(false),
            // A cluster of nodes that know no cluster ids.
            (None, None) if !known.is_empty() => Ok(false),
            (None, Some(given)) if known.is_empty() => {
                self.joiner.ask(sender, given.clone());
                Err(Refusal::Unverified)
            }
            _ => Err(Refusal::Cluster),
        }
    }

    /// Whether the node hears no leader, and leads no majority.
    fn is_without_leader(&self) -> bool {
        let lease = Duration::from_millis(self.raft.config().election_timeout_max);
        let metrics = self.raft.metrics();
        let metrics = metrics.borrow();
        let silence = if metrics.state.is_leader() {
            metrics.millis_since_quorum_ack.map(Duration::from_millis)
        } else {
            self.leader_silence()
        };
        silence.is_none_or(|silence| silence > lease)
    }

    /// Checks the cluster of a request to the leader, which names no cluster if its sender is no node.
    pub(super) fn check_caller(&self, given: Option<&ClusterId>) -> Result<(), Refusal> {
        let own = self.identity.cluster();
        let is_foreign = given.is_some_and(|given| own.as_ref().is_some_and(|own| own != given));
        if !is_foreign {
            return Ok(());
        }
        self.refusals.add(Refusal::Cluster, 0);
        Err(Refusal::Cluster)
    }

    async fn try_append(
        &self,
        request: raft::AppendRequest,
    ) -> Result<AppendEntriesResponse<u64>, Rejection> {
        let (sender, cluster) = (request.vote.leader_id.node_id, request.cluster_id.clone());
        let payloads = request.entries.iter().map(|entry| &entry.payload);
        check_memberships(payloads.filter_map(|payload| match payload {
            EntryPayload::Membership(membership) => Some(membership),
            _ => None,
        }))?;
        let mut request = AppendEntriesRequest::from_wire(request).map_err(stopped)?;
        check_order(&request)?;
        let mut state = self.state.lock().await;
        let known = self.known().await?;
        let trusts = self.check_cluster(&known, cluster.as_ref(), sender)?;
        known.check_leader(&request.vote, trusts)?;
        if request.vote < known.vote {
            return self.raft.append_entries(request).await.map_err(stopped);
        }
        let follows = |tail: &(Vote, LogId)| tail.0 == known.vote && tail.0 == request.vote;
        let tail = state.tail.take_if(|tail| follows(tail)).map(|tail| tail.1);
        let needed = needed_indexes(&request, &known, tail);
        check_commands(&request)?;
        let local = if needed.is_empty() {
            LocalIds::new()
        } else {
            self.log.ids(needed).await.map_err(stopped)?
        };
        check_log(&mut request, &known, &local)?;
        let next_tail = next_tail(&request, tail, &local);
        let vote = request.vote;
        let has_entries = !request.entries.is_empty();
        let reply = self.raft.append_entries(request).await.map_err(stopped)?;
        if has_entries && matches!(reply, AppendEntriesResponse::Success) {
            self.unreadable.unblock();
        }
        if !matches!(reply, AppendEntriesResponse::HigherVote(_)) {
            self.record_leader();
            state.receiver.retain(&vote);
        }
        state.tail = match reply {
            AppendEntriesResponse::Success => next_tail.map(|tail| (vote, tail)),
            _ => None,
        };
        Ok(reply)
    }

    async fn try_vote(&self, request: raft::VoteRequest) -> Result<VoteResponse<u64>, Rejection> {
        let (sender, cluster) = (request.vote.leader_id.node_id, request.cluster_id.clone());
        let request = VoteRequest::from_wire(request).map_err(stopped)?;
        let mut state = self.state.lock().await;
        let known = self.known().await?;
        let trusts = self.check_cluster(&known, cluster.as_ref(), sender)?;
        known.check_candidate(&request.vote, request.last_log_id, trusts)?;
        state.tail = None;
        self.raft.vote(request).await.map_err(stopped)
    }

    async fn try_snapshot(&self, request: raft::SnapshotRequest) -> Result<PieceReply, Rejection> {
        let (sender, cluster) = (request.vote.leader_id.node_id, request.cluster_id.clone());
        check_memberships([&request.meta.last_membership.membership])?;
        let request = InstallSnapshotRequest::from_wire(request).map_err(stopped)?;
        let (vote, meta, offset) = (request.vote, request.meta.clone(), request.offset);
        let mut state = self.state.lock().await;
        let known = self.known().await?;
        let trusts = self.check_cluster(&known, cluster.as_ref(), sender)?;
        known.check_leader(&vote, trusts)?;
        if vote < known.vote {
            return Ok(PieceReply::Vote(known.vote));
        }
        let local = self.ids_at_snapshot(meta.last_log_id).await?;
        if !known.check_snapshot(&vote, &meta, &local)? {
            return Ok(PieceReply::Vote(vote));
        }
        let bytes = match state.receiver.add(request, self.settings.max_snapshot) {
            Progress::Partial => return Ok(PieceReply::Vote(vote)),
            Progress::Complete(bytes) => bytes,
            Progress::Mismatch => return Ok(PieceReply::Mismatch(offset)),
            Progress::TooLarge => return Err(Refusal::Snapshot.into()),
        };
        let unreadable = |reason: String| {
            let part = Unreadable::snapshot(&meta.snapshot_id, reason);
            Rejection::Unreadable(Refusal::Snapshot, part)
        };
        let (_, bytes) = parse(bytes)
            .await
            .map_err(|error| unreadable(error.to_string()))?;
        state.tail = None;
        let snapshot = Snapshot {
            meta,
            snapshot: Box::new(Cursor::new(bytes)),
        };
        let reply = self.raft.install_full_snapshot(vote, snapshot).await;
        self.record_leader();
        self.unreadable.unblock();
        Ok(PieceReply::Vote(reply.map_err(stopped)?.vote))
    }

    /// The id of this node's entry at the end of the snapshot, and of its last entry.
    async fn ids_at_snapshot(&self, last: Option<LogId>) -> Result<LocalIds, Rejection> {
        let index = last.ok_or(Refusal::Snapshot)?.index;
        let ids = self.log.ids(vec![index..=index]).await;
        let mut ids = ids.map_err(stopped)?;
        let last = self.log.last().await.map_err(stopped)?;
        ids.extend(last.map(|last| (last.index, last)));
        Ok(ids)
    }
}

/// Refuses entries with commands that this version does not know.
fn check_commands(request: &AppendEntriesRequest<TypeConfig>) -> Result<(), Rejection> {
    for entry in &request.entries {
        let openraft::EntryPayload::Normal(commands) = &entry.payload else {
            continue;
        };
        for error in commands
            .iter()
            .filter_map(|command| read_logged(command).err())
        {
            if is_unknown_kind(&error) {
                let part = Unreadable::entry(entry.log_id.index, error);
                return Err(Rejection::Unreadable(Refusal::Entry, part));
            }
        }
    }
    Ok(())
}

/// The last entry of the log after a successful message, if the message tells.
fn next_tail(
    request: &AppendEntriesRequest<TypeConfig>,
    tail: Option<LogId>,
    local: &LocalIds,
) -> Option<LogId> {
    let end = end(request)?;
    let continues = tail.is_some() && tail == request.prev_log_id;
    let replaces = local.get(&end.index).is_some_and(|own| *own != end);
    let is_last = continues || replaces || !local.contains_key(&(end.index + 1));
    is_last.then_some(end)
}

fn stopped<E: Display>(error: E) -> Rejection {
    Rejection::Stopped(error.to_string())
}
