//! Writes over the network to any node.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use natsgen_runtime::{CallOptions, Failure, NoAnswer, NotDelivered};
use varpulis_sdk::raft::{RaftClient, WriteFault, WriteRequest};
use varpulis_sdk::replica::{RegistryClient, ReplicaError};
use varpulis_sdk::types::{Command, CommandReply, GroupRemoved};

use crate::cluster::{
    Cluster, Network, TEST_TIMEOUT, deploy, node, over_both_networks, policy, set,
};

over_both_networks! {
    write_to_follower_is_redirected_to_the_leader
    write_above_max_payload_is_refused
    concurrent_writes_share_log_entries
    write_without_the_api_key_is_refused
}

async fn write_to_follower_is_redirected_to_the_leader(network: Network) {
    let mut cluster = Cluster::founded(network, 3).await;
    let all = cluster.ids();
    let leader = cluster.leader(&all).await;
    let follower = all.iter().copied().find(|id| *id != leader).unwrap();
    let (connection, _) = cluster.network.connect().await;
    let client = RaftClient::new(&connection);
    let request = WriteRequest::new(set("x"));
    let refused = client.write(node(follower), &request).await.unwrap_err();
    let Some(WriteFault::NotLeader(named)) = refused.fault() else {
        panic!("{refused:?}");
    };
    assert!(
        named.is_empty() || all.contains(&named.parse().unwrap()),
        "{named}"
    );
    let refused = cluster.nodes[&follower].write(set("x")).await.unwrap_err();
    assert!(
        matches!(refused, ReplicaError::NotLeader { .. }),
        "{refused}"
    );

    let nodes: Vec<_> = all.iter().map(|id| node(*id)).collect();
    let client = RegistryClient::new(&connection, &nodes).unwrap();
    let mut client = client.timeout(TEST_TIMEOUT);
    let reply = client.write(set("one")).await.unwrap();
    assert_eq!(reply.outcome, CommandReply::Ok);
    cluster.assert_agreed(&all, reply.log_id.index.get()).await;

    let dead = cluster.leader(&all).await;
    cluster.stop(dead).await;
    let reply = client.write(set("two")).await.unwrap();
    let registry = cluster
        .assert_agreed(&cluster.ids(), reply.log_id.index.get())
        .await;
    assert_eq!(policy(&registry).as_deref(), Some("two"));
    cluster.stop_all().await;

    let mut client = client.timeout(Duration::from_millis(300));
    let error = client.write(set("three")).await.unwrap_err();
    // The last attempt may have been cut off by the timeout.
    assert!(
        matches!(
            error.failure,
            Failure::NotDelivered(NotDelivered::NoResponders)
                | Failure::NoAnswer(NoAnswer::TimedOut)
        ),
        "{error:?}"
    );
}

async fn write_above_max_payload_is_refused(network: Network) {
    let limit = 64 * 1024;
    let mut cluster = Cluster::founded(network.max_payload(limit), 1).await;
    cluster.leader(&[1]).await;
    for bytes in [limit, limit - 500] {
        let refused = cluster.nodes[&1]
            .write(deploy("g", bytes))
            .await
            .unwrap_err();
        assert!(
            matches!(refused, ReplicaError::Inadmissible(_)),
            "{refused}"
        );
    }
    // The command fits into the request, but not into the replication message.
    let (connection, _) = cluster.network.connect().await;
    let client = RaftClient::new(&connection);
    let client = client.options(CallOptions::new().timeout(TEST_TIMEOUT));
    let request = WriteRequest::new(deploy("g", limit - 500));
    let refused = client.write(node(1), &request).await.unwrap_err();
    assert!(
        matches!(refused.fault(), Some(WriteFault::CommandInadmissible(_))),
        "{refused:?}"
    );
    cluster.write(&[1], &deploy("g", 60_000)).await;
    cluster.stop_all().await;
}

async fn write_without_the_api_key_is_refused(network: Network) {
    let mut cluster = Cluster::new(network).write_key("secret");
    cluster.found(3).await;
    let all = cluster.ids();
    // Writes through nodes contain the key.
    for id in &all {
        cluster.nodes[id].propose(set("node")).await.unwrap();
    }
    let (connection, _) = cluster.network.connect().await;
    let leader = cluster.leader(&all).await;
    let client = RaftClient::new(&connection);
    for key in [None, Some("secre"), Some("secret2"), Some("Secret")] {
        let mut request = WriteRequest::new(set("attack"));
        request.api_key = key.map(|key| key.try_into().unwrap());
        let refused = client.write(node(leader), &request).await.unwrap_err();
        assert_eq!(refused.fault(), Some(&WriteFault::InvalidApiKey));
    }
    let nodes: Vec<_> = all.iter().map(|id| node(*id)).collect();
    let client = RegistryClient::new(&connection, &nodes).unwrap();
    let mut client = client.timeout(TEST_TIMEOUT);
    let refused = client.write(set("attack")).await.unwrap_err();
    assert_eq!(refused.fault(), Some(&WriteFault::InvalidApiKey));
    let mut client = client.api_key("secret".try_into().unwrap());
    let reply = client.write(set("client")).await.unwrap();
    let registry = cluster.assert_agreed(&all, reply.log_id.index.get()).await;
    assert_eq!(policy(&registry).as_deref(), Some("client"));
    assert!(!format!("{client:?}").contains("secret"));
    cluster.stop_all().await;
}

/// Each pair holds a valid and an invalid command. Some commands are too large to share a log entry.
async fn concurrent_writes_share_log_entries(network: Network) {
    let limit = 64 * 1024;
    let mut cluster = Cluster::founded(network.max_payload(limit), 3).await;
    let all = cluster.ids();
    let leader = cluster.leader(&all).await;
    let commands = (0..400).flat_map(|number| {
        let bytes = if number % 100 == 0 { limit / 2 } else { 10 };
        let unknown = GroupRemoved::new("unknown".try_into().unwrap());
        [
            deploy(&format!("g{number}"), bytes),
            Command::GroupRemoved(unknown),
        ]
    });
    let writes = commands.map(|command| cluster.nodes[&leader].write(command));
    let mut entries = BTreeSet::new();
    for (number, reply) in join_all(writes).await.into_iter().enumerate() {
        let reply = reply.unwrap();
        let is_done = reply.outcome == CommandReply::Ok;
        assert_eq!(is_done, number % 2 == 0, "{number}: {reply:?}");
        entries.insert(reply.log_id.index.get());
    }
    assert!(entries.len() < 100, "{} entries", entries.len());
    let last = *entries.last().unwrap();
    let registry = cluster.assert_agreed(&all, last).await;
    assert_eq!(registry.groups().len(), 400);
    cluster.stop_all().await;
}
