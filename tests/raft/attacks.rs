//! Messages that no node of the cluster sends. Each is refused, and changes nothing.

use std::collections::BTreeMap;

use natsgen_runtime::{CallError, Fault, Limited, Ranged};
use varpulis_sdk::raft::{
    AppendFault, AppendReply, AppendRequest, RaftClient, SnapshotFault, SnapshotReply,
    SnapshotRequest, StatusRequest, VoteFault, VoteReply, VoteRequest,
};
use varpulis_sdk::replica::Refusal;
use varpulis_sdk::types::{
    ClusterId, EntryPayload, LeaderId, LogEntry, LogId, Membership, NodeInstance, NodeKey,
    NodeProcess, RaftVote, SnapshotMeta, StoredMembership,
};

use crate::cluster::{Cluster, Network, address, deploy, node, over_both_networks, set};

over_both_networks! {
    attack_huge_term_is_refused_and_not_stored
    attack_foreign_sender_is_refused
    attack_impossible_entries_are_refused
    attack_unknown_command_is_named_in_the_health
    attack_foreign_snapshot_is_refused
    attack_unreadable_snapshot_is_not_stored
    attack_snapshot_pieces_stay_within_the_limit
    attack_false_duplicate_ends_no_node
}

/// The greatest number that the schema allows.
const MAX: u64 = (1 << 53) - 1;

/// A peer that is no node, but may send any message.
struct Attacker {
    client: RaftClient,
    /// The id of the attacked cluster, as any peer on the bus can read it.
    cluster: Option<ClusterId>,
}

impl Attacker {
    async fn new(cluster: &Cluster) -> Self {
        let (connection, _) = cluster.network.connect().await;
        Self {
            client: RaftClient::new(&connection),
            cluster: cluster.nodes[&1].cluster(),
        }
    }

    async fn append(
        &self,
        target: u64,
        mut request: AppendRequest,
    ) -> Result<AppendReply, CallError<AppendFault>> {
        request.cluster_id.clone_from(&self.cluster);
        self.client.append(node(target), &request).await
    }

    async fn vote(
        &self,
        target: u64,
        mut request: VoteRequest,
    ) -> Result<VoteReply, CallError<VoteFault>> {
        request.cluster_id.clone_from(&self.cluster);
        self.client.vote(node(target), &request).await
    }

    async fn snapshot(
        &self,
        target: u64,
        request: &SnapshotRequest,
    ) -> Result<SnapshotReply, CallError<SnapshotFault>> {
        let mut request = request.clone();
        request.cluster_id.clone_from(&self.cluster);
        self.client.snapshot(node(target), &request).await
    }
}

fn leadership(term: u64, id: u64) -> LeaderId {
    LeaderId::new(Ranged::new(term).unwrap(), node(id))
}

fn vote(term: u64, id: u64, committed: bool) -> RaftVote {
    RaftVote::new(leadership(term, id), committed)
}

fn log_id(term: u64, id: u64, index: u64) -> LogId {
    LogId::new(leadership(term, id), Ranged::new(index).unwrap())
}

fn entry(log_id: LogId, payload: EntryPayload) -> LogEntry {
    LogEntry::new(log_id, payload)
}

fn append(vote: RaftVote, prev: Option<LogId>, entries: Vec<LogEntry>) -> AppendRequest {
    AppendRequest::new(vote, prev, Limited::new(entries).unwrap(), None)
}

fn membership(voters: &[u64], nodes: &[u64]) -> Membership {
    let voters = voters.iter().map(|id| node(*id)).collect();
    let nodes = nodes.iter().map(|id| {
        let key = NodeKey::try_from(id.to_string()).unwrap();
        (key, address(*id))
    });
    let nodes: BTreeMap<_, _> = nodes.collect();
    Membership::new(
        Limited::new(vec![Limited::new(voters).unwrap()]).unwrap(),
        Limited::new(nodes).unwrap(),
    )
}

fn snapshot(vote: RaftVote, last: LogId, voters: &[u64], data: &[u8]) -> SnapshotRequest {
    let since = log_id(0, 0, 0);
    let stored = StoredMembership::new(Some(since), membership(voters, voters));
    let id = "attack".try_into().unwrap();
    let meta = SnapshotMeta::new(Some(last), stored, id);
    let data = Limited::new(data.to_vec()).unwrap();
    SnapshotRequest::new(vote, meta, Ranged::new(0).unwrap(), data, true)
}

fn assert_refused<T: std::fmt::Debug, F: Fault + std::fmt::Debug>(
    reply: Result<T, CallError<F>>,
    refusal: Refusal,
) {
    let error = reply.expect_err("a refusal");
    let fault = error.fault().expect("a fault");
    assert_eq!(fault.kind().code, "raft_refused");
    let detail = fault.detail();
    assert!(detail.starts_with(&refusal.to_string()), "{detail}");
}

