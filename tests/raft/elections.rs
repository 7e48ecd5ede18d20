//! Committed commands survive changes of the leader.

use std::time::Duration;

use tokio::time::timeout;
use varpulis_sdk::replica::{ReplicaError, Role};

use crate::cluster::{Cluster, Network, TEST_TIMEOUT, deploy, over_both_networks, policy, set};

over_both_networks! {
    election_after_leader_failure_keeps_commits
    cluster_restart_keeps_registry_and_votes
}

async fn election_after_leader_failure_keeps_commits(network: Network) {
    let mut cluster = Cluster::founded(network, 3).await;
    let all = cluster.ids();
    let index = cluster.write(&all, &set("one")).await;
    let registry = cluster.assert_agreed(&all, index).await;
    assert_eq!(policy(&registry).as_deref(), Some("one"));

    let dead = cluster.leader(&all).await;
    drop(cluster.nodes.remove(&dead));
    let rest = cluster.ids();
    let index = cluster.write(&rest, &set("two")).await;
    let registry = cluster.assert_agreed(&rest, index).await;
    assert_eq!(policy(&registry).as_deref(), Some("two"));
    let leader = cluster.leader(&rest).await;
    let health = cluster.nodes[&leader].health();
    assert_eq!((health.role, health.voters.len()), (Role::Leader, 3));
    assert!(health.is_ready(), "{health:?}");
    cluster.stop_all().await;
}

async fn cluster_restart_keeps_registry_and_votes(network: Network) {
    let mut cluster = Cluster::new(network).with_snapshots(20);
    cluster.found(3).await;
    let all = cluster.ids();
    let mut index = 0;
    for number in 0..50 {
        index = cluster
            .write(&all, &deploy(&format!("g{number}"), 100))
            .await;
    }
    let before = cluster.assert_agreed(&all, index).await;
    assert_eq!(before.groups().len(), 50);
    let terms = all.iter().map(|id| cluster.nodes[id].health().term);
    let term = terms.max().unwrap();
    cluster.stop_all().await;
    for id in &all {
        cluster.start(*id).await;
    }
    let index = cluster.write(&all, &set("again")).await;
    let after = cluster.assert_agreed(&all, index).await;
    assert_eq!(after.groups(), before.groups());
    assert!(
        cluster.nodes[&1].health().term >= term,
        "votes are persistent"
    );
    cluster.stop_all().await;
}

/// An isolated leader commits nothing and reports the missing quorum. After reconnecting it adopts the commits of the
/// majority.
#[tokio::test(flavor = "multi_thread")]
async fn partitioned_leader_rejoins_and_its_write_is_discarded() {
    let limit = Duration::from_millis(300);
    let mut cluster = Cluster::new(Network::memory()).timeout(limit);
    cluster.found(3).await;
    let all = cluster.ids();
    for round in 0..3 {
        let index = cluster.write(&all, &set("before")).await;
        cluster.assert_agreed(&all, index).await;
        let old = cluster.leader(&all).await;
        cluster.disconnect(old);
        let rest: Vec<_> = all.iter().copied().filter(|id| *id != old).collect();
        let stale = cluster.nodes[&old].current(policy).await;
        let mut metrics = cluster.nodes[&old].metrics();
        while cluster.nodes[&old].health().is_ready() {
            metrics.changed().await.unwrap();
        }
        assert!(matches!(stale, Err(ReplicaError::NoQuorum(_))), "{stale:?}");
        assert_eq!(cluster.nodes[&old].local(policy).as_deref(), Some("before"));
        let isolated_write = cluster.nodes[&old].write(set("lost"));
        let text = format!("after {round}");
        let majority = async {
            let index = cluster.write(&rest, &set(&text)).await;
            cluster.assert_agreed(&rest, index).await;
            cluster.reconnect(old);
            index
        };
        // The uncommitted entry of the old leader is replaced. The old leader cannot exclude that another node holds
        // the entry.
        let (lost, index) = tokio::join!(isolated_write, majority);
        assert!(
            matches!(lost, Err(ReplicaError::LeadershipLost)),
            "{lost:?}"
        );
        let registry = cluster.assert_agreed(&all, index).await;
        assert_eq!(policy(&registry).as_deref(), Some(&*text));
    }
    cluster.stop_all().await;
}

/// A node that knows a leader, but does not hear it, is not ready.
#[tokio::test(flavor = "multi_thread")]
async fn follower_of_a_silent_leader_is_not_ready() {
    let mut cluster = Cluster::founded(Network::memory(), 3).await;
    let all = cluster.ids();
    let index = cluster.write(&all, &set("one")).await;
    cluster.assert_agreed(&all, index).await;
    let leader = cluster.leader(&all).await;
    let follower = leader % 3 + 1;
    assert!(cluster.nodes[&follower].health().is_ready());
    cluster.disconnect(follower);
    let mut metrics = cluster.nodes[&follower].metrics();
    while cluster.nodes[&follower].health().is_ready() {
        metrics.changed().await.unwrap();
    }
    cluster.reconnect(follower);
    while !cluster.nodes[&follower].health().is_ready() {
        metrics.changed().await.unwrap();
    }
    // After a restart, the node knows its last leader from its store.
    cluster.stop(follower).await;
    let rest: Vec<_> = cluster.ids();
    for id in rest {
        cluster.stop(id).await;
    }
    cluster.start(follower).await;
    let health = cluster.nodes[&follower].health();
    assert!(!health.is_ready(), "{health:?}");
    cluster.stop_all().await;
}

/// The old leader's uncommitted entry is neither applied nor replaced there: a snapshot skips it.
#[tokio::test(flavor = "multi_thread")]
async fn write_skipped_by_a_snapshot_reports_leadership_lost() {
    let mut cluster = Cluster::new(Network::memory()).with_snapshots(20);
    cluster.found(3).await;
    let all = cluster.ids();
    let old = cluster.leader(&all).await;
    cluster.disconnect(old);
    let rest: Vec<_> = all.iter().copied().filter(|id| *id != old).collect();
    let isolated_write = cluster.nodes[&old].write(set("lost"));
    let majority = async {
        let mut index = 0;
        for number in 0..60 {
            let command = deploy(&format!("g{number}"), 10);
            index = cluster.write(&rest, &command).await;
        }
        cluster.reconnect(old);
        index
    };
    let (lost, index) = timeout(TEST_TIMEOUT, async {
        tokio::join!(isolated_write, majority)
    })
    .await
    .expect("an answer");
    assert!(
        matches!(lost, Err(ReplicaError::LeadershipLost)),
        "{lost:?}"
    );
    let registry = cluster.assert_agreed(&all, index).await;
    assert_eq!(policy(&registry), None);
    cluster.stop_all().await;
}
