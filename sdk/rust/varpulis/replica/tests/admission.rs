//! Messages and replies against a known state.

use std::collections::BTreeMap;

use openraft::raft::{AppendEntriesRequest, AppendEntriesResponse};
use openraft::{BasicNode, EntryPayload, LeaderId};

use crate::replica::append_validator::{check_log, check_order, needed_indexes};
use crate::replica::bounds::{MAX_NUMBER, MAX_TERM_STEP, is_acceptable_term};
use crate::replica::known_state::{KnownState, LocalIds};
use crate::replica::refusal::Refusal;
use crate::replica::reply_validator::{ReplyValidator, Sent};
use crate::replica::type_config::{Entry, LogId, Membership, StoredMembership, TypeConfig, Vote};

fn id(term: u64, node: u64, index: u64) -> LogId {
    LogId::new(LeaderId::new(term, node), index)
}

fn append(
    vote: Vote,
    prev: Option<LogId>,
    ids: &[LogId],
    commit: Option<LogId>,
) -> AppendEntriesRequest<TypeConfig> {
    let entries = ids.iter().map(|id| Entry {
        log_id: *id,
        payload: EntryPayload::Blank,
    });
    AppendEntriesRequest {
        vote,
        prev_log_id: prev,
        entries: entries.collect(),
        leader_commit: commit,
    }
}

fn stored(since: Option<LogId>, voters: &[u64]) -> StoredMembership {
    let voters = voters.iter().copied().collect();
    let nodes: BTreeMap<u64, BasicNode> = BTreeMap::new();
    StoredMembership::new(since, Membership::new(vec![voters], nodes))
}

/// Node 1 follows node 2 in term 3. Entries up to 4 are committed.
fn known() -> KnownState {
    let membership = stored(Some(id(0, 0, 0)), &[1, 2, 3]);
    KnownState {
        node: 1,
        vote: Vote::new_committed(3, 2),
        committed: Some(id(3, 2, 4)),
        memberships: [membership.clone(), membership],
    }
}

/// The log of node 1: two terms, and two entries that are not committed.
fn local() -> LocalIds {
    let ids = [
        id(0, 0, 0),
        id(1, 1, 1),
        id(1, 1, 2),
        id(3, 2, 3),
        id(3, 2, 4),
    ];
    let ids = ids.into_iter().chain([id(3, 2, 5), id(3, 2, 6)]);
    ids.map(|id| (id.index, id)).collect()
}

fn checked(mut request: AppendEntriesRequest<TypeConfig>) -> Result<Option<LogId>, Refusal> {
    check_order(&request)?;
    let known = known();
    known.check_leader(&request.vote, false)?;
    let needed = needed_indexes(&request, &known, None);
    let is_needed = |index: &u64| needed.iter().any(|range| range.contains(index));
    let local = local();
    let local = local.into_iter().filter(|(index, _)| is_needed(index));
    check_log(&mut request, &known, &local.collect())?;
    Ok(request.leader_commit)
}

#[test]
fn append_of_the_current_leader_is_accepted() {
    let vote = Vote::new_committed(3, 2);
    let next = id(3, 2, 7);
    let accepted = checked(append(vote, Some(id(3, 2, 6)), &[next], Some(id(3, 2, 6))));
    assert_eq!(accepted, Ok(Some(id(3, 2, 6))));
    // A repeated message, and a message that begins far back.
    let all: Vec<_> = local().into_values().collect();
    let accepted = checked(append(vote, None, &all, Some(id(3, 2, 5))));
    assert_eq!(accepted, Ok(Some(id(3, 2, 5))));
    let accepted = checked(append(vote, Some(all[2]), &all[3..], Some(all[1])));
    assert_eq!(accepted, Ok(None), "committed entries have no effect");
}

#[test]
fn append_of_a_new_leader_replaces_uncommitted_entries() {
    let vote = Vote::new_committed(4, 3);
    let accepted = checked(append(vote, Some(id(3, 2, 4)), &[id(4, 3, 5)], None));
    assert_eq!(accepted, Ok(None));
    let missing = append(vote, Some(id(4, 3, 20)), &[], Some(id(4, 3, 20)));
    assert_eq!(checked(missing), Ok(Some(id(4, 3, 20))));
}

#[test]
fn append_commit_beyond_its_entries_is_limited() {
    let vote = Vote::new_committed(3, 2);
    let far = id(3, 2, MAX_NUMBER);
    let accepted = checked(append(vote, Some(id(3, 2, 5)), &[], Some(far)));
    assert_eq!(accepted, Ok(Some(id(3, 2, 5))));
    assert_eq!(checked(append(vote, None, &[], Some(far))), Ok(None));
}

#[test]
fn append_against_the_committed_log_is_refused() {
    let (new, current) = (Vote::new_committed(4, 3), Vote::new_committed(3, 2));
    for (request, refusal) in [
        (append(new, Some(id(2, 2, 4)), &[], None), Refusal::Rewrite),
        (append(new, Some(id(4, 3, 2)), &[], None), Refusal::Rewrite),
        (
            append(new, Some(id(1, 1, 2)), &[id(2, 2, 3)], None),
            Refusal::Rewrite,
        ),
        (
            append(new, None, &[id(0, 0, 0), id(4, 3, 1)], None),
            Refusal::Rewrite,
        ),
        // The leader of term 3 changes its own entry.
        (
            append(current, Some(id(3, 2, 4)), &[id(3, 1, 5)], None),
            Refusal::Order,
        ),
        (
            append(current, Some(id(2, 1, 6)), &[], None),
            Refusal::Rewrite,
        ),
        (
            append(new, Some(id(3, 2, 6)), &[], Some(id(4, 3, 3))),
            Refusal::Order,
        ),
    ] {
        let text = format!("{request:?}");
        assert_eq!(checked(request), Err(refusal), "{text}");
    }
}

#[test]
fn term_beyond_the_bounds_is_refused() {
    assert!(is_acceptable_term(MAX_TERM_STEP + 5, 5));
    assert!(!is_acceptable_term(MAX_TERM_STEP + 6, 5));
    assert!(!is_acceptable_term(MAX_NUMBER, MAX_NUMBER - 1));
    assert!(is_acceptable_term(MAX_NUMBER >> 1, MAX_NUMBER >> 1));
}

#[test]
fn impossible_replies_are_refused() {
    let validator = ReplyValidator::new(1);
    let sent = Vote::new_committed(3, 1);
    for vote in [Vote::new_committed(9, 1), Vote::new(MAX_NUMBER, 2)] {
        validator.check_vote(&vote, &sent).unwrap_err();
    }
    validator.check_vote(&Vote::new(4, 2), &sent).unwrap();
    let request = append(sent, Some(id(3, 1, 4)), &[id(3, 1, 5)], None);
    let check = |reply| validator.check_append(2, &Sent::of(&request), &reply);
    check(AppendEntriesResponse::Conflict).unwrap();
    for reply in [
        AppendEntriesResponse::PartialSuccess(None),
        AppendEntriesResponse::PartialSuccess(Some(id(3, 1, 6))),
        AppendEntriesResponse::HigherVote(Vote::new(2, 2)),
        AppendEntriesResponse::HigherVote(Vote::new_committed(4, 1)),
    ] {
        check(reply).unwrap_err();
    }
    check(AppendEntriesResponse::Success).unwrap();
    // The node has lost an entry that it had confirmed.
    check(AppendEntriesResponse::Conflict).unwrap_err();
    let probe = append(sent, None, &[], None);
    let lost = AppendEntriesResponse::Conflict;
    validator
        .check_append(3, &Sent::of(&probe), &lost)
        .unwrap_err();
}
