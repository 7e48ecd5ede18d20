//! If two instances of a worker run, the newer instance replaces the older, and no command is executed by both.

use std::time::{Duration, Instant};

use natsgen_runtime::{Connection, MemoryBroker, NatsOptions};
use natsgen_testing::NatsServer;
use varpulis_sdk::types::WorkerInstance;
use varpulis_sdk::worker::WorkerClient;
use varpulis_sdk::worker_node::{RunningWorkerNode, WorkerHealth, WorkerPhase};

use super::fake_coordinator::FakeCoordinator;
use super::membership::{node, wait_for};
use super::{Worker, deploy, outcomes, spawn_deploys, w1, within_timeout};
use crate::network::{Network, over_both_transports};

/// Starts a worker and waits for its registration.
pub(super) async fn start(connection: &Connection) -> (Worker, RunningWorkerNode) {
    let worker = Worker::default();
    let running = node(&worker).start(connection).await.expect("a worker");
    within_timeout("registration", running.registered()).await;
    (worker, running)
}

async fn newer_instance_answers_and_older_finishes_its_commands(network: Network) {
    let coordinator = FakeCoordinator::start(&network.connect().await).await;
    let (older, running) = start(&network.connect().await).await;
    let client = WorkerClient::new(&network.connect().await);
    let begun = spawn_deploys(&client, 10, "wait");
    older.until_begun(10).await;

    let (newer, successor) = start(&network.connect().await).await;
    assert_ne!(running.instance(), successor.instance());
    within_timeout("replacement notice", running.replaced()).await;
    let health = running.health();
    assert_eq!((health.phase, health.work), (WorkerPhase::Replaced, 10));
    assert!(!health.is_ready(), "{health:?}");
    for outcome in outcomes(spawn_deploys(&client, 100, "")).await {
        outcome.expect("a reply of the newer instance");
    }
    assert_eq!((older.begun(), newer.begun()), (10, 100));
    older.release();
    for outcome in outcomes(begun).await {
        outcome.expect("a reply of the older instance");
    }

    // The older instance sends no further heartbeats.
    let before = (
        coordinator.member().registrations,
        running.health().heartbeats,
    );
    coordinator
        .wait_for("heartbeats", |known| known.heartbeats >= before.1 + 2)
        .await;
    let health = running.health();
    assert_eq!((health.heartbeats, health.is_registered), (before.1, false));
    assert_eq!(within_timeout("end", running.registered()).await, None);
    let stats = within_timeout("shutdown", running.shutdown()).await;
    assert_eq!((stats.answered, stats.refused, stats.unsent), (10, 0, 0));
    assert!(successor.health().is_ready());
    assert_eq!(
        coordinator.member().instance.as_ref(),
        Some(successor.instance())
    );
    within_timeout("shutdown", successor.shutdown()).await;
}

async fn unknown_worker_reregisters_without_a_storm(network: Network) {
    const NOTICES: usize = 200;
    let coordinator = FakeCoordinator::start(&network.connect().await).await;
    let worker = Worker::default();
    // Only notices make this worker register again.
    let starting = node(&worker).renewal(Duration::MAX);
    let running = starting.start(&network.connect().await).await;
    let running = running.expect("a worker");
    assert!(running.health().is_notified);
    // A notice that confirms the own instance has no effect.
    let own = running.instance().clone();
    coordinator.send_notice(Some(own.clone())).await;
    let started = Instant::now();
    coordinator.forget_workers();
    for _ in 0..NOTICES {
        coordinator.send_notice(None).await;
    }
    coordinator.send_notice(Some(own)).await;
    coordinator
        .wait_for("registration", |known| known.registrations > 0)
        .await;
    // The last notice may have arrived during a registration.
    coordinator.forget_workers();
    coordinator.send_notice(None).await;
    coordinator
        .wait_for("registration", |known| known.registrations > 0)
        .await;
    let registrations = running.health().registrations;
    let pauses = u64::try_from(started.elapsed().as_millis() / 10).expect("short");
    assert!(registrations <= pauses + 2, "{registrations} of {pauses}");
    assert_ne!(running.health().phase, WorkerPhase::Replaced);
    within_timeout("shutdown", running.shutdown()).await;
}

async fn stale_or_false_notice_stops_no_worker(network: Network) {
    let coordinator = FakeCoordinator::start(&network.connect().await).await;
    let (_, older) = start(&network.connect().await).await;
    let worker = Worker::default();
    // Only notices make this worker register again.
    let starting = node(&worker).renewal(Duration::MAX);
    let running = starting.start(&network.connect().await).await;
    let running = running.expect("a worker");
    within_timeout("replacement notice", older.replaced()).await;
    let registrations = coordinator.member().registrations;
    coordinator
        .send_notice(Some(older.instance().clone()))
        .await;
    coordinator
        .wait_for("registration", |known| known.registrations > registrations)
        .await;
    wait_for(&running, "readiness", WorkerHealth::is_ready).await;
    within_timeout("shutdown", older.shutdown()).await;
    within_timeout("shutdown", running.shutdown()).await;
}

