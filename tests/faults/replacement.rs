//! Of two live instances of a worker the newer one wins, and no command is executed by both.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use natsgen_runtime::test_server::NatsServer;
use natsgen_runtime::{
    CallOptions, Connection, Failure, MemoryBroker, NatsOptions, NotDelivered, Refused, Retry,
    StandardFault,
};
use tokio::task::JoinHandle;
use varpulis_sdk::worker::WorkerClient;
use varpulis_sdk::worker_node::{RunningWorkerNode, WorkerHealth, WorkerPhase};

use super::membership::{node, seed, until};
use super::registry::Registry;
use super::{PATIENCE, Worker, connect, deploy, deploys, ends, inject, soon, w1};
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

/// Calls all the time, under numbers that no other call has, until told to stop. Yields the numbers that certainly were not
/// executed; all others were answered.
fn load(
    clients: &[WorkerClient; 2],
    numbers: &Arc<AtomicU64>,
    is_over: &Arc<AtomicBool>,
) -> Vec<JoinHandle<Vec<u64>>> {
    let caller = |index: usize| {
        let client = clients[index % 2].clone();
        let (numbers, is_over) = (Arc::clone(numbers), Arc::clone(is_over));
        tokio::spawn(async move {
            let mut refused = Vec::new();
            while !is_over.load(Ordering::SeqCst) {
                let number = numbers.fetch_add(1, Ordering::SeqCst);
                let ended = client.inject(&w1(), &inject("p", "Event", number)).await;
                let Err(error) = ended else { continue };
                let is_certain = matches!(
                    error.failure,
                    Failure::NotDelivered(NotDelivered::NoResponders)
                        | Failure::Refused(Refused::Standard(StandardFault::Draining))
                );
                assert!(is_certain, "{error:?}");
                refused.push(number);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            refused
        })
    };
    (0..50).map(caller).collect()
}

/// How often each number was executed, and by which of the workers.
fn executions(workers: &[Worker]) -> HashMap<u64, Vec<usize>> {
    let mut executions: HashMap<u64, Vec<usize>> = HashMap::new();
    for (index, worker) in workers.iter().enumerate() {
        for number in worker.injected("p") {
            executions.entry(number).or_default().push(index);
        }
    }
    executions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newer_instances_take_over_under_load_and_nothing_is_executed_twice() {
    let server = NatsServer::start().expect("a server");
    let _registry = Registry::start(&connect(&server).await).await;
    take_over(&server).await;
}

/// Has one instance after the other take over while commands come all the time.
pub(super) async fn take_over(server: &NatsServer) {
    const ROUNDS: usize = 20;
    let mut chance = seed();
    let (worker, mut running) = start(&connect(server).await).await;
    let mut workers = vec![worker];

    let retry = Retry::new(u32::MAX)
        .pauses(Duration::from_millis(1), Duration::from_millis(10))
        .remembered();
    let options = CallOptions::new().timeout(PATIENCE).retry(retry);
    let hasty = WorkerClient::new(&connect(server).await);
    let clients = [hasty.clone().with_options(options), hasty];
    let (numbers, is_over) = (Arc::default(), Arc::default());
    let callers = load(&clients, &numbers, &is_over);
    let mut stats = Vec::new();
    for _ in 0..ROUNDS {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        tokio::time::sleep(Duration::from_millis((chance >> 33) % 60)).await;
        let (worker, successor) = start(&connect(server).await).await;
        soon("word of it", running.replaced()).await;
        worker.until_begun(1).await;
        stats.push(soon("shutdown", running.shutdown()).await);
        workers.push(worker);
        running = successor;
    }
    is_over.store(true, Ordering::SeqCst);
    let refused = soon("end of all calls", join_all(callers)).await;
    let refused: Vec<_> = refused
        .into_iter()
        .flat_map(|refused| refused.expect("answers, or certainly none"))
        .collect();
    stats.push(soon("shutdown", running.shutdown()).await);

    let executions = executions(&workers);
    let twice: Vec<_> = executions.iter().filter(|(_, by)| by.len() > 1).collect();
    let called = numbers.load(Ordering::SeqCst);
    println!(
        "{called} calls, {} refused, {} executed twice, such as {:?}",
        refused.len(),
        twice.len(),
        twice.first()
    );
    assert!(twice.is_empty());
    assert!(
        refused
            .iter()
            .all(|number| !executions.contains_key(number))
    );
    assert_eq!((executions.len() + refused.len()) as u64, called);
    assert_eq!(stats.iter().map(|stats| stats.unsent).sum::<u64>(), 0);
}
