//! A shutdown loses no accepted message.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use natsgen_runtime::{
    CallError, Failure, NoAnswer, NotDelivered, Refused, ServeOptions, Server, StandardFault,
    Subscription,
};
use natsgen_testing::NatsServer;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use varpulis_sdk::coordinator::{CoordinatorClient, Heartbeat, HeartbeatFilter};
use varpulis_sdk::worker::{DeployFault, WorkerClient, WorkerServer};

use super::{
    Worker, connect, outcomes, spawn_deploys, spawn_load, trivial, w1, within_timeout,
    worker_and_client,
};

/// The number of concurrent callers of [`spawn_load`].
const CALLERS: usize = 200;

/// Whether the call found no responder.
fn has_no_responder(error: &CallError<DeployFault>) -> bool {
    error.failure == Failure::NotDelivered(NotDelivered::NoResponders)
}

async fn answered(callers: Vec<JoinHandle<u64>>) -> u64 {
    let counts = within_timeout("ends of all callers", join_all(callers)).await;
    counts
        .into_iter()
        .map(|count| count.expect("answers, then no responders"))
        .sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_answers_delivered_then_has_no_responder() {
    let server = NatsServer::start().expect("a server");
    let client = WorkerClient::new(&connect(&server).await);
    for round in 1..=5 {
        let worker = Worker::default();
        let serving = super::serve(&connect(&server).await, &worker).await;
        let callers = spawn_load(&client, CALLERS, has_no_responder);
        worker.until_begun(round * CALLERS as u64).await;
        let stats = within_timeout("shutdown", serving.shutdown()).await;
        let answered = answered(callers).await;
        assert_eq!(
            (stats.received, stats.answered, worker.begun()),
            (answered, answered, answered)
        );
        assert_eq!((stats.running, stats.waiting), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_server_answers_delivered_requests() {
    let server = NatsServer::start().expect("a server");
    let client = WorkerClient::new(&connect(&server).await);
    for round in 1..=5 {
        let worker = Worker::default();
        // The caller drops its connection here. The server keeps the connection as long as needed.
        let serving: Server = super::serve(&connect(&server).await, &worker).await;
        let callers = spawn_load(&client, CALLERS, has_no_responder);
        worker.until_begun(round * CALLERS as u64).await;
        drop(serving);
        assert_eq!(answered(callers).await, worker.begun());
    }
}

/// A request that still waits at the end of the drain limit is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_past_its_limit_refuses_queued_requests() {
    let server = NatsServer::start().expect("a server");
    let worker = Worker::default();
    let serving = WorkerServer::new(worker.clone())
        .options(
            ServeOptions::new()
                .concurrency(1)
                .drain(Duration::from_millis(100)),
        )
        .start(&connect(&server).await, &w1())
        .await
        .expect("a server");
    let client = WorkerClient::new(&connect(&server).await);
    let calls = spawn_deploys(&client, 10, "wait");
    let received = async {
        while serving.stats().received < 10 {
            sleep(Duration::from_millis(1)).await;
        }
    };
    within_timeout("requests", received).await;
    let stats = within_timeout("shutdown", serving.shutdown()).await;
    assert_eq!((stats.running, stats.refused), (1, 9));
    // The running command continues and is still answered.
    worker.release();
    let outcomes = outcomes(calls).await;
    let draining = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    for error in draining.clone() {
        let refused = Refused::Standard(StandardFault::Draining);
        assert_eq!(error.failure, Failure::Refused(refused));
        assert!(error.is_retryable(), "the request was not executed");
    }
    assert_eq!(draining.count(), 9);
}

/// The client cannot buffer all replies for a disconnected server. The shutdown waits only up to its limit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_ends_without_a_nats_server() {
    const CALLS: usize = 5_000;
    let mut server = NatsServer::start().expect("a server");
    let worker = Worker::default();
    let options = ServeOptions::new()
        .concurrency(CALLS)
        .drain(Duration::from_secs(1));
    let serving = WorkerServer::new(worker.clone())
        .options(options)
        .start(&connect(&server).await, &w1())
        .await
        .expect("a server");
    let client = WorkerClient::new(&connect(&server).await);
    let calls = spawn_deploys(&client, CALLS, "wait");
    worker.until_begun(CALLS as u64).await;
    server.kill();
    for outcome in outcomes(calls).await {
        let failure = outcome.expect_err("the server is gone").failure;
        assert_eq!(failure, Failure::NoAnswer(NoAnswer::Disconnected));
    }
    worker.release();
    let started = Instant::now();
    let stats = within_timeout("shutdown", serving.shutdown()).await;
    println!(
        "a shutdown without a server took {:?}, {stats:?}",
        started.elapsed()
    );
    assert_eq!(stats.answered, CALLS as u64);
}

fn heartbeat(number: u64) -> Heartbeat {
    Heartbeat::new(number, 0)
}

async fn expect_all(heartbeats: &mut Subscription<Heartbeat>, count: u64) {
    for expected in 0..count {
        let heartbeat = within_timeout("heartbeat", heartbeats.next())
            .await
            .expect("a heartbeat");
        assert_eq!(
            heartbeat.expect("readable").event.events_processed,
            expected
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_or_closed_client_delivers_accepted_messages() {
    const HEARTBEATS: u64 = 1_000;
    let server = NatsServer::start().expect("a server");
    let listening = connect(&server).await;
    let filter = HeartbeatFilter::default();
    let mut heartbeats = listening
        .subscribe::<Heartbeat>(&filter)
        .await
        .expect("a subscription");
    for is_closed in [false, true, false, true, false, true] {
        let connection = connect(&server).await;
        let client = CoordinatorClient::new(&connection);
        for number in 0..HEARTBEATS {
            client
                .heartbeat(&w1(), &heartbeat(number))
                .await
                .expect("a publish");
        }
        if is_closed {
            within_timeout("close", connection.close()).await;
            let closed = client.heartbeat(&w1(), &heartbeat(0)).await;
            assert!(closed.is_err(), "a closed client refuses messages");
        }
        drop((client, connection));
        expect_all(&mut heartbeats, HEARTBEATS).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closed_connection_ends_pending_calls() {
    let server = NatsServer::start().expect("a server");
    let (worker, _serving, _) = worker_and_client(&server).await;
    let connection = connect(&server).await;
    let client = WorkerClient::new(&connection);
    let calls = spawn_deploys(&client, 100, "wait");
    worker.until_begun(100).await;
    assert!(calls.iter().all(|call| !call.is_finished()));
    within_timeout("close", connection.close()).await;
    for outcome in outcomes(calls).await {
        let failure = outcome.expect_err("closed").failure;
        assert_eq!(failure, Failure::NoAnswer(NoAnswer::Disconnected));
    }
    let failure = client
        .drain(&w1(), &trivial())
        .await
        .expect_err("closed")
        .failure;
    assert_eq!(failure, Failure::NotDelivered(NotDelivered::Closed));
}
