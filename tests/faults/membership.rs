//! A worker registers when a coordinator is available, and registers again after the coordinator lost its record.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use natsgen_runtime::{
    CallError, CallOptions, Connection, Failure, MemoryBroker, NatsOptions, NotDelivered, Retry,
};
use natsgen_testing::NatsServer;
use tokio::time::sleep;
use varpulis_sdk::coordinator::{Heartbeat, RegisterFault};
use varpulis_sdk::types::PipelineMetrics;
use varpulis_sdk::worker::WorkerClient;
use varpulis_sdk::worker_node::{
    RegistrationError, RunningWorkerNode, WorkerHealth, WorkerNode, WorkerPhase,
};

use super::fake_coordinator::FakeCoordinator;
use super::{TEST_TIMEOUT, Worker, connect, deploy, w1, within_timeout};

/// A worker with short pauses between retries.
pub(super) fn node(worker: &Worker) -> WorkerNode<Worker> {
    WorkerNode::new(w1(), "secret".try_into().expect("a key"), worker.clone())
        .pauses(Duration::from_millis(20), Duration::from_millis(100))
}

/// Waits until the health of the worker satisfies `is_so`.
pub(super) async fn wait_for(
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
    within_timeout(what, waiting).await
}

/// A seed from the environment (`SEED=… cargo test`), or else at random.
pub(super) fn seed() -> u64 {
    let given = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("SEED={seed}");
    seed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker_starts_before_server_and_coordinator() {
    let mut server = NatsServer::start().expect("a server");
    server.kill();
    let worker = Worker::default();
    let (options, starting) = (NatsOptions::new(&server.url()), node(&worker));
    let starting = tokio::spawn(async move {
        let connection = options.wait(TEST_TIMEOUT).connect().await;
        starting.start(&connection.expect("a connection")).await
    });
    sleep(Duration::from_millis(200)).await;
    assert!(!starting.is_finished(), "no server runs yet");
    server.restart().expect("a server");
    let running = within_timeout("worker", starting).await.expect("no panic");
    let running = running.expect("a worker");

    let health = wait_for(&running, "failure", |health| health.failure.is_some()).await;
    let Some(RegistrationError::Call(CallError { failure, .. })) = health.failure.clone() else {
        panic!("{health:?}");
    };
    assert_eq!(failure, Failure::NotDelivered(NotDelivered::NoResponders));
    assert_eq!((health.phase, health.heartbeats), (WorkerPhase::Joining, 0));
    assert!(health.is_connected && !health.is_ready());

    let coordinator = FakeCoordinator::start(&connect(&server).await).await;
    assert_eq!(
        within_timeout("registration", running.registered()).await,
        Some(Duration::from_secs(1))
    );
    coordinator
        .wait_for("heartbeats", |known| known.heartbeats >= 2)
        .await;
    let health = running.health();
    assert!(health.is_ready() && health.failure.is_none(), "{health:?}");
    let client = WorkerClient::new(&connect(&server).await);
    client
        .deploy(&w1(), &deploy(""))
        .await
        .expect("the worker serves");
    within_timeout("shutdown", running.shutdown()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarted_coordinator_gets_its_worker_back() {
    let server = NatsServer::start().expect("a server");
    let worker = Worker::default();
    let starting = node(&worker).renewal(Duration::from_millis(100));
    let running = starting.start(&connect(&server).await).await;
    let running = running.expect("a worker");
    for round in 0..5 {
        let coordinator = FakeCoordinator::start(&connect(&server).await).await;
        coordinator
            .wait_for("registration", |known| known.registrations > 0)
            .await;
        coordinator
            .wait_for("heartbeat", |known| known.heartbeats > 0)
            .await;
        wait_for(&running, "readiness", WorkerHealth::is_ready).await;
        coordinator.shutdown().await;
        if round % 2 == 0 {
            // Down for long enough that a registration fails.
            wait_for(&running, "failure", |health| !health.is_registered).await;
        }
    }
    assert!(running.health().registrations >= 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreign_coordinator_gets_no_renewal_but_its_worker_back() {
    let server = NatsServer::start().expect("a server");
    let worker = Worker::default();
    let coordinator = FakeCoordinator::foreign(&connect(&server).await).await;
    let running = node(&worker).start(&connect(&server).await).await;
    let running = running.expect("a worker");
    // Three heartbeats are the default renewal interval.
    coordinator
        .wait_for("heartbeats", |known| known.heartbeats > 4)
        .await;
    assert_eq!(running.health().registrations, 1);
    coordinator.shutdown().await;
    wait_for(&running, "failure", |health| !health.is_registered).await;
    let coordinator = FakeCoordinator::foreign(&connect(&server).await).await;
    coordinator
        .wait_for("registration", |known| known.registrations > 0)
        .await;
    running.shutdown().await;
    coordinator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarted_server_gets_worker_back_and_calls_run_once() {
    const CALLS: u64 = 300;
    let mut random = seed();
    let mut server = NatsServer::start().expect("a server");
    let coordinator = FakeCoordinator::start(&connect(&server).await).await;
    let worker = Worker::default();
    // Only an event of the connection makes the worker register again.
    let starting = node(&worker).renewal(Duration::MAX);
    let running = starting.start(&connect(&server).await).await;
    let running = running.expect("a worker");
    within_timeout("registration", running.registered()).await;

    let pauses = Retry::new(u32::MAX)
        .pauses(Duration::from_millis(5), Duration::from_millis(50))
        .deduplicated();
    let options = CallOptions::new().timeout(TEST_TIMEOUT).retry(pauses);
    let client = WorkerClient::new(&connect(&server).await).options(options);
    for round in 1..=3 {
        let before = coordinator.member().registrations;
        let calls: Vec<_> = (0..CALLS)
            .map(|number| {
                let (client, program) = (client.clone(), format!("sleep {}", number % 100));
                tokio::spawn(async move { client.deploy(&w1(), &deploy(&program)).await })
            })
            .collect();
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        sleep(Duration::from_millis((random >> 33) % 60)).await;
        server.kill();
        sleep(Duration::from_millis((random >> 40) % 300)).await;
        server.restart().expect("a server");
        for outcome in super::outcomes(calls).await {
            outcome.expect("an answer after retries");
        }
        assert_eq!(worker.begun(), CALLS * round, "each call was executed once");
        coordinator
            .wait_for("registration", |known| known.registrations > before)
            .await;
        wait_for(&running, "readiness", WorkerHealth::is_ready).await;
    }
    let stats = within_timeout("shutdown", running.shutdown()).await;
    assert_eq!(stats.answered, CALLS * 3);
}

#[tokio::test]
async fn refused_worker_reports_the_fault_and_retries() {
    let broker = MemoryBroker::new();
    let _coordinator = FakeCoordinator::start(&Connection::over(broker.connect())).await;
    let wrong = "wrong".try_into().expect("a key");
    let running = WorkerNode::new(w1(), wrong, Worker::default())
        .start(&Connection::over(broker.connect()))
        .await
        .expect("the worker starts");
    let health = wait_for(&running, "failure", |health| health.failure.is_some()).await;
    let failure = health.failure.clone().expect("a failure");
    assert_eq!(failure.fault(), Some(&RegisterFault::InvalidApiKey));
    assert_eq!(health.phase, WorkerPhase::Joining);
    assert!(
        !format!("{running:?}").contains("wrong"),
        "the log shows no key"
    );
    within_timeout("shutdown", running.shutdown()).await;
}

#[tokio::test]
async fn oversized_heartbeat_is_sent_without_metrics() {
    let broker = MemoryBroker::new().max_payload(4_096);
    let coordinator = FakeCoordinator::start(&Connection::over(broker.connect())).await;
    let metrics = PipelineMetrics::new("pipeline".try_into().expect("a name"), 1, 1);
    let mut heartbeat = Heartbeat::new(7, 1_000);
    heartbeat.pipeline_metrics = vec![metrics; 1_000].try_into().expect("within the limit");
    let running = node(&Worker::default())
        .health_source(move || heartbeat.clone())
        .start(&Connection::over(broker.connect()))
        .await
        .expect("the worker starts");
    let known = coordinator
        .wait_for("heartbeat", |known| known.heartbeats > 0)
        .await;
    let last = known.last.expect("one");
    assert_eq!((last.events_processed, last.pipeline_metrics.len()), (7, 0));
    assert_eq!(known.capacity.expect("registered").pipelines_running, 1_000);
    drop(running);
}
