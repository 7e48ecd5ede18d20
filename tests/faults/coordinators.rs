//! Instances of a worker before real coordinators.

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

use super::membership::until;
use super::replacement::start;
use super::takeover::take_over;
use super::{connect, deploys, ends, soon, w1};

/// Three coordinators of one cluster, each on a connection that `connect` makes for the number of its node.
pub(super) async fn coordinators(
    connect: impl AsyncFn(u64) -> Connection,
) -> Vec<RunningCoordinatorNode> {
    let id = |id: u64| NodeId::try_from(id).expect("an id");
    let address = |id: u64| RaftNode {
        addr: format!("http://coordinator-{id}:9100")
            .try_into()
            .expect("an address"),
    };
    let members: BTreeMap<_, _> = (1..=3).map(|node| (id(node), address(node))).collect();
    let starting = (1..=3).map(|node| {
        let options = ReplicaOptions::memory(id(node))
            .heartbeat(Duration::from_millis(100))
            .election(Duration::from_millis(500), Duration::from_secs(1));
        let coordinator = CoordinatorNode::new("secret".try_into().expect("a key"), options)
            .members(members.clone())
            .heartbeat_interval(Duration::from_secs(1));
        let connecting = connect(node);
        async move { coordinator.start(&connecting.await).await }
    });
    let started = soon("coordinators", try_join_all(starting)).await;
    started.expect("coordinators")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_take_over_before_real_coordinators_and_nothing_is_executed_twice() {
    let server = NatsServer::start().expect("a server");
    let coordinators = coordinators(async |_| connect(&server).await).await;
    take_over(&server).await;
    for coordinator in coordinators {
        soon("shutdown", coordinator.shutdown()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_instances_that_start_at_once_one_is_left() {
    let server = NatsServer::start().expect("a server");
    let coordinators = coordinators(async |_| connect(&server).await).await;
    for _ in 0..20 {
        let starting = (0..3).map(|_| async { start(&connect(&server).await).await.1 });
        let started = join_all(starting).await;
        let replica = coordinators[0].replica();
        let winner = replica.current(|registry| {
            let record = registry.worker(&w1())?;
            record.registration.instance.clone()
        });
        let winner = winner.await.expect("a registry").expect("a worker");
        for running in &started {
            if *running.instance() == winner {
                until(running, "readiness", WorkerHealth::is_ready).await;
            } else {
                soon("word of it", running.replaced()).await;
            }
        }
        for running in started {
            soon("shutdown", running.shutdown()).await;
        }
    }
    for coordinator in coordinators {
        soon("shutdown", coordinator.shutdown()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newer_is_ready_at_all_coordinators_and_one_that_was_removed_registers_again() {
    let server = NatsServer::start().expect("a server");
    let coordinators = coordinators(async |_| connect(&server).await).await;
    let (older, running) = start(&connect(&server).await).await;
    let client = WorkerClient::new(&connect(&server).await);
    let begun = deploys(&client, 10, "wait");
    older.until_begun(10).await;
    let (newer, successor) = start(&connect(&server).await).await;
    soon("word of it", running.replaced()).await;
    older.go_on();
    for end in ends(begun).await {
        end.expect("an answer of the older");
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
                changes.next().await.expect("it runs");
            }
        };
        soon("readiness", ready).await;
    }
    let registrations = successor.health().registrations;
    coordinators[0].remove(&w1()).await.expect("it is removed");
    until(&successor, "registration", |health| {
        health.registrations > registrations && health.is_ready()
    })
    .await;
    for end in ends(deploys(&client, 10, "")).await {
        end.expect("an answer of the newer");
    }
    assert_eq!((older.begun(), newer.begun()), (10, 10));
    soon("shutdown", running.shutdown()).await;
    soon("shutdown", successor.shutdown()).await;
    for coordinator in coordinators {
        soon("shutdown", coordinator.shutdown()).await;
    }
}
