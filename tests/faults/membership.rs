//! A worker joins whenever there is somebody to join, and joins again when it was forgotten.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use natsgen_runtime::{
    CallOptions, Connection, Failure, Limited, MemoryBroker, NatsOptions, NotDelivered, Retry,
};
use natsgen_testing::NatsServer;
use tokio::time::sleep;
use varpulis_sdk::coordinator::{Heartbeat, RegisterFault};
use varpulis_sdk::types::PipelineMetrics;
use varpulis_sdk::worker::WorkerClient;
use varpulis_sdk::worker_node::{RunningWorkerNode, WorkerHealth, WorkerNode, WorkerPhase};

use super::registry::Registry;
use super::{PATIENCE, Worker, connect, deploy, soon, w1};

/// A worker that does not wait long before it tries again.
pub(super) fn node(worker: &Worker) -> WorkerNode<Worker> {
    WorkerNode::new(w1(), "secret".try_into().expect("a key"), worker.clone())
        .pauses(Duration::from_millis(20), Duration::from_millis(100))
}

/// Waits until the worker is like this.
pub(super) async fn until(
    running: &RunningWorkerNode,
    what: &str,
    is_so: impl Fn(&WorkerHealth) -> bool,
) -> WorkerHealth {
    let waiting = async {
        loop {
            let health = running.health();
            if is_so(&health) {
                return health;
            }
            sleep(Duration::from_millis(2)).await;
        }
    };
    soon(what, waiting).await
}

/// Chance that can be had again: `SEED=… cargo test`.
pub(super) fn seed() -> u64 {
    let given = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("SEED={seed}");
    seed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_may_start_before_the_server_and_the_coordinator() {
    let mut server = NatsServer::start().expect("a server");
    server.kill();
    let worker = Worker::default();
    let (options, starting) = (NatsOptions::new(&server.url()), node(&worker));
    let starting = tokio::spawn(async move {
        let connection = options.wait(PATIENCE).connect().await;
        starting.start(&connection.expect("a connection")).await
    });
    sleep(Duration::from_millis(200)).await;
    assert!(!starting.is_finished(), "there is no server yet");
    server.restart().expect("a server");
    let running = soon("worker", starting).await.expect("no panic");
    let running = running.expect("a worker");

    let health = until(&running, "failure", |health| health.failure.is_some()).await;
    let failure = health.failure.clone().expect("it failed").failure;
    assert_eq!(failure, Failure::NotDelivered(NotDelivered::NoResponders));
    assert_eq!((health.phase, health.heartbeats), (WorkerPhase::Joining, 0));
    assert!(health.is_connected && !health.is_ready());

    let registry = Registry::start(&connect(&server).await).await;
    assert_eq!(
        soon("registration", running.registered()).await,
        Some(Duration::from_secs(1))
    );
    registry
        .until("heartbeats", |known| known.heartbeats >= 2)
        .await;
    let health = running.health();
    assert!(health.is_ready() && health.failure.is_none(), "{health:?}");
    let client = WorkerClient::new(&connect(&server).await);
    client
        .deploy(&w1(), &deploy(""))
        .await
        .expect("it also works");
    soon("shutdown", running.shutdown()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_that_restarts_gets_its_worker_back() {
    let server = NatsServer::start().expect("a server");
    let worker = Worker::default();
    let starting = node(&worker).renewal(Duration::from_millis(100));
    let running = starting.start(&connect(&server).await).await;
    let running = running.expect("a worker");
    for round in 0..5 {
        let registry = Registry::start(&connect(&server).await).await;
        registry
            .until("registration", |known| known.registrations > 0)
            .await;
        registry
            .until("heartbeat", |known| known.heartbeats > 0)
            .await;
        until(&running, "readiness", WorkerHealth::is_ready).await;
        registry.shutdown().await;
        if round % 2 == 0 {
            // Away for long enough to be missed.
            until(&running, "failure", |health| !health.is_registered).await;
        }
    }
    assert!(running.health().registrations >= 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_registers_again_when_a_killed_server_is_back_and_its_load_is_executed_once() {
    const CALLS: u64 = 300;
    let mut chance = seed();
    let mut server = NatsServer::start().expect("a server");
    let registry = Registry::start(&connect(&server).await).await;
    let worker = Worker::default();
    // Only word of the connection makes it register again.
    let starting = node(&worker).renewal(Duration::MAX);
    let running = starting.start(&connect(&server).await).await;
    let running = running.expect("a worker");
    soon("registration", running.registered()).await;

    let pauses = Retry::new(u32::MAX)
        .pauses(Duration::from_millis(5), Duration::from_millis(50))
        .remembered();
    let options = CallOptions::new().timeout(PATIENCE).retry(pauses);
    let client = WorkerClient::new(&connect(&server).await).with_options(options);
    for round in 1..=3 {
        let before = registry.member().registrations;
        let calls: Vec<_> = (0..CALLS)
            .map(|number| {
                let (client, program) = (client.clone(), format!("sleep {}", number % 100));
                tokio::spawn(async move { client.deploy(&w1(), &deploy(&program)).await })
            })
            .collect();
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        sleep(Duration::from_millis((chance >> 33) % 60)).await;
        server.kill();
        sleep(Duration::from_millis((chance >> 40) % 300)).await;
        server.restart().expect("a server");
        for end in super::ends(calls).await {
            end.expect("an answer, in the end");
        }
        assert_eq!(worker.begun(), CALLS * round, "each was executed once");
        registry
            .until("registration", |known| known.registrations > before)
            .await;
        until(&running, "readiness", WorkerHealth::is_ready).await;
    }
    let stats = soon("shutdown", running.shutdown()).await;
    assert_eq!(stats.answered, CALLS * 3);
}

#[tokio::test]
async fn a_worker_that_is_refused_says_why_and_goes_on_trying() {
    let broker = MemoryBroker::new();
    let _registry = Registry::start(&Connection::over(broker.connect())).await;
    let wrong = "wrong".try_into().expect("a key");
    let running = WorkerNode::new(w1(), wrong, Worker::default())
        .start(&Connection::over(broker.connect()))
        .await
        .expect("it starts");
    let health = until(&running, "failure", |health| health.failure.is_some()).await;
    let failure = health.failure.clone().expect("it failed");
    assert_eq!(failure.fault(), Some(&RegisterFault::InvalidApiKey));
    assert_eq!(health.phase, WorkerPhase::Joining);
    assert!(
        !format!("{running:?}").contains("wrong"),
        "keys are secrets"
    );
    soon("shutdown", running.shutdown()).await;
}

#[tokio::test]
async fn a_heart_beats_even_if_there_is_too_much_to_tell() {
    let broker = MemoryBroker::new().with_max_payload(4_096);
    let registry = Registry::start(&Connection::over(broker.connect())).await;
    let metrics = PipelineMetrics {
        pipeline_name: "pipeline".try_into().expect("a name"),
        events_in: 1,
        events_out: 1,
        connector_health: Limited::default(),
    };
    let heartbeat = Heartbeat {
        events_processed: 7,
        pipelines_running: 1_000,
        pipeline_metrics: vec![metrics; 1_000].try_into().expect("within the limit"),
    };
    let running = node(&Worker::default())
        .health_source(move || heartbeat.clone())
        .start(&Connection::over(broker.connect()))
        .await
        .expect("it starts");
    let known = registry
        .until("heartbeat", |known| known.heartbeats > 0)
        .await;
    let last = known.last.expect("one");
    assert_eq!((last.events_processed, last.pipeline_metrics.len()), (7, 0));
    assert_eq!(known.capacity.expect("registered").pipelines_running, 1_000);
    drop(running);
}