/// The state that an attack must not change: the term, the registry and the health.
async fn assert_unharmed(cluster: &mut Cluster, term: u64, refused: Refusal) {
    let all = cluster.ids();
    let index = cluster.write(&all, &set("after")).await;
    let registry = cluster.assert_agreed(&all, index).await;
    assert!(registry.groups().contains_key("g"), "the registry is kept");
    let mut count = 0;
    for id in &all {
        let health = cluster.nodes[id].health();
        assert_eq!(health.failure, None);
        // The machine may be so busy that a leader is replaced meanwhile.
        assert!(health.term < term + 100, "node {id}: {health:?}");
        count += health.refused.get(&refused).copied().unwrap_or_default();
    }
    assert!(count > 0, "refusals are counted");
    cluster.stop_all().await;
    for id in &all {
        cluster.start(*id).await;
    }
    let index = cluster.write(&all, &set("again")).await;
    cluster.assert_agreed(&all, index).await;
    cluster.stop_all().await;
}

/// A cluster with a group `g` in its registry, and its term.
async fn attacked(network: Network, count: u64) -> (Cluster, Attacker, u64) {
    let cluster = Cluster::founded(network, count).await;
    let all = cluster.ids();
    let index = cluster.write(&all, &deploy("g", 10)).await;
    cluster.assert_agreed(&all, index).await;
    let leader = cluster.leader(&all).await;
    let term = cluster.nodes[&leader].health().term;
    let attacker = Attacker::new(&cluster).await;
    (cluster, attacker, term)
}

async fn attack_huge_term_is_refused_and_not_stored(network: Network) {
    let (mut cluster, attacker, term) = attacked(network, 3).await;
    for target in cluster.ids() {
        let sender = target % 3 + 1;
        for huge in [term + (1 << 25), MAX - 1, MAX] {
            let request = append(vote(huge, sender, true), None, Vec::new());
            let reply = attacker.append(target, request).await;
            assert_refused(reply, Refusal::Term);
            let request = VoteRequest::new(vote(huge, sender, false), None);
            let reply = attacker.vote(target, request).await;
            assert_refused(reply, Refusal::Term);
        }
    }
    assert_unharmed(&mut cluster, term, Refusal::Term).await;
}

async fn attack_foreign_sender_is_refused(network: Network) {
    let (mut cluster, attacker, term) = attacked(network, 3).await;
    for target in cluster.ids() {
        for sender in [0, target, 4, MAX] {
            let request = append(vote(term + 1, sender, true), None, Vec::new());
            let reply = attacker.append(target, request).await;
            assert_refused(reply, Refusal::Sender);
            let request = VoteRequest::new(vote(term + 1, sender, false), None);
            let reply = attacker.vote(target, request).await;
            assert_refused(reply, Refusal::Sender);
        }
        let request = append(vote(term + 1, target % 3 + 1, false), None, Vec::new());
        let reply = attacker.append(target, request).await;
        assert_refused(reply, Refusal::Vote);
        let request = VoteRequest::new(vote(term + 1, target % 3 + 1, true), None);
        let reply = attacker.vote(target, request).await;
        assert_refused(reply, Refusal::Vote);
    }
    assert_unharmed(&mut cluster, term, Refusal::Sender).await;
}

async fn attack_impossible_entries_are_refused(network: Network) {
    let (mut cluster, attacker, term) = attacked(network, 3).await;
    let blank = |id| entry(id, EntryPayload::Blank);
    for target in cluster.ids() {
        let sender = target % 3 + 1;
        let leads = || vote(term + 1, sender, true);
        let at = |index| log_id(term + 1, sender, index);
        let gap = vec![blank(at(5)), blank(at(7))];
        let falling = vec![blank(at(5)), blank(log_id(term, 1, 6))];
        let later = vec![blank(log_id(term + 2, sender, 5))];
        for (prev, entries) in [
            (Some(at(4)), gap),
            (Some(at(4)), falling),
            (Some(at(4)), later),
            (Some(at(4)), vec![blank(at(4))]),
            (Some(at(4)), vec![blank(at(MAX))]),
            (None, vec![blank(at(1))]),
        ] {
            let request = append(leads(), prev, entries);
            let reply = attacker.append(target, request).await;
            assert_refused(reply, Refusal::Order);
        }
        for prev in [at(0), at(1)] {
            let request = append(leads(), Some(prev), Vec::new());
            let reply = attacker.append(target, request).await;
            assert_refused(reply, Refusal::Rewrite);
        }
        let request = append(leads(), None, vec![blank(at(0))]);
        let reply = attacker.append(target, request).await;
        assert_refused(reply, Refusal::Rewrite);
        for (voters, nodes) in [(&[][..], &[1][..]), (&[1, 2], &[1]), (&[0], &[0])] {
            let payload = EntryPayload::Membership(membership(voters, nodes));
            let request = append(leads(), Some(at(4)), vec![entry(at(5), payload)]);
            let reply = attacker.append(target, request).await;
            assert_refused(reply, Refusal::Membership);
        }
    }
    assert_unharmed(&mut cluster, term, Refusal::Rewrite).await;
}

