//! Of two live instances of a worker the newer one wins, and no command is executed by both.

use std::time::{Duration, Instant};

use natsgen_runtime::{Connection, MemoryBroker, NatsOptions};
use natsgen_testing::NatsServer;
use varpulis_sdk::worker::WorkerClient;
use varpulis_sdk::worker_node::{RunningWorkerNode, WorkerHealth, WorkerPhase};

use super::membership::{node, until};
use super::registry::Registry;
use super::{Worker, deploy, deploys, ends, soon, w1};
use crate::network::{Network, over_both_transports};

/// A run of the worker, registered.
pub(super) async fn start(connection: &Connection) -> (Worker, RunningWorkerNode) {
    let worker = Worker::default();
    let running = node(&worker).start(connection).await.expect("a worker");
    soon("registration", running.registered()).await;
    (worker, running)
}

async fn the_newer_answers_at_once_and_the_older_finishes_what_runs(network: Network) {
    let registry = Registry::start(&network.connect().await).await;
    let (older, running) = start(&network.connect().await).await;
    let client = WorkerClient::new(&network.connect().await);
    let begun = deploys(&client, 10, "wait");
    older.until_begun(10).await;

    let (newer, successor) = start(&network.connect().await).await;
    assert_ne!(running.instance(), successor.instance());
    soon("word of it", running.replaced()).await;
    let health = running.health();
    assert_eq!((health.phase, health.work), (WorkerPhase::Replaced, 10));
    assert!(!health.is_ready(), "{health:?}");
    for end in ends(deploys(&client, 100, "")).await {
        end.expect("an answer of the newer");
    }
    assert_eq!((older.begun(), newer.begun()), (10, 100));
    older.go_on();
    for end in ends(begun).await {
        end.expect("an answer of the older");
    }

    // Nobody but the newer tells of itself.
    let before = (registry.member().registrations, running.health().heartbeats);
    registry
        .until("heartbeats", |known| known.heartbeats >= before.1 + 2)
        .await;
    let health = running.health();
    assert_eq!((health.heartbeats, health.is_registered), (before.1, false));
    assert_eq!(soon("end", running.registered()).await, None);
    let stats = soon("shutdown", running.shutdown()).await;
    assert_eq!((stats.answered, stats.refused, stats.unsent), (10, 0, 0));
    assert!(successor.health().is_ready());
    assert_eq!(
        registry.member().instance.as_ref(),
        Some(successor.instance())
    );
    soon("shutdown", successor.shutdown()).await;
}

async fn who_is_not_known_registers_and_repeated_notices_make_no_storm(network: Network) {
    const NOTICES: usize = 200;
    let registry = Registry::start(&network.connect().await).await;
    let worker = Worker::default();
    // Nothing but notices makes it register again.
    let starting = node(&worker).renewal(Duration::MAX);
    let running = starting.start(&network.connect().await).await;
    let running = running.expect("a worker");
    assert!(running.health().is_notified);
    // That it is the one changes nothing.
    let own = running.instance().clone();
    registry.tell(Some(own.clone())).await;
    let started = Instant::now();
    registry.forget();
    for _ in 0..NOTICES {
        registry.tell(None).await;
    }
    registry.tell(Some(own)).await;
    registry
        .until("registration", |known| known.registrations > 0)
        .await;
    // The last of them may have come during a registration.
    registry.forget();
    registry.tell(None).await;
    registry
        .until("registration", |known| known.registrations > 0)
        .await;
    let registrations = running.health().registrations;
    let pauses = u64::try_from(started.elapsed().as_millis() / 10).expect("short");
    assert!(registrations <= pauses + 2, "{registrations} of {pauses}");
    assert_ne!(running.health().phase, WorkerPhase::Replaced);
    soon("shutdown", running.shutdown()).await;
}

