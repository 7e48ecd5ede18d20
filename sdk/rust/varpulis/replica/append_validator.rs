//! Validation of the entries of a leader.

use openraft::raft::AppendEntriesRequest;

use super::known_state::{KnownState, LocalIds, end};
use super::refusal::Refusal;
use super::type_config::{LogId, TypeConfig};

type Request = AppendEntriesRequest<TypeConfig>;

/// All ids of a message in the order of the log.
fn ids(request: &Request) -> impl Iterator<Item = LogId> {
    let entries = request.entries.iter().map(|entry| entry.log_id);
    request.prev_log_id.into_iter().chain(entries)
}

/// Checks that the ids of a message can be ids of a single log: no gaps, no decreasing terms.
pub(super) fn check_order(request: &Request) -> Result<(), Refusal> {
    let first = request.entries.first().map(|entry| entry.log_id.index);
    if request.prev_log_id.is_none() && first.is_some_and(|first| first != 0) {
        return Err(Refusal::Order);
    }
    let follows = |(before, id): (LogId, LogId)| {
        id.index == before.index + 1 && id.leader_id >= before.leader_id
    };
    let is_chain = ids(request).zip(ids(request).skip(1)).all(follows);
    let latest = end(request).max(request.leader_commit);
    let is_of_leader = latest.is_none_or(|id| id.leader_id <= request.vote.leader_id);
    let is_consistent = request
        .leader_commit
        .is_none_or(|commit| ids(request).all(|id| id.index.cmp(&commit.index) == id.cmp(&commit)));
    let is_ordered = is_chain && is_of_leader && is_consistent;
    is_ordered.then_some(()).ok_or(Refusal::Order)
}

/// The indexes of this node's log that decide about a message: those of the message and the next, and the committed
/// index. `tail` is the last entry of the log, if it is known.
pub(super) fn needed_indexes(
    request: &Request,
    known: &KnownState,
    tail: Option<LogId>,
) -> Vec<std::ops::RangeInclusive<u64>> {
    let Some(end) = end(request) else {
        return Vec::new();
    };
    let mut needed = Vec::new();
    let first = ids(request).next().map_or(end.index, |first| first.index);
    if let Some(commit) = request.leader_commit
        && commit.index < first
        && !known.is_committed(commit.index)
        && !is_implied(commit, request, known)
    {
        needed.push(commit.index..=commit.index);
    }
    if tail.is_none() || tail != request.prev_log_id {
        needed.push(first..=end.index + 1);
    }
    needed
}

/// Checks a message against this node's log, and limits its committed entry to the entries that the message proves.
///
/// `local` contains the ids at [`needed_indexes`], as far as the log has such entries.
pub(super) fn check_log(
    request: &mut Request,
    known: &KnownState,
    local: &LocalIds,
) -> Result<(), Refusal> {
    for id in ids(request) {
        if known.is_committed(id.index) {
            known.check_committed(id, local)?;
            continue;
        }
        match local.get(&id.index) {
            Some(own) if *own == id => {}
            // A leader never changes its own entries.
            Some(own) if own.leader_id >= request.vote.leader_id => return Err(Refusal::Rewrite),
            Some(_) if !known.can_remove(id.index) => return Err(Refusal::Membership),
            // The later entries are removed with this entry.
            Some(_) => break,
            None => {}
        }
    }
    request.leader_commit = commit(request, known, local)?;
    Ok(())
}

/// The entry up to which the message proves that this node's log is committed.
fn commit(
    request: &Request,
    known: &KnownState,
    local: &LocalIds,
) -> Result<Option<LogId>, Refusal> {
    let (Some(commit), Some(end)) = (request.leader_commit, end(request)) else {
        return Ok(None);
    };
    if known.is_committed(commit.index) {
        let is_older = Some(commit) <= known.committed;
        return is_older.then_some(None).ok_or(Refusal::Rewrite);
    }
    if commit.index >= end.index {
        return Ok(Some(end));
    }
    if ids(request).any(|id| id == commit) || is_implied(commit, request, known) {
        return Ok(Some(commit));
    }
    // The entry is before the message. Without the entry, the node answers that it lacks `prev_log_id`.
    match local.get(&commit.index) {
        Some(own) if *own == commit => Ok(Some(commit)),
        _ => Ok(None),
    }
}

/// Whether `commit` lies between the last committed entry and the entry before the message, all of the same leader.
fn is_implied(commit: LogId, request: &Request, known: &KnownState) -> bool {
    let is_of_same_leader =
        |id: Option<LogId>| id.is_some_and(|id| id.leader_id == commit.leader_id);
    let is_before = request.prev_log_id > Some(commit);
    is_before && is_of_same_leader(request.prev_log_id) && is_of_same_leader(known.committed)
}
