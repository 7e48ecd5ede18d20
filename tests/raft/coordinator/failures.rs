//! Coordinators come and go; what they said stays true.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use natsgen_runtime::CallOptions;
use tokio::task::JoinSet;
use tokio::time::interval;
use varpulis_sdk::coordinator::RegisterFault;
use varpulis_sdk::replica::Change;
use varpulis_sdk::types::{Command, WorkerStatus};

use super::offices::{Offices, Peer, request, soon, until_status, worker};
use crate::cluster::{Network, over_both_networks};

over_both_networks! {
    a_coordinator_may_die_while_workers_register
    all_coordinators_restart_and_know_what_they_knew
}

async fn a_coordinator_may_die_while_workers_register(network: Network) {
    const WORKERS: usize = 300;
    let mut offices = Offices::open(network, 3).await;
    for round in 0..2 {
        let peer = offices.peer().await;
        // What a dead coordinator has taken is never answered.
        let options = CallOptions::new().timeout(Duration::from_secs(3));
        let client = peer.client.clone().with_options(options);
        let done = Arc::new(AtomicUsize::new(0));
        let mut calls = JoinSet::new();
        for number in 0..WORKERS {
            let (client, done) = (client.clone(), Arc::clone(&done));
            calls.spawn(async move {
                let request = request(&format!("w{round}-{number}"), "a");
                // As a worker does.
                while let Err(error) = client.register(&request).await {
                    assert_ne!(error.fault(), Some(&RegisterFault::WorkerReplaced));
                }
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
        while done.load(Ordering::Relaxed) < WORKERS / 10 {
            tokio::task::yield_now().await;
        }
        let leader = offices.leader().await;
        let mut others = offices.ids().into_iter().filter(|id| *id != leader);
        let victim = if round == 0 {
            leader
        } else {
            others.next().unwrap()
        };
        if round == 0 {
            offices.kill(victim).await;
        } else {
            offices.stop(victim).await;
            offices.start(victim).await;
        }
        soon("end of all calls", calls.join_all()).await;
        for office in offices.running.values() {
            let known = office
                .replica()
                .current(|registry| registry.workers().count());
            assert_eq!(known.await.unwrap(), WORKERS * (round + 1));
        }
    }
    offices.stop_all().await;
}

async fn all_coordinators_restart_and_know_what_they_knew(network: Network) {
    let mut offices = Offices::open(network, 3).await;
    let peer = offices.peer().await;
    for instance in ["a", "b"] {
        peer.register("w0", instance).await.unwrap();
    }
    peer.beat("w0").await;
    for office in offices.running.values() {
        until_status(office, &worker("w0"), Some(WorkerStatus::Ready)).await;
    }
    let before = offices.one().worker(&worker("w0")).unwrap().record;
    offices.stop_all().await;

    offices.start_all().await;
    for office in offices.running.values() {
        let worker = worker("w0");
        let known = office
            .replica()
            .current(|registry| registry.worker(&worker).cloned());
        assert_eq!(known.await.unwrap().as_ref(), Some(&before));
    }
    let refused = peer.register("w0", "a").await.unwrap_err();
    assert_eq!(refused.fault(), Some(&RegisterFault::WorkerReplaced));
    peer.register("w0", "b").await.unwrap();
    assert_eq!(offices.one().worker(&worker("w0")).unwrap().record, before);
    offices.stop_all().await;
}

/// Sends a heartbeat of `w0` every now and then, for as long as it is polled.
async fn beat(peer: &Peer) -> ! {
    let mut pauses = interval(Duration::from_millis(200));
    loop {
        pauses.tick().await;
        peer.beat("w0").await;
    }
}

/// Cuts off whoever leads until it has written something that nobody else has.
async fn cut_until_it_has_an_opinion(offices: &Offices) -> u64 {
    loop {
        let leader = offices.leader().await;
        let replica = offices.running[&leader].replica();
        // Before its own term has begun for all, it has no duties.
        replica.current(|_| ()).await.unwrap();
        let before = replica.health().last_entry;
        offices.cable(leader).disconnect();
        let mut metrics = replica.metrics();
        // On a slow machine it may have been deposed just before.
        let ends = metrics
            .wait_for(|metrics| metrics.last_log_index > before || !metrics.state.is_leader());
        let has_opinion = soon("an opinion", ends).await.unwrap().state.is_leader();
        offices.cable(leader).reconnect();
        if has_opinion {
            return leader;
        }
    }
}

/// One that leads and hears nobody thinks the worst of all workers; nobody shall believe it.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_cut_off_calls_no_worker_unhealthy() {
    let mut offices = Offices::open(Network::memory(), 3).await;
    let (peer, w0) = (offices.peer().await, worker("w0"));
    peer.register("w0", "a").await.unwrap();
    peer.beat("w0").await;
    let witness = offices.one();
    until_status(witness, &w0, Some(WorkerStatus::Ready)).await;
    let mut changes = witness.changes();

    let cut = async {
        let leader = cut_until_it_has_an_opinion(&offices).await;
        let lonely = &offices.running[&leader];
        let mut metrics = lonely.replica().metrics();
        let follows = metrics.wait_for(|metrics| {
            let known = metrics.current_leader;
            known.is_some_and(|known| known != leader)
        });
        soon("another leader", follows).await.unwrap();
        lonely.replica().current(|_| ()).await.unwrap();
        // All that was committed meanwhile is behind this.
        peer.register("w1", "a").await.unwrap();
        let last = worker("w1");
        until_status(witness, &last, Some(WorkerStatus::Registering)).await;
    };
    tokio::select! {
        () = cut => {}
        never = beat(&peer) => never,
    }
    loop {
        match soon("the last change", changes.next()).await.unwrap() {
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
    for office in offices.running.values() {
        let known = office
            .replica()
            .current(|registry| registry.worker(&w0).cloned());
        assert_eq!(known.await.unwrap().unwrap().status, WorkerStatus::Ready);
    }
    offices.stop_all().await;
}
