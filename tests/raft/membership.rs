//! Nodes join and leave a cluster.

use varpulis_sdk::replica::{ReplicaError, Role};

use crate::cluster::{Cluster, Network, address, node, over_both_networks, policy, set};

over_both_networks! {
    membership_grows_and_shrinks
}

async fn membership_grows_and_shrinks(network: Network) {
    let mut cluster = Cluster::founded(network, 1).await;
    cluster.write(&[1], &set("one")).await;
    let unknown = cluster.nodes[&1]
        .change_membership(&[node(1), node(2)].into())
        .await;
    assert!(
        matches!(unknown, Err(ReplicaError::Membership(_))),
        "{unknown:?}"
    );
    for id in [2, 3] {
        cluster.start(id).await;
        cluster.nodes[&1]
            .add_learner(node(id), address(id))
            .await
            .unwrap();
    }
    assert_eq!(cluster.nodes[&1].health().learners, [node(2), node(3)]);
    let all = cluster.ids();
    let three = all.iter().map(|id| node(*id)).collect();
    cluster.nodes[&1].change_membership(&three).await.unwrap();
    let index = cluster.write(&all, &set("three")).await;
    let registry = cluster.assert_agreed(&all, index).await;
    assert_eq!(policy(&registry).as_deref(), Some("three"));

    // The leader itself is removed: the remaining nodes elect another leader.
    let leader = cluster.leader(&all).await;
    let rest: Vec<_> = all.iter().copied().filter(|id| *id != leader).collect();
    let two = rest.iter().map(|id| node(*id)).collect();
    cluster.nodes[&leader]
        .change_membership(&two)
        .await
        .unwrap();
    let index = cluster.write(&rest, &set("two")).await;
    let registry = cluster.assert_agreed(&rest, index).await;
    assert_eq!(policy(&registry).as_deref(), Some("two"));
    let health = cluster.nodes[&rest[0]].health();
    assert_eq!(health.voters.len(), 2, "{health:?}");
    assert_ne!(cluster.nodes[&leader].health().role, Role::Leader);
    cluster.stop_all().await;
}

/// Node 3 knows the nodes 1, 2 and 3. While it is cut off, the nodes 4 and 5 replace 1 and 2, and both stop.
#[tokio::test]
async fn membership_replaced_meanwhile_reaches_a_lagging_node() {
    let mut cluster = Cluster::founded(Network::memory(), 3).await;
    cluster.write(&[1, 2, 3], &set("before")).await;
    cluster.disconnect(3);
    let leader = cluster.leader(&[1, 2]).await;
    for id in [4, 5] {
        cluster.start(id).await;
        cluster.nodes[&leader]
            .add_learner(node(id), address(id))
            .await
            .unwrap();
    }
    let members = [3, 4, 5].map(node).into();
    cluster.nodes[&leader]
        .change_membership(&members)
        .await
        .unwrap();
    cluster.stop(1).await;
    cluster.stop(2).await;
    cluster.write(&[4, 5], &set("after")).await;
    cluster.reconnect(3);
    let index = cluster.write(&[3, 4, 5], &set("together")).await;
    let registry = cluster.assert_agreed(&[3, 4, 5], index).await;
    assert_eq!(policy(&registry).as_deref(), Some("together"));
    assert_eq!(cluster.nodes[&3].health().voters, [3, 4, 5].map(node));
    cluster.stop_all().await;
}
