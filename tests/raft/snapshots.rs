//! Nodes that lag behind the log receive a snapshot of the registry.

use varpulis_sdk::replica::Metrics;

use crate::cluster::{Cluster, KEPT, Network, address, deploy, node, over_both_networks};

const LIMIT: usize = 64 * 1024;

over_both_networks! {
    snapshot_of_several_mib_fits_messages_of_64_kib
}

async fn snapshot_of_several_mib_fits_messages_of_64_kib(network: Network) {
    let mut cluster = Cluster::founded(network.max_payload(LIMIT), 1).await;
    let mut index = 0;
    for number in 0..80 {
        index = cluster
            .write(&[1], &deploy(&format!("g{number}"), 40_000))
            .await;
    }
    cluster.nodes[&1].snapshot().await.unwrap();
    let is_purged = |metrics: &Metrics| {
        metrics
            .purged
            .is_some_and(|last| last.index + KEPT >= index)
    };
    cluster.wait(1, "a short log", is_purged).await;
    // After the snapshot: entries that just fit into a message.
    for number in 0..4 {
        index = cluster
            .write(&[1], &deploy(&format!("h{number}"), 60_000))
            .await;
    }
    cluster.start(2).await;
    cluster.nodes[&1]
        .add_learner(node(2), address(2))
        .await
        .unwrap();
    let registry = cluster.assert_agreed(&[1, 2], index).await;
    assert_eq!(registry.groups().len(), 84);
    assert!(cluster.nodes[&2].metrics().borrow().snapshot.is_some());

    // The snapshot is persistent on the second node.
    cluster.stop(2).await;
    cluster.start(2).await;
    assert_eq!(cluster.assert_agreed(&[1, 2], index).await, registry);
    cluster.stop_all().await;
}
