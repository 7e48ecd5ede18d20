//! Writes and reads through any node.

use std::time::Duration;

use futures_util::future::join_all;
use natsgen_runtime::transport::Message;
use natsgen_runtime::{Side, codec};
use varpulis_sdk::raft::WriteReply;
use varpulis_sdk::replica::{Replica, ReplicaError};
use varpulis_sdk::types::{Command, CommandReply, GroupRemoved};

use crate::cluster::{Cluster, Network, deploy, over_both_networks, policy, set};
use crate::nodes::Nodes;

over_both_networks! {
    any_node_writes_and_reads_the_latest_write
    propose_without_leader_waits_for_the_next_leader
    propose_without_majority_fails_after_its_timeout
    concurrent_reads_share_a_confirmation
}

async fn propose(replica: &Replica, command: Command) -> u64 {
    let reply = replica.propose(command).await.unwrap();
    assert_eq!(reply.outcome, CommandReply::Ok);
    reply.log_id.index.get()
}

async fn any_node_writes_and_reads_the_latest_write(network: Network) {
    let mut cluster = Cluster::founded(network, 3).await;
    for round in 0..20 {
        for writer in cluster.ids() {
            let text = format!("{round} by {writer}");
            propose(&cluster.nodes[&writer], set(&text)).await;
            for reader in cluster.ids() {
                let read = cluster.nodes[&reader].current(policy).await.unwrap();
                assert_eq!(read.as_ref(), Some(&text), "node {reader}");
            }
        }
    }
    cluster.stop_all().await;
}

async fn propose_without_leader_waits_for_the_next_leader(network: Network) {
    let mut cluster = Cluster::founded(network, 3).await;
    propose(&cluster.nodes[&1], set("one")).await;
    let dead = cluster.leader(&cluster.ids()).await;
    cluster.stop(dead).await;
    let [one, other] = cluster.ids()[..] else {
        panic!("{cluster:?}", cluster = cluster.ids());
    };
    let read = cluster.nodes[&one].current(policy).await.unwrap();
    assert_eq!(read.as_deref(), Some("one"));
    propose(&cluster.nodes[&other], set("two")).await;
    let read = cluster.nodes[&one].current(policy).await.unwrap();
    assert_eq!(read.as_deref(), Some("two"));
    cluster.stop_all().await;
}

async fn propose_without_majority_fails_after_its_timeout(network: Network) {
    let mut cluster = Cluster::new(network).timeout(Duration::from_millis(400));
    cluster.found(3).await;
    let leader = cluster.leader(&cluster.ids()).await;
    propose(&cluster.nodes[&leader], set("one")).await;
    for id in cluster.ids() {
        if id != leader {
            cluster.stop(id).await;
        }
    }
    let replica = &cluster.nodes[&leader];
    let read = replica.current(policy).await;
    assert!(matches!(read, Err(ReplicaError::NoQuorum(_))), "{read:?}");
    let written = replica.propose(deploy("g", 10)).await;
    assert!(
        matches!(written, Err(ReplicaError::Unanswered(_))),
        "{written:?}"
    );
    cluster.stop(leader).await;
    let follower = leader % 3 + 1;
    cluster.start(follower).await;
    let replica = &cluster.nodes[&follower];
    let read = replica.current(policy).await;
    assert!(matches!(read, Err(ReplicaError::NoLeader(_))), "{read:?}");
    let written = replica.propose(deploy("g", 10)).await;
    assert!(
        matches!(written, Err(ReplicaError::NoLeader(_))),
        "{written:?}"
    );
    cluster.stop_all().await;
}

/// 3,000 reads at once, at all nodes: a confirmation serves all reads that came before it.
async fn concurrent_reads_share_a_confirmation(network: Network) {
    let mut cluster = Cluster::founded(network, 3).await;
    propose(&cluster.nodes[&1], set("one")).await;
    let confirmations = |cluster: &Cluster| -> u64 {
        let healths = cluster.nodes.values().map(Replica::health);
        healths.map(|health| health.confirmations).sum()
    };
    let before = confirmations(&cluster);
    let start = std::time::Instant::now();
    let reads = cluster
        .nodes
        .values()
        .flat_map(|replica| (0..1_000).map(|_| replica.current(policy)));
    for read in join_all(reads).await {
        assert_eq!(read.unwrap().as_deref(), Some("one"));
    }
    let rounds = confirmations(&cluster) - before;
    println!(
        "3000 reads in {:?}, {rounds} confirmations",
        start.elapsed()
    );
    assert!((1..500).contains(&rounds), "{rounds}");
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn propose_from_a_spawned_task_succeeds() {
    let mut cluster = Cluster::founded(Network::memory(), 1).await;
    let replica = std::sync::Arc::new(cluster.nodes.remove(&1).unwrap());
    let asked = std::sync::Arc::clone(&replica);
    let task = tokio::spawn(async move {
        propose(&asked, set("one")).await;
        asked.current(policy).await.unwrap()
    });
    assert_eq!(task.await.unwrap().as_deref(), Some("one"));
}

/// The reply is lost, and the retry is not applied a second time.
#[tokio::test(flavor = "multi_thread")]
async fn propose_with_lost_reply_is_applied_once() {
    let nodes = Nodes::found(3, Duration::from_millis(400)).await;
    let first = nodes.get(1).unwrap();
    propose(&first.node.replica, deploy("g", 1)).await;
    let leader = nodes.leader().unwrap();
    let follower = nodes.get(leader % 3 + 1).unwrap();
    let is_reply =
        |message: &Message| codec::decode::<WriteReply>(&message.payload, Side::Reply).is_ok();
    nodes.links.lose(is_reply);
    let name = "g".try_into().unwrap();
    let removal = Command::GroupRemoved(GroupRemoved::new(name));
    // A second removal would fail, since the group is gone.
    propose(&follower.node.replica, removal).await;
    assert!(nodes.links.has_lost());
    drop((first, follower));
    nodes.stop_all().await;
}
