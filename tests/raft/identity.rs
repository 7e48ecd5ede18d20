//! Clusters and processes that must not be mixed up.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::select_all;
use natsgen_runtime::Limited;
use tokio::time::timeout;
use varpulis_sdk::raft::{AppendFault, AppendRequest, RaftClient, StatusRequest};
use varpulis_sdk::replica::{Refusal, Replica, ReplicaError, ReplicaOptions};
use varpulis_sdk::types::{ClusterId, LeaderId, RaftVote};

use crate::cluster::{
    Cluster, Folder, Network, TEST_TIMEOUT, address, deploy, node, over_both_networks, policy, set,
};

over_both_networks! {
    cluster_id_is_shared_and_persistent
    message_of_another_cluster_is_refused
    message_without_a_cluster_passes_only_if_accepted
    founding_waits_for_all_members
    emptied_store_is_refused_by_its_cluster
    duplicate_node_does_not_start
    simultaneous_duplicates_leave_one_node
}

fn options(id: u64, folder: &Folder, name: &str) -> ReplicaOptions {
    ReplicaOptions::new(node(id), folder.0.join(name))
        .heartbeat(Duration::from_millis(100))
        .election(Duration::from_millis(500), Duration::from_secs(1))
        .timeout(TEST_TIMEOUT)
}

async fn cluster_id_is_shared_and_persistent(network: Network) {
    let mut cluster = Cluster::founded(network, 3).await;
    let all = cluster.ids();
    let index = cluster.write(&all, &set("one")).await;
    cluster.assert_agreed(&all, index).await;
    let ids = |cluster: &Cluster| -> BTreeSet<_> {
        let healths = cluster.nodes.values().map(Replica::health);
        healths
            .map(|health| health.cluster.map(|id| id.to_string()))
            .collect()
    };
    let before = ids(&cluster);
    assert_eq!(before.len(), 1, "{before:?}");
    assert!(!before.contains(&None));
    cluster.stop_all().await;
    for id in &all {
        cluster.start(*id).await;
    }
    assert_eq!(ids(&cluster), before);
    // A learner joins under the same id.
    cluster.start(4).await;
    let leader = cluster.leader(&all).await;
    let added = cluster.nodes[&leader].add_learner(node(4), address(4));
    added.await.unwrap();
    assert_eq!(ids(&cluster), before);
    cluster.stop_all().await;
}

async fn message_of_another_cluster_is_refused(network: Network) {
    let mut cluster = Cluster::founded(network, 3).await;
    let all = cluster.ids();
    let index = cluster.write(&all, &deploy("g", 10)).await;
    cluster.assert_agreed(&all, index).await;
    let (connection, _) = cluster.network.connect().await;
    let client = RaftClient::new(&connection);
    for id in &all {
        let status = client.status(node(*id), &StatusRequest::default()).await;
        let term = cluster.nodes[id].health().term;
        let sender = node(id % 3 + 1);
        let vote = RaftVote::new(LeaderId::new((term + 1).try_into().unwrap(), sender), true);
        let mut request = AppendRequest::new(vote, None, Limited::default(), None);
        let foreign = ClusterId::try_from("0".repeat(32)).unwrap();
        assert_ne!(status.unwrap().cluster_id, Some(foreign.clone()));
        for cluster in [None, Some(foreign)] {
            request.cluster_id = cluster;
            let refused = client.append(node(*id), &request).await.unwrap_err();
            let fault = AppendFault::RaftRefused(Refusal::Cluster.to_string());
            assert_eq!(refused.fault(), Some(&fault));
        }
        assert_eq!(cluster.nodes[id].health().refused[&Refusal::Cluster], 2);
    }
    // Another cluster on the same prefix cannot take over a node.
    let folder = Folder::new();
    let other = Replica::start(options(9, &folder, "9"), &connection).await;
    let other = other.unwrap();
    other
        .initialize([(node(9), address(9))].into())
        .await
        .unwrap();
    other.propose(set("other")).await.unwrap();
    let adding = other.add_learner(node(1), address(1));
    timeout(Duration::from_secs(2), adding).await.unwrap_err();
    let index = cluster.write(&all, &set("one")).await;
    let registry = cluster.assert_agreed(&all, index).await;
    assert!(registry.groups().contains_key("g"));
    assert_eq!(policy(&registry).as_deref(), Some("one"));
    other.shutdown().await;
    cluster.stop_all().await;
}

