//! The status of workers over time.

use natsgen_runtime::True;
use varpulis_sdk::coordinator_node::MemberError;
use varpulis_sdk::types::WorkerStatus;

use super::fixture::{
    Coordinators, Peer, request, until_ready, until_status, within_timeout, worker,
};
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    worker_with_heartbeats_is_ready
    worker_draining_stays_draining
    worker_without_heartbeats_is_unhealthy_on_any_leader
}

async fn worker_with_heartbeats_is_ready(network: Network) {
    let mut coordinators = Coordinators::started(network, 1).await;
    let (peer, w0) = (coordinators.peer().await, worker("w0"));
    peer.register("w0", "a").await.unwrap();
    let coordinator = coordinators.any();
    let known = coordinator.worker(&w0).unwrap();
    assert_eq!(known.record.status, WorkerStatus::Registering);
    assert_eq!(known.heartbeat, None);

    until_ready(coordinator, &peer, "w0").await;
    let known = coordinator.worker(&w0).unwrap();
    assert_eq!(known.heartbeat.unwrap().events_processed, 7);
    assert!(known.silence.is_some());
    until_status(coordinator, &w0, Some(WorkerStatus::Unhealthy)).await;
    let workers = coordinator.health().workers;
    assert_eq!((workers.unhealthy, workers.ready), (1, 0));

    peer.register("w0", "a").await.unwrap();
    let known = coordinator.worker(&w0).unwrap();
    assert_eq!(
        known.record.status,
        WorkerStatus::Unhealthy,
        "no heartbeat yet"
    );
    until_ready(coordinator, &peer, "w0").await;

    // A new instance must send a heartbeat before it is ready.
    peer.register("w0", "b").await.unwrap();
    let known = coordinator.worker(&w0).unwrap();
    assert_eq!(known.record.status, WorkerStatus::Registering);
    until_ready(coordinator, &peer, "w0").await;
    coordinators.stop_all().await;
}

/// Sends a heartbeat and waits until the coordinator has received it.
async fn send_and_await_heartbeat(coordinators: &Coordinators, peer: &Peer, id: &str) {
    let before = coordinators.any().health().heartbeats;
    peer.send_heartbeat(id).await;
    let waiting = async {
        while coordinators.any().health().heartbeats == before {
            tokio::task::yield_now().await;
        }
    };
    within_timeout("heartbeat", waiting).await;
}

async fn worker_draining_stays_draining(network: Network) {
    let mut coordinators = Coordinators::started(network, 1).await;
    let peer = coordinators.peer().await;
    let mut draining = request("w0", "a");
    draining.draining = Some(True);
    peer.client.register(&draining).await.unwrap();
    peer.register("w1", "a").await.unwrap();
    let coordinator = coordinators.any();
    until_ready(coordinator, &peer, "w1").await;
    // No process serves the commands of this worker, yet its status changes.
    let drained = coordinator.drain(&worker("w1")).await;
    assert!(matches!(drained, Err(MemberError::Drain(_))), "{drained:?}");
    let unknown = coordinator.drain(&worker("w2")).await;
    assert!(
        matches!(unknown, Err(MemberError::Refused(_))),
        "{unknown:?}"
    );

    for id in ["w0", "w1"] {
        send_and_await_heartbeat(&coordinators, &peer, id).await;
        peer.register(id, "a").await.unwrap();
        let known = coordinator.worker(&worker(id)).unwrap();
        assert_eq!(known.record.status, WorkerStatus::Draining, "{id}");
    }
    // A repeated request writes nothing.
    let before = coordinator.health().raft.last_entry;
    peer.client.register(&draining).await.unwrap();
    assert_eq!(coordinator.health().raft.last_entry, before);

    peer.register("w0", "b").await.unwrap();
    until_ready(coordinator, &peer, "w0").await;
    assert_eq!(coordinator.health().workers.draining, 1);
    coordinators.stop_all().await;
}

async fn worker_without_heartbeats_is_unhealthy_on_any_leader(network: Network) {
    let mut coordinators = Coordinators::started(network, 3).await;
    let (peer, w0) = (coordinators.peer().await, worker("w0"));
    for instance in ["a", "b"] {
        peer.register("w0", instance).await.unwrap();
        for coordinator in coordinators.running.values() {
            until_ready(coordinator, &peer, "w0").await;
        }
        let leader = coordinators.leader().await;
        coordinators.stop(leader).await;
        coordinators.leader().await;
        for coordinator in coordinators.running.values() {
            until_status(coordinator, &w0, Some(WorkerStatus::Unhealthy)).await;
        }
        coordinators.start(leader).await;
    }
    coordinators.stop_all().await;
}
