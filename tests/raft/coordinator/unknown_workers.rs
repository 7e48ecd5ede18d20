//! Heartbeats of unknown workers, unreadable heartbeats, and heartbeats that arrive faster than they are read.

use std::time::Duration;

use natsgen_runtime::Subscription;
use natsgen_runtime::transport::{Message, Transport as _};
use tokio::task::yield_now;
use tokio::time::interval;
use varpulis_sdk::types::WorkerStatus;
use varpulis_sdk::worker::Registration;

use super::fixture::{Coordinators, Peer, next, until_status, within_timeout, worker};
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    unknown_worker_heartbeat_gets_a_notice_from_the_leader
    removed_worker_gets_a_notice
}

/// Sends heartbeats until a notice arrives. Returns the number of heartbeats.
async fn send_heartbeats_until_notice(
    peer: &Peer,
    id: &str,
    notices: &mut Subscription<Registration>,
) -> u64 {
    let mut heartbeats = 0;
    let mut pauses = interval(Duration::from_millis(200));
    let notice = loop {
        tokio::select! {
            notice = next(notices) => break notice,
            _ = pauses.tick() => {
                peer.send_heartbeat(id).await;
                heartbeats += 1;
            }
        }
    };
    assert_eq!(notice.params.worker_id, worker(id));
    assert_eq!(notice.event, Registration::default());
    heartbeats
}

async fn unknown_worker_heartbeat_gets_a_notice_from_the_leader(network: Network) {
    let mut coordinators = Coordinators::started(network, 3).await;
    let peer = coordinators.peer().await;
    let mut notices = peer.notices().await;
    let heartbeats = send_heartbeats_until_notice(&peer, "w0", &mut notices).await;
    peer.register("w0", "a").await.unwrap();
    peer.register("w0", "b").await.unwrap();
    let mut notices_before = 1;
    let instance = loop {
        match next(&mut notices).await.event.instance {
            Some(instance) => break instance,
            None => notices_before += 1,
        }
    };
    assert_eq!(instance.as_str(), "b");
    assert!(
        notices_before <= heartbeats,
        "a single coordinator replies: {notices_before} {heartbeats}"
    );
    peer.send_heartbeat("w0").await;
    for coordinator in coordinators.running.values() {
        until_status(coordinator, &worker("w0"), Some(WorkerStatus::Ready)).await;
        assert!(coordinator.health().unknown_heartbeats >= heartbeats);
    }
    coordinators.stop_all().await;
}

async fn removed_worker_gets_a_notice(network: Network) {
    let mut coordinators = Coordinators::started(network, 1).await;
    let (peer, w0) = (coordinators.peer().await, worker("w0"));
    peer.register("w0", "").await.unwrap();
    peer.send_heartbeat("w0").await;
    let coordinator = coordinators.any();
    until_status(coordinator, &w0, Some(WorkerStatus::Ready)).await;
    let mut notices = peer.notices().await;
    coordinator.remove(&w0).await.unwrap();
    assert!(coordinator.worker(&w0).is_none());
    coordinator.remove(&w0).await.unwrap_err();
    send_heartbeats_until_notice(&peer, "w0", &mut notices).await;
    coordinators.stop_all().await;
}

/// On a single-threaded runtime the burst is complete before the coordinator reads a heartbeat.
#[tokio::test]
async fn heartbeats_lost_and_unreadable_are_counted() {
    const BURST: u64 = 100_000;
    let mut coordinators = Coordinators::started(Network::memory(), 1).await;
    let peer = coordinators.peer().await;
    peer.register("w0", "a").await.unwrap();
    for _ in 0..BURST {
        peer.send_heartbeat("w0").await;
    }
    let count = || {
        let health = coordinators.any().health();
        (health.heartbeats, health.lost_heartbeats)
    };
    let all = async {
        while count().0 + count().1 < BURST {
            yield_now().await;
        }
    };
    within_timeout("count of all heartbeats", all).await;
    let (heard, lost) = count();
    assert!(heard > 0 && lost > 0, "{heard} {lost}");

    let Network::Memory(broker) = &coordinators.network else {
        unreachable!("the transport is in-process");
    };
    let unreadable = Message {
        subject: "varpulis.cluster.heartbeat.w0".to_owned(),
        payload: "{".into(),
        ..Message::default()
    };
    broker.connect().publish(unreadable).await.unwrap();
    let counted = async {
        while coordinators.any().health().unreadable_heartbeats == 0 {
            yield_now().await;
        }
    };
    within_timeout("count", counted).await;
    coordinators.stop_all().await;
}
