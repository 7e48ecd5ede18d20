//! What coordinators think of a worker over time.

use natsgen_runtime::True;
use varpulis_sdk::coordinator_node::MemberError;
use varpulis_sdk::types::WorkerStatus;

use super::offices::{Offices, Peer, request, soon, until_status, worker};
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    a_worker_is_ready_while_it_is_heard
    a_worker_that_drains_does_so_for_good
    a_silent_worker_is_unhealthy_whoever_leads
}

async fn a_worker_is_ready_while_it_is_heard(network: Network) {
    let mut offices = Offices::open(network, 1).await;
    let (peer, w0) = (offices.peer().await, worker("w0"));
    peer.register("w0", "a").await.unwrap();
    let office = offices.one();
    let known = office.worker(&w0).unwrap();
    assert_eq!(known.record.status, WorkerStatus::Registering);
    assert_eq!(known.heartbeat, None);

    peer.beat("w0").await;
    until_status(office, &w0, Some(WorkerStatus::Ready)).await;
    let known = office.worker(&w0).unwrap();
    assert_eq!(known.heartbeat.unwrap().events_processed, 7);
    assert!(known.silence.is_some());
    until_status(office, &w0, Some(WorkerStatus::Unhealthy)).await;
    let workers = office.health().workers;
    assert_eq!((workers.unhealthy, workers.ready), (1, 0));

    peer.register("w0", "a").await.unwrap();
    let known = office.worker(&w0).unwrap();
    assert_eq!(known.record.status, WorkerStatus::Unhealthy, "not heard");
    peer.beat("w0").await;
    until_status(office, &w0, Some(WorkerStatus::Ready)).await;

    // A new instance is heard before it is ready.
    peer.register("w0", "b").await.unwrap();
    let known = office.worker(&w0).unwrap();
    assert_eq!(known.record.status, WorkerStatus::Registering);
    peer.beat("w0").await;
    until_status(office, &w0, Some(WorkerStatus::Ready)).await;
    offices.stop_all().await;
}

/// Waits until a coordinator has heard a heartbeat that was sent just now.
async fn heard(offices: &Offices, peer: &Peer, id: &str) {
    let heard = offices.one().health().heartbeats;
    peer.beat(id).await;
    let waiting = async {
        while offices.one().health().heartbeats == heard {
            tokio::task::yield_now().await;
        }
    };
    soon("heartbeat", waiting).await;
}

async fn a_worker_that_drains_does_so_for_good(network: Network) {
    let mut offices = Offices::open(network, 1).await;
    let peer = offices.peer().await;
    let mut draining = request("w0", "a");
    draining.draining = Some(True);
    peer.client.register(&draining).await.unwrap();
    peer.register("w1", "a").await.unwrap();
    peer.beat("w1").await;
    let office = offices.one();
    until_status(office, &worker("w1"), Some(WorkerStatus::Ready)).await;
    // Nobody serves its commands; its status is another all the same.
    let drained = office.drain(&worker("w1")).await;
    assert!(matches!(drained, Err(MemberError::Drain(_))), "{drained:?}");
    let unknown = office.drain(&worker("w2")).await;
    assert!(
        matches!(unknown, Err(MemberError::Refused(_))),
        "{unknown:?}"
    );

    for id in ["w0", "w1"] {
        heard(&offices, &peer, id).await;
        peer.register(id, "a").await.unwrap();
        let known = office.worker(&worker(id)).unwrap();
        assert_eq!(known.record.status, WorkerStatus::Draining, "{id}");
    }
    // What is said again writes nothing.
    let before = office.health().raft.last_entry;
    peer.client.register(&draining).await.unwrap();
    assert_eq!(office.health().raft.last_entry, before);

    peer.register("w0", "b").await.unwrap();
    peer.beat("w0").await;
    until_status(office, &worker("w0"), Some(WorkerStatus::Ready)).await;
    assert_eq!(office.health().workers.draining, 1);
    offices.stop_all().await;
}

async fn a_silent_worker_is_unhealthy_whoever_leads(network: Network) {
    let mut offices = Offices::open(network, 3).await;
    let (peer, w0) = (offices.peer().await, worker("w0"));
    for instance in ["a", "b"] {
        peer.register("w0", instance).await.unwrap();
        peer.beat("w0").await;
        for office in offices.running.values() {
            until_status(office, &w0, Some(WorkerStatus::Ready)).await;
        }
        let leader = offices.leader().await;
        offices.stop(leader).await;
        offices.leader().await;
        for office in offices.running.values() {
            until_status(office, &w0, Some(WorkerStatus::Unhealthy)).await;
        }
        offices.start(leader).await;
    }
    offices.stop_all().await;
}