/// Any peer on the bus can send such a notice. The worker asks the coordinator, and continues.
async fn forged_replacement_notice_stops_no_worker(network: Network) {
    const CALLS: usize = 100;
    let coordinator = FakeCoordinator::start(&network.connect().await).await;
    let worker = Worker::default();
    // Only notices make this worker register again.
    let starting = node(&worker).renewal(Duration::MAX);
    let running = starting.start(&network.connect().await).await;
    let running = running.expect("a worker");
    let client = WorkerClient::new(&network.connect().await);
    for round in 0..2 {
        let registrations = coordinator.member().registrations;
        let calls = spawn_deploys(&client, CALLS, "sleep 1");
        let forged = WorkerInstance::try_from("forged").expect("an instance");
        let replaced = vec![running.instance().clone()];
        coordinator.send(Some(forged), replaced).await;
        for outcome in outcomes(calls).await {
            outcome.unwrap_or_else(|error| panic!("round {round}: {error}"));
        }
        coordinator
            .wait_for("registration", |known| known.registrations > registrations)
            .await;
        wait_for(&running, "readiness", WorkerHealth::is_ready).await;
    }
    assert_eq!(worker.begun(), 2 * CALLS as u64);
    within_timeout("shutdown", running.shutdown()).await;
}

over_both_transports! {
    forged_replacement_notice_stops_no_worker
    stale_or_false_notice_stops_no_worker
    newer_instance_answers_and_older_finishes_its_commands
    unknown_worker_reregisters_without_a_storm
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker_replaced_while_offline_executes_nothing_later() {
    const CALLS: usize = 100;
    for _ in 0..20 {
        let broker = MemoryBroker::new();
        let _coordinator = FakeCoordinator::start(&Connection::over(broker.connect())).await;
        let transport = broker.connect();
        let (older, running) = start(&Connection::over(transport.clone())).await;
        transport.disconnect();
        wait_for(&running, "lost registration", |health| {
            !health.is_registered
        })
        .await;
        let (newer, successor) = start(&Connection::over(broker.connect())).await;
        let client = WorkerClient::new(&Connection::over(broker.connect()));
        transport.reconnect();
        for outcome in outcomes(spawn_deploys(&client, CALLS, "sleep 1")).await {
            outcome.expect("an answer");
        }
        within_timeout("replacement notice", running.replaced()).await;
        assert_eq!((older.begun(), newer.begun()), (0, CALLS as u64));
        let stats = within_timeout("shutdown", running.shutdown()).await;
        assert_eq!((stats.answered, stats.refused), (0, 0), "{stats:?}");
        assert_eq!(stats.received, stats.left);
        within_timeout("shutdown", successor.shutdown()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker_back_online_without_successor_continues() {
    for has_coordinator in [true, false] {
        let broker = MemoryBroker::new();
        let coordinator = FakeCoordinator::start(&Connection::over(broker.connect())).await;
        let transport = broker.connect();
        let (worker, running) = start(&Connection::over(transport.clone())).await;
        let client = WorkerClient::new(&Connection::over(broker.connect()));
        if !has_coordinator {
            coordinator.shutdown().await;
        }
        transport.disconnect();
        wait_for(&running, "lost registration", |health| {
            !health.is_registered
        })
        .await;
        transport.reconnect();
        for outcome in outcomes(spawn_deploys(&client, 10, "")).await {
            outcome.expect("an answer");
        }
        assert_eq!(worker.begun(), 10);
        assert_eq!(running.health().is_registered, has_coordinator);
        within_timeout("shutdown", running.shutdown()).await;
    }
}

/// The permissions of a worker from before the introduction of notices.
const USERS: &str = r#"authorization {
    users: [
        { user: "all", password: "a" }
        { user: "w1", password: "w", permissions: {
            publish: ["varpulis.cluster.register", "varpulis.cluster.heartbeat.w1"]
            subscribe: ["varpulis.cluster.cmd.w1.>", "_INBOX_w1.>"]
            allow_responses: true
        } }
    ]
}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker_without_notices_learns_by_its_own_registration() {
    let server = NatsServer::start_with(USERS).expect("a server");
    let options = |user, password| NatsOptions::new(&server.url()).user(user, password);
    let ours = options("all", "a").connect().await.expect("a connection");
    let coordinator = FakeCoordinator::start(&ours).await;
    let start = async || {
        let restricted = options("w1", "w").inbox_prefix("_INBOX_w1");
        let connection = restricted.connect().await.expect("a connection");
        let worker = Worker::default();
        let starting = node(&worker).renewal(Duration::from_millis(50));
        let running = starting.start(&connection).await.expect("a worker");
        within_timeout("registration", running.registered()).await;
        (worker, running)
    };
    let (_, running) = start().await;
    assert!(!running.health().is_notified && running.health().is_ready());
    // The coordinator lost its record, and the worker registers again by itself.
    coordinator.forget_workers();
    coordinator
        .wait_for("registration", |known| known.registrations > 0)
        .await;
    let (newer, successor) = start().await;
    within_timeout("replacement notice", running.replaced()).await;
    let client = WorkerClient::new(&ours);
    client.deploy(&w1(), &deploy("")).await.expect("an answer");
    assert_eq!(newer.begun(), 1);
    within_timeout("shutdown", running.shutdown()).await;
    within_timeout("shutdown", successor.shutdown()).await;
}
