//! Each registration gets exactly one reply.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use natsgen_runtime::{CallOptions, Failure};
use varpulis_sdk::coordinator::RegisterFault;
use varpulis_sdk::coordinator_node::{CoordinatorNode, CoordinatorNodeError};
use varpulis_sdk::replica::ReplicaOptions;

use super::fixture::{Coordinators, key, next, request, worker};
use crate::cluster::{Network, address, node, over_both_networks};

over_both_networks! {
    registration_gets_exactly_one_reply
    registration_renewal_without_change_writes_nothing
    registration_of_newer_instance_replaces_the_older
    registration_with_wrong_api_key_is_refused
    registration_keeps_only_a_digest_of_the_api_key
    registration_without_leader_fails_in_time
}

async fn registration_gets_exactly_one_reply(network: Network) {
    const WORKERS: u64 = 300;
    let mut coordinators = Coordinators::started(network, 3).await;
    let peer = coordinators.peer().await;
    let ids: Vec<_> = (0..WORKERS).map(|number| format!("w{number}")).collect();
    let calls = ids.iter().map(|id| peer.register(id, "a"));
    for (id, reply) in ids.iter().zip(join_all(calls).await) {
        let reply = reply.unwrap();
        assert_eq!(&reply.worker_id, id);
        let interval = reply.heartbeat_interval.unwrap();
        assert_eq!(interval.get(), Duration::from_secs(1));
    }
    assert_eq!(coordinators.sum(|health| health.registrations), WORKERS);
    assert_eq!(coordinators.sum(|health| health.requests.received), WORKERS);
    assert_eq!(peer.connection.late_answers(), 0);
    for coordinator in coordinators.running.values() {
        let known = coordinator
            .replica()
            .current(|registry| registry.workers().count());
        assert_eq!(known.await.unwrap(), 300);
    }
    coordinators.stop_all().await;
}

async fn registration_renewal_without_change_writes_nothing(network: Network) {
    let mut coordinators = Coordinators::started(network, 3).await;
    let peer = coordinators.peer().await;
    peer.register("w0", "a").await.unwrap();
    for coordinator in coordinators.running.values() {
        coordinator.replica().current(|_| ()).await.unwrap();
    }
    let entries = |coordinators: &Coordinators| {
        let coordinators = coordinators.running.values();
        coordinators
            .map(|coordinator| coordinator.health().raft.last_entry)
            .max()
    };
    let before = entries(&coordinators);
    for _ in 0..100 {
        peer.register("w0", "a").await.unwrap();
    }
    assert_eq!(entries(&coordinators), before);
    let mut more = request("w0", "a");
    more.capacity.max_pipelines = 11;
    peer.client.register(&more).await.unwrap();
    assert!(entries(&coordinators) > before);
    coordinators.stop_all().await;
}

async fn registration_of_newer_instance_replaces_the_older(network: Network) {
    let mut coordinators = Coordinators::started(network, 3).await;
    let (old, new) = (coordinators.peer().await, coordinators.peer().await);
    let mut notices = old.notices().await;
    for round in 0..5 {
        let (a, b) = (format!("a{round}"), format!("b{round}"));
        old.register("w0", &a).await.unwrap();
        new.register("w0", &b).await.unwrap();
        // The notice is repeated until the newer instance has sent a heartbeat.
        loop {
            let notice = next(&mut notices).await;
            assert_eq!(notice.params.worker_id, worker("w0"));
            let mut replaced = notice.event.replaced.iter();
            if replaced.any(|instance| instance.as_str() == a) {
                break;
            }
        }
        for coordinator in coordinators.running.values() {
            coordinator.replica().current(|_| ()).await.unwrap();
        }
        for _ in 0..5 {
            let refused = old.register("w0", &a).await.unwrap_err();
            assert_eq!(refused.fault(), Some(&RegisterFault::WorkerReplaced));
        }
        // The newer instance continues.
        new.register("w0", &b).await.unwrap();
        let known = coordinators.any().worker(&worker("w0")).unwrap();
        assert_eq!(known.record.registration.instance.unwrap().as_str(), b);
    }
    assert_eq!(coordinators.sum(|health| health.refused), 25);
    coordinators.stop_all().await;
}

async fn registration_with_wrong_api_key_is_refused(network: Network) {
    let mut coordinators = Coordinators::started(network, 1).await;
    let peer = coordinators.peer().await;
    for wrong in ["Secret", "secre", "secrets", "s"] {
        let mut request = request("w0", "a");
        request.api_key = key(wrong);
        let refused = peer.client.register(&request).await.unwrap_err();
        assert_eq!(refused.fault(), Some(&RegisterFault::InvalidApiKey));
    }
    let health = coordinators.any().health();
    assert_eq!((health.refused, health.registrations), (4, 0));
    assert!(coordinators.any().worker(&worker("w0")).is_none());
    coordinators.stop_all().await;
}

async fn registration_keeps_only_a_digest_of_the_api_key(network: Network) {
    let mut coordinators = Coordinators::started(network, 1).await;
    let peer = coordinators.peer().await;
    peer.register("w0", "a").await.unwrap();
    let record = coordinators.any().worker(&worker("w0")).unwrap().record;
    let stored = record.registration.api_key.expose().to_owned();
    assert!(stored.starts_with("hmac-sha256:"), "{stored}");
    assert!(!stored.contains("secret"), "{stored}");
    coordinators.stop_all().await;
}

async fn registration_without_leader_fails_in_time(network: Network) {
    let mut coordinators = Coordinators::new(network, 3);
    coordinators.start(1).await;
    let peer = coordinators.peer().await;
    let options = CallOptions::new().timeout(Duration::from_secs(2));
    let client = peer.client.clone().options(options);
    let began = Instant::now();
    let error = client.register(&request("w0", "a")).await.unwrap_err();
    assert!(
        matches!(error.fault(), Some(RegisterFault::RegistryUnavailable(_))),
        "{error:?}"
    );
    assert!(matches!(error.failure, Failure::Refused(_)));
    assert!(
        began.elapsed() > Duration::from_secs(1),
        "the server retried"
    );
    assert_eq!(coordinators.any().health().unavailable, 1);
    assert!(!coordinators.any().health().is_ready());

    // The same worker can register once there is a leader: the last member founds the cluster with the others.
    coordinators.start(2).await;
    coordinators.start(3).await;
    peer.register("w0", "a").await.unwrap();
    coordinators.stop_all().await;
}

#[tokio::test]
async fn coordinator_outside_its_members_fails_to_start() {
    let connection = natsgen_runtime::Connection::memory();
    let coordinator = CoordinatorNode::new(key("secret"), ReplicaOptions::memory(node(1)));
    let members = [(node(2), address(2))].into();
    let error = coordinator.members(members).start(&connection).await;
    assert!(matches!(error, Err(CoordinatorNodeError::NotAMember)));
}