/// Peers of real Varpulis send no cluster id.
async fn message_without_a_cluster_passes_only_if_accepted(network: Network) {
    let folder = Folder::new();
    let (connection, _) = network.connect().await;
    let client = RaftClient::new(&connection);
    let foreign = ClusterId::try_from("0".repeat(32)).unwrap();
    for accepts in [false, true] {
        let options = options(1, &folder, &accepts.to_string()).accept_unidentified(accepts);
        let replica = Replica::start(options, &connection).await.unwrap();
        let members = [(node(1), address(1))].into();
        replica.initialize(members).await.unwrap();
        replica.propose(set("one")).await.unwrap();
        // The sender is in no membership, so an accepted message is refused for this reason.
        let vote = RaftVote::new(LeaderId::new(1u64.try_into().unwrap(), node(9)), true);
        let mut request = AppendRequest::new(vote, None, Limited::default(), None);
        let without = if accepts {
            Refusal::Sender
        } else {
            Refusal::Cluster
        };
        for (cluster, refusal) in [(None, without), (Some(foreign.clone()), Refusal::Cluster)] {
            request.cluster_id = cluster;
            let refused = client.append(node(1), &request).await.unwrap_err();
            let fault = AppendFault::RaftRefused(refusal.to_string());
            assert_eq!(refused.fault(), Some(&fault), "accepts: {accepts}");
        }
        replica.shutdown().await;
    }
}

/// All members found the same cluster, in any order. The registry is available once the last member has started.
async fn founding_waits_for_all_members(network: Network) {
    let mut cluster = Cluster::new(network);
    let members = || (1..=3).map(|id| (node(id), address(id))).collect();
    for id in [2, 1] {
        cluster.start(id).await;
        cluster.nodes[&id].initialize(members()).await.unwrap();
    }
    let health = cluster.nodes[&1].health();
    assert_eq!(health.missing, [node(3)], "{health:?}");
    assert_eq!((health.leader, health.last_entry), (None, None));
    cluster.start(3).await;
    cluster.nodes[&3].initialize(members()).await.unwrap();
    let all = cluster.ids();
    let index = cluster.write(&all, &set("one")).await;
    cluster.assert_agreed(&all, index).await;
    for id in &all {
        let again = cluster.nodes[id].initialize(members()).await;
        assert!(
            matches!(again, Err(ReplicaError::Membership(_))),
            "{again:?}"
        );
    }
    cluster.stop_all().await;
}

/// A member whose store was emptied neither founds a cluster again nor joins its cluster again.
async fn emptied_store_is_refused_by_its_cluster(network: Network) {
    let mut cluster = Cluster::founded(network, 3).await;
    let all = cluster.ids();
    let index = cluster.write(&all, &deploy("g", 10)).await;
    cluster.assert_agreed(&all, index).await;
    for lost in [1, 3] {
        cluster.stop(lost).await;
        cluster.remove_store(lost);
        cluster.start(lost).await;
        let members = all.iter().map(|id| (node(*id), address(*id))).collect();
        let replica = &cluster.nodes[&lost];
        let founded = replica.initialize(members).await;
        let is_lost = |error: &ReplicaError| matches!(error, ReplicaError::StoreLost { .. });
        assert!(founded.as_ref().is_err_and(is_lost), "{founded:?}");
        let reason = timeout(TEST_TIMEOUT, replica.stopped()).await.unwrap();
        assert!(is_lost(&reason), "{reason}");
        let failure = replica.health().failure.unwrap();
        assert!(failure.contains("the store is empty"), "{failure}");
        cluster.stop(lost).await;
        if lost == 1 {
            // Without configured members, the first message of the leader shows the loss.
            cluster.start(1).await;
            let reason = timeout(TEST_TIMEOUT, cluster.nodes[&1].stopped()).await;
            assert!(is_lost(&reason.unwrap()));
            cluster.stop(1).await;
            // The node is replaced, so that the next loss leaves a majority.
            cluster.start(4).await;
            let rest = [2, 3];
            let leader = cluster.leader(&rest).await;
            let replica = &cluster.nodes[&leader];
            replica.add_learner(node(4), address(4)).await.unwrap();
            let voters = [node(2), node(3), node(4)].into();
            replica.change_membership(&voters).await.unwrap();
        }
    }
    let rest = cluster.ids();
    let index = cluster.write(&rest, &set("one")).await;
    let registry = cluster.assert_agreed(&rest, index).await;
    assert!(registry.groups().contains_key("g"), "nothing is lost");
    cluster.stop_all().await;
}