async fn word_of_others_that_comes_late_or_never_was_true_stops_nobody(network: Network) {
    let registry = Registry::start(&network.connect().await).await;
    let (_, older) = start(&network.connect().await).await;
    let worker = Worker::default();
    // Nothing but notices makes it register again.
    let starting = node(&worker).renewal(Duration::MAX);
    let running = starting.start(&network.connect().await).await;
    let running = running.expect("a worker");
    soon("word of it", older.replaced()).await;
    let registrations = registry.member().registrations;
    registry.tell(Some(older.instance().clone())).await;
    registry
        .until("registration", |known| known.registrations > registrations)
        .await;
    until(&running, "readiness", WorkerHealth::is_ready).await;
    soon("shutdown", older.shutdown()).await;
    soon("shutdown", running.shutdown()).await;
}

over_both_transports! {
    word_of_others_that_comes_late_or_never_was_true_stops_nobody
    the_newer_answers_at_once_and_the_older_finishes_what_runs
    who_is_not_known_registers_and_repeated_notices_make_no_storm
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_was_replaced_while_it_was_cut_off_executes_nothing_when_it_is_back() {
    const CALLS: usize = 100;
    for _ in 0..20 {
        let broker = MemoryBroker::new();
        let _registry = Registry::start(&Connection::over(broker.connect())).await;
        let cable = broker.connect();
        let (older, running) = start(&Connection::over(cable.clone())).await;
        cable.disconnect();
        until(&running, "doubt", |health| !health.is_registered).await;
        let (newer, successor) = start(&Connection::over(broker.connect())).await;
        let client = WorkerClient::new(&Connection::over(broker.connect()));
        cable.reconnect();
        for end in ends(deploys(&client, CALLS, "sleep 1")).await {
            end.expect("an answer");
        }
        soon("word of it", running.replaced()).await;
        assert_eq!((older.begun(), newer.begun()), (0, CALLS as u64));
        let stats = soon("shutdown", running.shutdown()).await;
        assert_eq!((stats.answered, stats.refused), (0, 0), "{stats:?}");
        assert_eq!(stats.received, stats.left);
        soon("shutdown", successor.shutdown()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_was_cut_off_goes_on_when_nobody_has_its_place_or_nobody_knows() {
    for has_coordinator in [true, false] {
        let broker = MemoryBroker::new();
        let registry = Registry::start(&Connection::over(broker.connect())).await;
        let cable = broker.connect();
        let (worker, running) = start(&Connection::over(cable.clone())).await;
        let client = WorkerClient::new(&Connection::over(broker.connect()));
        if !has_coordinator {
            registry.shutdown().await;
        }
        cable.disconnect();
        until(&running, "doubt", |health| !health.is_registered).await;
        cable.reconnect();
        for end in ends(deploys(&client, 10, "")).await {
            end.expect("an answer");
        }
        assert_eq!(worker.begun(), 10);
        assert_eq!(running.health().is_registered, has_coordinator);
        soon("shutdown", running.shutdown()).await;
    }
}

/// What a worker was allowed before there was word of registrations.
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
async fn a_worker_that_may_not_hear_of_registrations_learns_from_its_own() {
    let server = NatsServer::start_with(USERS).expect("a server");
    let options = |user, password| NatsOptions::new(&server.url()).user(user, password);
    let ours = options("all", "a").connect().await.expect("a connection");
    let registry = Registry::start(&ours).await;
    let start = async || {
        let restricted = options("w1", "w").inbox_prefix("_INBOX_w1");
        let connection = restricted.connect().await.expect("a connection");
        let worker = Worker::default();
        let starting = node(&worker).renewal(Duration::from_millis(50));
        let running = starting.start(&connection).await.expect("a worker");
        soon("registration", running.registered()).await;
        (worker, running)
    };
    let (_, running) = start().await;
    assert!(!running.health().is_notified && running.health().is_ready());
    // Forgotten, it registers by itself.
    registry.forget();
    registry
        .until("registration", |known| known.registrations > 0)
        .await;
    let (newer, successor) = start().await;
    soon("word of it", running.replaced()).await;
    let client = WorkerClient::new(&ours);
    client.deploy(&w1(), &deploy("")).await.expect("an answer");
    assert_eq!(newer.begun(), 1);
    soon("shutdown", running.shutdown()).await;
    soon("shutdown", successor.shutdown()).await;
}
