//! Registrations survive failures of coordinators.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use natsgen_runtime::CallOptions;
use tokio::task::JoinSet;
use tokio::time::interval;
use varpulis_sdk::coordinator::RegisterFault;
use varpulis_sdk::replica::Change;
use varpulis_sdk::types::{Command, WorkerStatus};

use super::fixture::{
    Coordinators, Peer, request, until_ready, until_status, within_timeout, worker,
};
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    registrations_survive_a_coordinator_failure
    coordinators_restart_with_their_registry
}

async fn registrations_survive_a_coordinator_failure(network: Network) {
    const WORKERS: usize = 300;
    let mut coordinators = Coordinators::started(network, 3).await;
    for round in 0..2 {
        let peer = coordinators.peer().await;
        // A coordinator that dies leaves its requests without a reply.
        let options = CallOptions::new().timeout(Duration::from_secs(3));
        let client = peer.client.clone().options(options);
        let done = Arc::new(AtomicUsize::new(0));
        let mut calls = JoinSet::new();
        for number in 0..WORKERS {
            let (client, done) = (client.clone(), Arc::clone(&done));
            calls.spawn(async move {
                let request = request(&format!("w{round}-{number}"), "a");
                // Retries, as a worker does.
                while let Err(error) = client.register(&request).await {
                    assert_ne!(error.fault(), Some(&RegisterFault::WorkerReplaced));
                }
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
        while done.load(Ordering::Relaxed) < WORKERS / 10 {
            tokio::task::yield_now().await;
        }
        let leader = coordinators.leader().await;
        let mut others = coordinators.ids().into_iter().filter(|id| *id != leader);
        let target = if round == 0 {
            leader
        } else {
            others.next().unwrap()
        };
        if round == 0 {
            coordinators.kill(target).await;
        } else {
            coordinators.stop(target).await;
            coordinators.start(target).await;
        }
        within_timeout("end of all calls", calls.join_all()).await;
        for coordinator in coordinators.running.values() {
            let known = coordinator
                .replica()
                .current(|registry| registry.workers().count());
            assert_eq!(known.await.unwrap(), WORKERS * (round + 1));
        }
    }
    coordinators.stop_all().await;
}

async fn coordinators_restart_with_their_registry(network: Network) {
    let mut coordinators = Coordinators::started(network, 3).await;
    let peer = coordinators.peer().await;
    for instance in ["a", "b"] {
        peer.register("w0", instance).await.unwrap();
    }
    for coordinator in coordinators.running.values() {
        until_ready(coordinator, &peer, "w0").await;
    }
    let before = coordinators.any().worker(&worker("w0")).unwrap().record;
    coordinators.stop_all().await;

    coordinators.start_all().await;
    for coordinator in coordinators.running.values() {
        let worker = worker("w0");
        let known = coordinator
            .replica()
            .current(|registry| registry.worker(&worker).cloned());
        assert_eq!(known.await.unwrap().as_ref(), Some(&before));
    }
    let refused = peer.register("w0", "a").await.unwrap_err();
    assert_eq!(refused.fault(), Some(&RegisterFault::WorkerReplaced));
    peer.register("w0", "b").await.unwrap();
    assert_eq!(
        coordinators.any().worker(&worker("w0")).unwrap().record,
        before
    );
    coordinators.stop_all().await;
}

/// Sends heartbeats of `w0` for as long as the future is polled.
async fn send_heartbeats(peer: &Peer) -> ! {
    let mut pauses = interval(Duration::from_millis(200));
    loop {
        pauses.tick().await;
        peer.send_heartbeat("w0").await;
    }
}

/// Isolates the leader until it has written an uncommitted entry. Returns the leader.
async fn isolate_until_uncommitted_entry(coordinators: &Coordinators) -> u64 {
    loop {
        let leader = coordinators.leader().await;
        let replica = coordinators.running[&leader].replica();
        // A leader acts only after the first entry of its term is committed.
        replica.current(|_| ()).await.unwrap();
        let before = replica.health().last_entry;
        coordinators.transport(leader).disconnect();
        let mut metrics = replica.metrics();
        // On a slow machine the leader may have lost its leadership before.
        let ends = metrics
            .wait_for(|metrics| metrics.last_log_index > before || !metrics.state.is_leader());
        let is_leader = within_timeout("an entry", ends)
            .await
            .unwrap()
            .state
            .is_leader();
        coordinators.transport(leader).reconnect();
        if is_leader {
            return leader;
        }
    }
}

/// An isolated leader receives no heartbeats and marks all workers unhealthy. These changes must not be committed.
#[tokio::test(flavor = "multi_thread")]
async fn isolated_leader_marks_no_worker_unhealthy() {
    let mut coordinators = Coordinators::started(Network::memory(), 3).await;
    let (peer, w0) = (coordinators.peer().await, worker("w0"));
    peer.register("w0", "a").await.unwrap();
    let observer = coordinators.any();
    until_ready(observer, &peer, "w0").await;
    let mut changes = observer.changes();

    let isolation = async {
        let leader = isolate_until_uncommitted_entry(&coordinators).await;
        let isolated = &coordinators.running[&leader];
        let mut metrics = isolated.replica().metrics();
        let follows = metrics.wait_for(|metrics| {
            let known = metrics.current_leader;
            known.is_some_and(|known| known != leader)
        });
        within_timeout("another leader", follows).await.unwrap();
        isolated.replica().current(|_| ()).await.unwrap();
        // This registration follows all earlier commits in the log.
        peer.register("w1", "a").await.unwrap();
        let last = worker("w1");
        until_status(observer, &last, Some(WorkerStatus::Registering)).await;
    };
    tokio::select! {
        () = isolation => {}
        endless = send_heartbeats(&peer) => endless,
    }
    loop {
        match within_timeout("the last change", changes.next())
            .await
            .unwrap()
        {
            Change::Applied(command) => match &*command {
                Command::WorkerStatusChanged(change) => {
                    assert_ne!(change.status, WorkerStatus::Unhealthy, "{change:?}");
                }
                Command::RegisterWorker(registration) if registration.id == "w1" => break,
                _ => {}
            },
            Change::Restored => panic!("a change was lost"),
        }
    }
    for coordinator in coordinators.running.values() {
        let known = coordinator
            .replica()
            .current(|registry| registry.worker(&w0).cloned());
        assert_eq!(known.await.unwrap().unwrap().status, WorkerStatus::Ready);
    }
    coordinators.stop_all().await;
}