async fn attack_foreign_snapshot_is_refused(network: Network) {
    let (mut cluster, attacker, term) = attacked(network, 3).await;
    for target in cluster.ids() {
        let sender = target % 3 + 1;
        let leads = || vote(term + 1, sender, true);
        let last = log_id(term + 1, sender, 1_000);
        let request = snapshot(leads(), last.clone(), &[9], b"");
        let reply = attacker.snapshot(target, &request).await;
        assert_refused(reply, Refusal::Membership);
        let request = snapshot(vote(term + 1, 9, true), last, &[9], b"");
        let reply = attacker.snapshot(target, &request).await;
        assert_refused(reply, Refusal::Sender);
        let mut request = snapshot(leads(), log_id(term + 1, sender, 1), &[1, 2, 3], b"");
        let reply = attacker.snapshot(target, &request).await;
        assert_refused(reply, Refusal::Rewrite);
        request.meta.last_log_id = None;
        let reply = attacker.snapshot(target, &request).await;
        assert_refused(reply, Refusal::Snapshot);
    }
    assert_unharmed(&mut cluster, term, Refusal::Membership).await;
}

async fn attack_unknown_command_is_named_in_the_health(network: Network) {
    let (mut cluster, attacker, term) = attacked(network, 3).await;
    for target in cluster.ids() {
        let sender = target % 3 + 1;
        let at = |index| log_id(term + 1, sender, index);
        let command = r#"{"Unheard":{}}"#.parse().unwrap();
        let entries = vec![entry(at(1_001), EntryPayload::Normal(command))];
        let request = append(vote(term + 1, sender, true), Some(at(1_000)), entries);
        assert_refused(attacker.append(target, request).await, Refusal::Entry);
        let unreadable = cluster.nodes[&target].health().unreadable.unwrap();
        let text = unreadable.to_string();
        assert!(text.starts_with("cannot read entry 1001: "), "{text}");
    }
    assert_unharmed(&mut cluster, term, Refusal::Entry).await;
}

async fn attack_unreadable_snapshot_is_not_stored(network: Network) {
    let (mut cluster, attacker, term) = attacked(network, 3).await;
    for target in cluster.ids() {
        let sender = target % 3 + 1;
        let last = log_id(term + 1, sender, 1_000);
        for data in [&b"no command"[..], b"{}", b"\xff", b"\n\n\0"] {
            let vote = vote(term + 1, sender, true);
            let request = snapshot(vote, last.clone(), &[1, 2, 3], data);
            let reply = attacker.snapshot(target, &request).await;
            assert_refused(reply, Refusal::Snapshot);
        }
    }
    assert_unharmed(&mut cluster, term, Refusal::Snapshot).await;
}

async fn attack_snapshot_pieces_stay_within_the_limit(network: Network) {
    let limit = 100_000;
    let mut cluster = Cluster::new(network).max_snapshot(limit);
    cluster.found(3).await;
    let all = cluster.ids();
    cluster.write(&all, &deploy("g", 10)).await;
    let leader = cluster.leader(&all).await;
    let term = cluster.nodes[&leader].health().term;
    let attacker = Attacker::new(&cluster).await;
    let leads = || vote(term + 1, 2, true);
    let last = log_id(term + 1, 2, 1_000);
    let mut request = snapshot(leads(), last, &[1, 2, 3], &vec![b'\n'; 1_000]);
    request.done = false;
    for offset in [1, 770_000_000, MAX - 1_000, MAX] {
        request.offset = Ranged::new(offset).unwrap();
        let reply = attacker.snapshot(1, &request).await;
        let error = reply.unwrap_err();
        let code = error.fault().map(|fault| fault.kind().code);
        assert_eq!(code, Some("snapshot_mismatch"), "{error:?}");
    }
    for offset in (0..limit as u64).step_by(1_000) {
        request.offset = Ranged::new(offset).unwrap();
        attacker.snapshot(1, &request).await.unwrap();
    }
    request.offset = Ranged::new(limit as u64).unwrap();
    let reply = attacker.snapshot(1, &request).await;
    assert_refused(reply, Refusal::Snapshot);
    assert_unharmed(&mut cluster, term, Refusal::Snapshot).await;
}

/// A request names an earlier process with the number of the node that receives it.
async fn attack_false_duplicate_ends_no_node(network: Network) {
    let (mut cluster, attacker, _) = attacked(network, 3).await;
    let all = cluster.ids();
    for id in &all {
        let instance = NodeInstance::try_from("0f5a6cf5a2b94d1f").unwrap();
        let started = Ranged::new(1).unwrap();
        let mut request = StatusRequest::default();
        request.process = Some(NodeProcess::new(node(*id), instance, started, true));
        attacker.client.status(node(*id), &request).await.unwrap();
    }
    let index = cluster.write(&all, &set("two")).await;
    cluster.assert_agreed(&all, index).await;
    for id in &all {
        assert_eq!(cluster.nodes[id].health().failure, None);
    }
    cluster.stop_all().await;
}
