//! Watches on the registry.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::time::timeout;
use varpulis_sdk::replica::{Change, Changes, Metrics, Replica};
use varpulis_sdk::types::{Command, CommandReply, GroupRemoved};

use crate::cluster::{
    Cluster, KEPT, Network, TEST_TIMEOUT, address, deploy, node, over_both_networks, policy, set,
};

over_both_networks! {
    watch_on_any_node_reports_applied_commands
    watch_behind_its_buffer_reports_restored
    watch_at_snapshot_install_reports_restored
}

async fn next(changes: &mut Changes) -> Option<Change> {
    let next = timeout(TEST_TIMEOUT, changes.next()).await;
    next.expect("a change")
}

fn applied(command: Command) -> Change {
    Change::Applied(Arc::new(command))
}

async fn watch_on_any_node_reports_applied_commands(network: Network) {
    let mut cluster = Cluster::founded(network, 3).await;
    let watches = cluster.nodes.values().map(Replica::changes);
    let mut watches: Vec<_> = watches.collect();
    let name = "unknown".try_into().unwrap();
    let refused = Command::GroupRemoved(GroupRemoved::new(name));
    let reply = cluster.nodes[&1].propose(refused).await.unwrap();
    assert!(matches!(reply.outcome, CommandReply::Error(_)), "{reply:?}");
    for text in ["one", "two"] {
        cluster.nodes[&1].propose(set(text)).await.unwrap();
        for (changes, replica) in watches.iter_mut().zip(cluster.nodes.values()) {
            assert_eq!(next(changes).await, Some(applied(set(text))));
            assert_eq!(replica.local(policy).as_deref(), Some(text));
        }
    }
    cluster.stop_all().await;
    for changes in &mut watches {
        assert_eq!(next(changes).await, None);
    }
}

async fn watch_behind_its_buffer_reports_restored(network: Network) {
    let mut cluster = Cluster::founded(network, 1).await;
    let replica = &cluster.nodes[&1];
    let mut changes = replica.changes();
    let many = (0..1_100).map(|number| replica.propose(set(&number.to_string())));
    for reply in join_all(many).await {
        reply.unwrap();
    }
    assert_eq!(next(&mut changes).await, Some(Change::Restored));
    replica.propose(set("last")).await.unwrap();
    assert_eq!(next(&mut changes).await, Some(applied(set("last"))));
    cluster.stop_all().await;
}

async fn watch_at_snapshot_install_reports_restored(network: Network) {
    let mut cluster = Cluster::founded(network, 1).await;
    let mut index = 0;
    for number in 0..10 {
        index = cluster
            .write(&[1], &deploy(&format!("g{number}"), 10))
            .await;
    }
    cluster.nodes[&1].snapshot().await.unwrap();
    let is_purged = |metrics: &Metrics| {
        let last = metrics.purged.map(|last| last.index);
        last.is_some_and(|last| last + KEPT >= index)
    };
    cluster.wait(1, "a short log", is_purged).await;
    cluster.start(2).await;
    let mut changes = cluster.nodes[&2].changes();
    let (leader, learner) = (&cluster.nodes[&1], &cluster.nodes[&2]);
    leader.add_learner(node(2), address(2)).await.unwrap();
    assert_eq!(next(&mut changes).await, Some(Change::Restored));
    assert!(learner.local(|registry| registry.groups().len()) >= 8);
    leader.propose(set("last")).await.unwrap();
    loop {
        let change = next(&mut changes).await;
        if change == Some(applied(set("last"))) {
            break;
        }
        assert!(matches!(change, Some(Change::Applied(_))), "{change:?}");
    }
    cluster.stop_all().await;
}
