//! Heartbeats of workers that nobody knows, that nobody can read, and that come faster than they are read.

use std::time::Duration;

use natsgen_runtime::Subscription;
use natsgen_runtime::transport::{Message, Transport as _};
use tokio::task::yield_now;
use tokio::time::interval;
use varpulis_sdk::types::WorkerStatus;
use varpulis_sdk::worker::Registration;

use super::offices::{Offices, Peer, next, soon, until_status, worker};
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    a_stray_heartbeat_is_answered_by_the_leader
    a_worker_that_was_removed_is_told
}

/// Sends heartbeats, as a worker does, until there is a notice. How many it took.
async fn beat_until_told(peer: &Peer, id: &str, notices: &mut Subscription<Registration>) -> u64 {
    let mut beats = 0;
    let mut pauses = interval(Duration::from_millis(200));
    let notice = loop {
        tokio::select! {
            notice = next(notices) => break notice,
            _ = pauses.tick() => {
                peer.beat(id).await;
                beats += 1;
            }
        }
    };
    assert_eq!(notice.params.worker_id, worker(id));
    assert_eq!(notice.event, Registration::default());
    beats
}

async fn a_stray_heartbeat_is_answered_by_the_leader(network: Network) {
    let mut offices = Offices::open(network, 3).await;
    let peer = offices.peer().await;
    let mut notices = peer.notices().await;
    let beats = beat_until_told(&peer, "w0", &mut notices).await;
    peer.register("w0", "a").await.unwrap();
    peer.register("w0", "b").await.unwrap();
    let mut told = 1;
    let instance = loop {
        match next(&mut notices).await.event.instance {
            Some(instance) => break instance,
            None => told += 1,
        }
    };
    assert_eq!(instance.as_str(), "b");
    assert!(
        told <= beats,
        "of three coordinators one answers: {told} {beats}"
    );
    peer.beat("w0").await;
    for office in offices.running.values() {
        until_status(office, &worker("w0"), Some(WorkerStatus::Ready)).await;
        assert!(office.health().unknown_heartbeats >= beats);
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
    beat_until_told(&peer, "w0", &mut notices).await;
    offices.stop_all().await;
}

/// In a runtime with one thread a burst is over before anybody reads it.
#[tokio::test]
async fn lost_and_unreadable_heartbeats_are_counted() {
    const BURST: u64 = 100_000;
    let mut offices = Offices::open(Network::memory(), 1).await;
    let peer = offices.peer().await;
    peer.register("w0", "a").await.unwrap();
    for _ in 0..BURST {
        peer.beat("w0").await;
    }
    let count = || {
        let health = offices.one().health();
        (health.heartbeats, health.lost_heartbeats)
    };
    let all = async {
        while count().0 + count().1 < BURST {
            yield_now().await;
        }
    };
    soon("an account of all heartbeats", all).await;
    let (heard, lost) = count();
    assert!(heard > 0 && lost > 0, "{heard} {lost}");

    let Network::Memory(broker) = &offices.network else {
        unreachable!("it is over memory");
    };
    let unreadable = Message {
        subject: "varpulis.cluster.heartbeat.w0".to_owned(),
        payload: "{".into(),
        ..Message::default()
    };
    broker.connect().publish(unreadable).await.unwrap();
    let counted = async {
        while offices.one().health().unreadable_heartbeats == 0 {
            yield_now().await;
        }
    };
    soon("a count", counted).await;
    offices.stop_all().await;
}
