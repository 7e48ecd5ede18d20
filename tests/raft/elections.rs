//! Leaders come and go; what was committed stays.

use std::time::Duration;

use tokio::time::timeout;
use varpulis_sdk::replica::{ReplicaError, Role};

use crate::cluster::{Cluster, Network, PATIENCE, deploy, over_both_networks, policy, set};

over_both_networks! {
    a_cluster_elects_commits_and_survives_its_leader
    a_cluster_restarts_from_disk_with_nothing_lost
}

async fn a_cluster_elects_commits_and_survives_its_leader(network: Network) {
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

async fn a_cluster_restarts_from_disk_with_nothing_lost(network: Network) {
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
        "votes are not forgotten"
    );
    cluster.stop_all().await;
}

/// A leader that is cut off commits nothing and says so; healed, it learns what the others did.
#[tokio::test(flavor = "multi_thread")]
async fn a_partition_heals() {
    let patience = Duration::from_millis(300);
    let mut cluster = Cluster::new(Network::memory()).with_patience(patience);
    cluster.found(3).await;
    let all = cluster.ids();
    for round in 0..3 {
        let index = cluster.write(&all, &set("before")).await;
        cluster.assert_agreed(&all, index).await;
        let old = cluster.leader(&all).await;
        cluster.cut(old);
        let rest: Vec<_> = all.iter().copied().filter(|id| *id != old).collect();
        let stale = cluster.nodes[&old].current(policy).await;
        let mut metrics = cluster.nodes[&old].metrics();
        while cluster.nodes[&old].health().is_ready() {
            metrics.changed().await.unwrap();
        }
        assert!(matches!(stale, Err(ReplicaError::NoQuorum(_))), "{stale:?}");
        assert_eq!(cluster.nodes[&old].local(policy).as_deref(), Some("before"));
        let lonely = cluster.nodes[&old].write(set("lost"));
        let text = format!("after {round}");
        let others = async {
            let index = cluster.write(&rest, &set(&text)).await;
            cluster.assert_agreed(&rest, index).await;
            cluster.heal(old);
            index
        };
        // What only the old leader has is replaced by what the others agreed on. It cannot know that nobody else has it.
        let (lost, index) = tokio::join!(lonely, others);
        assert!(
            matches!(lost, Err(ReplicaError::LeadershipLost)),
            "{lost:?}"
        );
        let registry = cluster.assert_agreed(&all, index).await;
        assert_eq!(policy(&registry).as_deref(), Some(&*text));
    }
    cluster.stop_all().await;
}

/// The entry that only the old leader has is neither applied nor replaced there, but skipped.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_snapshot_skips_is_answered() {
    let mut cluster = Cluster::new(Network::memory()).with_snapshots(20);
    cluster.found(3).await;
    let all = cluster.ids();
    let old = cluster.leader(&all).await;
    cluster.cut(old);
    let rest: Vec<_> = all.iter().copied().filter(|id| *id != old).collect();
    let lonely = cluster.nodes[&old].write(set("lost"));
    let others = async {
        let mut index = 0;
        for number in 0..60 {
            let command = deploy(&format!("g{number}"), 10);
            index = cluster.write(&rest, &command).await;
        }
        cluster.heal(old);
        index
    };
    let (lost, index) = timeout(PATIENCE, async { tokio::join!(lonely, others) })
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
