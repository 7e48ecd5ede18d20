//! Who registers gets exactly one answer.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use natsgen_runtime::{CallOptions, Failure};
use varpulis_sdk::coordinator::RegisterFault;
use varpulis_sdk::coordinator_node::{CoordinatorNode, CoordinatorNodeError};
use varpulis_sdk::replica::ReplicaOptions;

use super::offices::{Offices, key, next, request, worker};
use crate::cluster::{Network, address, node, over_both_networks};

over_both_networks! {
    each_registration_is_answered_once
    a_renewal_that_says_nothing_new_writes_nothing
    the_newer_instance_wins_and_the_older_is_told
    a_wrong_key_is_refused
    without_a_leader_a_worker_is_told_in_time
}

async fn each_registration_is_answered_once(network: Network) {
    const WORKERS: u64 = 300;
    let mut offices = Offices::open(network, 3).await;
    let peer = offices.peer().await;
    let ids: Vec<_> = (0..WORKERS).map(|number| format!("w{number}")).collect();
    let calls = ids.iter().map(|id| peer.register(id, "a"));
    for (id, reply) in ids.iter().zip(join_all(calls).await) {
        let reply = reply.unwrap();
        assert_eq!(&reply.worker_id, id);
        let interval = reply.heartbeat_interval.unwrap();
        assert_eq!(interval.get(), Duration::from_secs(1));
    }
    assert_eq!(offices.sum(|health| health.registrations), WORKERS);
    assert_eq!(offices.sum(|health| health.requests.received), WORKERS);
    assert_eq!(peer.connection.late_answers(), 0);
    for office in offices.running.values() {
        let known = office
            .replica()
            .current(|registry| registry.workers().count());
        assert_eq!(known.await.unwrap(), 300);
    }
    offices.stop_all().await;
}

async fn a_renewal_that_says_nothing_new_writes_nothing(network: Network) {
    let mut offices = Offices::open(network, 3).await;
    let peer = offices.peer().await;
    peer.register("w0", "a").await.unwrap();
    for office in offices.running.values() {
        office.replica().current(|_| ()).await.unwrap();
    }
    let entries = |offices: &Offices| {
        let offices = offices.running.values();
        offices.map(|office| office.health().raft.last_entry).max()
    };
    let before = entries(&offices);
    for _ in 0..100 {
        peer.register("w0", "a").await.unwrap();
    }
    assert_eq!(entries(&offices), before);
    let mut more = request("w0", "a");
    more.capacity.max_pipelines = 11;
    peer.client.register(&more).await.unwrap();
    assert!(entries(&offices) > before);
    offices.stop_all().await;
}

async fn the_newer_instance_wins_and_the_older_is_told(network: Network) {
    let mut offices = Offices::open(network, 3).await;
    let (old, new) = (offices.peer().await, offices.peer().await);
    let mut notices = old.notices().await;
    for round in 0..5 {
        let (a, b) = (format!("a{round}"), format!("b{round}"));
        old.register("w0", &a).await.unwrap();
        new.register("w0", &b).await.unwrap();
        // Told again for as long as the newer has not shown that it lives.
        loop {
            let notice = next(&mut notices).await;
            assert_eq!(notice.params.worker_id, worker("w0"));
            let mut replaced = notice.event.replaced.iter();
            if replaced.any(|instance| instance.as_str() == a) {
                break;
            }
        }
        for office in offices.running.values() {
            office.replica().current(|_| ()).await.unwrap();
        }
        for _ in 0..5 {
            let refused = old.register("w0", &a).await.unwrap_err();
            assert_eq!(refused.fault(), Some(&RegisterFault::WorkerReplaced));
        }
        // The newer one goes on.
        new.register("w0", &b).await.unwrap();
        let known = offices.one().worker(&worker("w0")).unwrap();
        assert_eq!(known.record.registration.instance.unwrap().as_str(), b);
    }
    assert_eq!(offices.sum(|health| health.refused), 25);
    offices.stop_all().await;
}

async fn a_wrong_key_is_refused(network: Network) {
    let mut offices = Offices::open(network, 1).await;
    let peer = offices.peer().await;
    for wrong in ["Secret", "secre", "secrets", "s"] {
        let mut request = request("w0", "a");
        request.api_key = key(wrong);
        let refused = peer.client.register(&request).await.unwrap_err();
        assert_eq!(refused.fault(), Some(&RegisterFault::InvalidApiKey));
    }
    let health = offices.one().health();
    assert_eq!((health.refused, health.registrations), (4, 0));
    assert!(offices.one().worker(&worker("w0")).is_none());
    offices.stop_all().await;
}

async fn without_a_leader_a_worker_is_told_in_time(network: Network) {
    let mut offices = Offices::new(network, 3);
    offices.start(1).await;
    let peer = offices.peer().await;
    let options = CallOptions::new().timeout(Duration::from_secs(2));
    let client = peer.client.clone().with_options(options);
    let began = Instant::now();
    let error = client.register(&request("w0", "a")).await.unwrap_err();
    assert!(
        matches!(error.fault(), Some(RegisterFault::RegistryUnavailable(_))),
        "{error:?}"
    );
    assert!(matches!(error.failure, Failure::Refused(_)));
    assert!(began.elapsed() > Duration::from_secs(1), "it tried");
    assert_eq!(offices.one().health().unavailable, 1);
    assert!(!offices.one().health().is_ready());

    // The same worker is welcome once there is one.
    offices.start(2).await;
    peer.register("w0", "a").await.unwrap();
    offices.stop_all().await;
}

#[tokio::test]
async fn a_coordinator_founds_no_cluster_without_itself() {
    let connection = natsgen_runtime::Connection::memory();
    let coordinator = CoordinatorNode::new(key("secret"), ReplicaOptions::memory(node(1)));
    let members = [(node(2), address(2))].into();
    let error = coordinator.members(members).start(&connection).await;
    assert!(matches!(error, Err(CoordinatorNodeError::NotAMember)));
}