async fn duplicate_node_does_not_start(network: Network) {
    let mut cluster = Cluster::founded(network, 1).await;
    cluster.write(&[1], &set("one")).await;
    let (connection, _) = cluster.network.connect().await;
    let folder = Folder::new();
    let second = Replica::start(options(1, &folder, "second"), &connection).await;
    let error = second.err();
    assert!(
        matches!(error, Some(ReplicaError::DuplicateNode { .. })),
        "{error:?}"
    );
    cluster.write(&[1], &set("two")).await;
    cluster.stop_all().await;
    // Its number is free again.
    let second = Replica::start(options(1, &folder, "second"), &connection).await;
    second.unwrap().shutdown().await;
}

async fn simultaneous_duplicates_leave_one_node(network: Network) {
    let folder = Folder::new();
    for round in 0..3 {
        let mut starting = tokio::task::JoinSet::new();
        for number in 0..3 {
            let options = options(1, &folder, &format!("{round}-{number}"));
            let (connection, _) = network.connect().await;
            starting.spawn(async move { Replica::start(options, &connection).await });
        }
        let mut started = Vec::new();
        while let Some(result) = starting.join_next().await {
            match result.unwrap() {
                Ok(replica) => started.push(replica),
                Err(error) => assert!(
                    matches!(error, ReplicaError::DuplicateNode { .. }),
                    "{error}"
                ),
            }
        }
        // On a busy machine, an answer may come after the start. Then the later process stops.
        let remaining = async {
            while started.len() > 1 {
                let ended = started.iter().map(|replica| Box::pin(replica.stopped()));
                let (reason, index, _) = select_all(ended).await;
                assert!(
                    matches!(reason, ReplicaError::DuplicateNode { .. }),
                    "{reason}"
                );
                started.remove(index).shutdown().await;
            }
        };
        timeout(TEST_TIMEOUT, remaining).await.expect("one node");
        assert_eq!(started.len(), 1, "round {round}");
        for replica in started {
            replica.shutdown().await;
        }
    }
}

/// Two processes that did not see each other at their start: the later stops.
#[tokio::test(flavor = "multi_thread")]
async fn later_duplicate_stops_after_a_partition() {
    let network = Network::memory();
    let folder = Folder::new();
    let (connection, transport) = network.connect().await;
    let first = Replica::start(options(1, &folder, "1"), &connection).await;
    let first = first.unwrap();
    let transport = transport.unwrap();
    transport.disconnect();
    let (connection, _) = network.connect().await;
    let second = Replica::start(options(1, &folder, "2"), &connection).await;
    let second = second.unwrap();
    transport.reconnect();
    let reason = timeout(TEST_TIMEOUT, second.stopped()).await.unwrap();
    assert!(
        matches!(reason, ReplicaError::DuplicateNode { .. }),
        "{reason}"
    );
    assert_eq!(first.health().failure, None);
    second.shutdown().await;
    first.shutdown().await;
}
