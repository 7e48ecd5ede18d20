//! Instances of a worker, registered with real coordinators.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use natsgen_runtime::Connection;
use natsgen_testing::NatsServer;
use varpulis_sdk::coordinator_node::{CoordinatorNode, RunningCoordinatorNode};
use varpulis_sdk::replica::ReplicaOptions;
use varpulis_sdk::types::{NodeId, RaftNode, WorkerStatus};
use varpulis_sdk::worker::WorkerClient;
use varpulis_sdk::worker_node::{WorkerHealth, WorkerPhase};

use super::membership::wait_for;
use super::replacement::start;
use super::takeover::take_over;
use super::{connect, outcomes, spawn_deploys, w1, within_timeout};

/// Starts three coordinators of a cluster. They know the key of `w1`, so that its newer instance replaces a live
/// instance. `connect` makes the connection of each node id.
pub(super) async fn coordinators(
    connect: impl AsyncFn(u64) -> Connection,
) -> Vec<RunningCoordinatorNode> {
    let id = |id: u64| NodeId::try_from(id).expect("an id");
    let address = |id: u64| {
        let address = format!("http://coordinator-{id}:9100");
        RaftNode::new(address.try_into().expect("an address"))
    };
    let members: BTreeMap<_, _> = (1..=3).map(|node| (id(node), address(node))).collect();
    let starting = (1..=3).map(|node| {
        let options = ReplicaOptions::memory(id(node))
            .heartbeat(Duration::from_millis(100))
            .election(Duration::from_millis(500), Duration::from_secs(1));
        let coordinator = CoordinatorNode::new("secret".try_into().expect("a key"), options)
            .worker_keys([(w1(), "secret".try_into().expect("a key"))].into())
            .members(members.clone())
            .heartbeat_interval(Duration::from_secs(1));
        let connecting = connect(node);
        async move { coordinator.start(&connecting.await).await }
    });
    let started = within_timeout("coordinators", try_join_all(starting)).await;
    started.expect("coordinators")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn takeover_with_real_coordinators_executes_nothing_twice() {
    let server = NatsServer::start().expect("a server");
    let coordinators = coordinators(async |_| connect(&server).await).await;
    take_over(&server).await;
    for coordinator in coordinators {
        within_timeout("shutdown", coordinator.shutdown()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_instance_starts_leave_one_registered() {
    let server = NatsServer::start().expect("a server");
    let coordinators = coordinators(async |_| connect(&server).await).await;
    for _ in 0..20 {
        let starting = (0..3).map(|_| async { start(&connect(&server).await).await.1 });
        let started = join_all(starting).await;
        let replica = coordinators[0].replica();
        let registered = replica.current(|registry| {
            let record = registry.worker(&w1())?;
            record.registration.instance.clone()
        });
        let registered = registered.await.expect("a registry").expect("a worker");
        for running in &started {
            if *running.instance() == registered {
                wait_for(running, "readiness", WorkerHealth::is_ready).await;
            } else {
                within_timeout("replacement notice", running.replaced()).await;
            }
        }
        for running in started {
            within_timeout("shutdown", running.shutdown()).await;
        }
    }
    for coordinator in coordinators {
        within_timeout("shutdown", coordinator.shutdown()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newer_instance_becomes_ready_and_reregisters_if_removed() {
    let server = NatsServer::start().expect("a server");
    let coordinators = coordinators(async |_| connect(&server).await).await;
    let (older, running) = start(&connect(&server).await).await;
    let client = WorkerClient::new(&connect(&server).await);
    let begun = spawn_deploys(&client, 10, "wait");
    older.until_begun(10).await;
    let (newer, successor) = start(&connect(&server).await).await;
    within_timeout("replacement notice", running.replaced()).await;
    older.release();
    for outcome in outcomes(begun).await {
        outcome.expect("a reply of the older instance");
    }
    assert_eq!(running.health().phase, WorkerPhase::Replaced);
    for coordinator in &coordinators {
        let mut changes = coordinator.changes();
        let is_ready = || {
            coordinator.worker(&w1()).is_some_and(|view| {
                let registered = view.record.registration.instance.as_ref();
                registered == Some(successor.instance())
                    && view.record.status == WorkerStatus::Ready
            })
        };
        let ready = async {
            while !is_ready() {
                changes.next().await.expect("the coordinator runs");
            }
        };
        within_timeout("readiness", ready).await;
    }
    let registrations = successor.health().registrations;
    coordinators[0]
        .remove(&w1())
        .await
        .expect("the worker is removed");
    wait_for(&successor, "registration", |health| {
        health.registrations > registrations && health.is_ready()
    })
    .await;
    for outcome in outcomes(spawn_deploys(&client, 10, "")).await {
        outcome.expect("a reply of the newer instance");
    }
    assert_eq!((older.begun(), newer.begun()), (10, 10));
    within_timeout("shutdown", running.shutdown()).await;
    within_timeout("shutdown", successor.shutdown()).await;
    for coordinator in coordinators {
        within_timeout("shutdown", coordinator.shutdown()).await;
    }
}
