//! Coordinators come and go; what they said stays true.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use natsgen_runtime::CallOptions;
use tokio::task::JoinSet;
use varpulis_sdk::coordinator::RegisterFault;
use varpulis_sdk::types::WorkerStatus;

use super::offices::{Offices, request, soon, until_status, worker};
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
