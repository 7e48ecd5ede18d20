//! Workers that nobody knows hear that they must register.

use varpulis_sdk::types::WorkerStatus;

use super::offices::{Offices, next, until_status, worker};
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    a_stray_heartbeat_is_answered_by_the_leader
    a_worker_that_was_removed_is_told
}

async fn a_stray_heartbeat_is_answered_by_the_leader(network: Network) {
    let mut offices = Offices::open(network, 3).await;
    let peer = offices.peer().await;
    let mut notices = peer.notices().await;
    peer.beat("w0").await;
    assert_eq!(next(&mut notices).await, ("w0".to_owned(), None));
    peer.register("w0", "a").await.unwrap();
    let registered = Some("a".to_owned());
    assert_eq!(
        next(&mut notices).await,
        ("w0".to_owned(), registered),
        "of three coordinators one has answered"
    );
    peer.beat("w0").await;
    for office in offices.running.values() {
        until_status(office, &worker("w0"), Some(WorkerStatus::Ready)).await;
        assert_eq!(office.health().stray_heartbeats, 1);
    }
    offices.stop_all().await;
}

async fn a_worker_that_was_removed_is_told(network: Network) {
    let mut offices = Offices::open(network, 1).await;
    let (peer, w0) = (offices.peer().await, worker("w0"));
    peer.register("w0", "").await.unwrap();
    peer.beat("w0").await;
    let office = offices.one();
    until_status(office, &w0, Some(WorkerStatus::Ready)).await;
    let mut notices = peer.notices().await;
    office.remove(&w0).await.unwrap();
    assert!(office.worker(&w0).is_none());
    office.remove(&w0).await.unwrap_err();
    peer.beat("w0").await;
    assert_eq!(next(&mut notices).await, ("w0".to_owned(), None));
    offices.stop_all().await;
}
