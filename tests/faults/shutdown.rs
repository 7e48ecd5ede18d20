//! Nothing that was accepted is lost when somebody stops.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use natsgen_runtime::{
    CallError, Failure, Limited, NoAnswer, NotDelivered, Refused, ServeOptions, Server,
    StandardFault, Subscription,
};
use natsgen_testing::NatsServer;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use varpulis_sdk::coordinator::{CoordinatorClient, Heartbeat, HeartbeatFilter};
use varpulis_sdk::worker::{DeployFault, WorkerClient, WorkerServer};

use super::{Worker, connect, deploys, ends, load, peers, soon, trivial, w1};

/// Callers of [`load`] at once.
const CALLERS: usize = 200;

/// Whether nobody listens any more.
fn is_unheard(error: &CallError<DeployFault>) -> bool {
    error.failure == Failure::NotDelivered(NotDelivered::NoResponders)
}

async fn answered(callers: Vec<JoinHandle<u64>>) -> u64 {
    let counts = soon("ends of all callers", join_all(callers)).await;
    counts
        .into_iter()
        .map(|count| count.expect("answers, then no responders"))
        .sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_answers_what_was_delivered_and_the_rest_finds_nobody() {
    let server = NatsServer::start().expect("a server");
    let client = WorkerClient::new(&connect(&server).await);
    for round in 1..=5 {
        let worker = Worker::default();
        let serving = super::serve(&connect(&server).await, &worker).await;
        let callers = load(&client, CALLERS, is_unheard);
        worker.until_begun(round * CALLERS as u64).await;
        let stats = soon("shutdown", serving.shutdown()).await;
        let answered = answered(callers).await;
        assert_eq!(
            (stats.received, stats.answered, worker.begun()),
            (answered, answered, answered)
        );
        assert_eq!((stats.running, stats.waiting), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_does_a_server_that_is_dropped() {
    let server = NatsServer::start().expect("a server");
    let client = WorkerClient::new(&connect(&server).await);
    for round in 1..=5 {
        let worker = Worker::default();
        // The connection goes with it: the server keeps it as long as it needs it.
        let serving: Server = super::serve(&connect(&server).await, &worker).await;
        let callers = load(&client, CALLERS, is_unheard);
        worker.until_begun(round * CALLERS as u64).await;
        drop(serving);
        assert_eq!(answered(callers).await, worker.begun());
    }
}

/// What waits when the time to drain is over is refused, not forgotten.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_that_runs_out_of_time_says_so() {
    let server = NatsServer::start().expect("a server");
    let worker = Worker::default();
    let serving = WorkerServer::new(worker.clone())
        .with_options(
            ServeOptions::new()
                .concurrency(1)
                .drain(Duration::from_millis(100)),
        )
        .start(&connect(&server).await, &w1())
        .await
        .expect("a server");
    let client = WorkerClient::new(&connect(&server).await);
    let calls = deploys(&client, 10, "wait");
    let received = async {
        while serving.stats().received < 10 {
            sleep(Duration::from_millis(1)).await;
        }
    };
    soon("requests", received).await;
    let stats = soon("shutdown", serving.shutdown()).await;
    assert_eq!((stats.running, stats.refused), (1, 9));
    // The one that runs is left alone, and still answered.
    worker.go_on();
    let ends = ends(calls).await;
    let draining = ends.iter().filter_map(|end| end.as_ref().err());
    for error in draining.clone() {
        let refused = Refused::Standard(StandardFault::Draining);
        assert_eq!(error.failure, Failure::Refused(refused));
        assert!(error.is_retryable(), "it was not executed");
    }
    assert_eq!(draining.count(), 9);
}

/// More answers than the client keeps for a server that is away: they wait, but the shutdown does not wait for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_ends_although_the_server_is_gone() {
    const CALLS: usize = 5_000;
    let mut server = NatsServer::start().expect("a server");
    let worker = Worker::default();
    let options = ServeOptions::new()
        .concurrency(CALLS)
        .drain(Duration::from_secs(1));
    let serving = WorkerServer::new(worker.clone())
        .with_options(options)
        .start(&connect(&server).await, &w1())
        .await
        .expect("a server");
    let client = WorkerClient::new(&connect(&server).await);
    let calls = deploys(&client, CALLS, "wait");
    worker.until_begun(CALLS as u64).await;
    server.kill();
    for end in ends(calls).await {
        let failure = end.expect_err("the server is gone").failure;
        assert_eq!(failure, Failure::NoAnswer(NoAnswer::Disconnected));
    }
    worker.go_on();
    let started = Instant::now();
    let stats = soon("shutdown", serving.shutdown()).await;
    println!(
        "a shutdown without a server took {:?}, {stats:?}",
        started.elapsed()
    );
    assert_eq!(stats.answered, CALLS as u64);
}

fn heartbeat(number: u64) -> Heartbeat {
    Heartbeat {
        events_processed: number,
        pipelines_running: 0,
        pipeline_metrics: Limited::default(),
    }
}

async fn expect_all(beats: &mut Subscription<Heartbeat>, count: u64) {
    for expected in 0..count {
        let beat = soon("heartbeat", beats.next()).await.expect("a heartbeat");
        assert_eq!(beat.expect("readable").event.events_processed, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_is_dropped_or_closed_delivers_what_it_accepted() {
    const BEATS: u64 = 1_000;
    let server = NatsServer::start().expect("a server");
    let listening = connect(&server).await;
    let filter = HeartbeatFilter::default();
    let mut beats = listening
        .subscribe::<Heartbeat>(&filter)
        .await
        .expect("a subscription");
    for is_closed in [false, true, false, true, false, true] {
        let connection = connect(&server).await;
        let client = CoordinatorClient::new(&connection);
        for number in 0..BEATS {
            client
                .heartbeat(&w1(), &heartbeat(number))
                .await
                .expect("a publish");
        }
        if is_closed {
            soon("close", connection.close()).await;
            let closed = client.heartbeat(&w1(), &heartbeat(0)).await;
            assert!(closed.is_err(), "what comes after is refused");
        }
        drop((client, connection));
        expect_all(&mut beats, BEATS).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_wait_end_with_their_connection() {
    let server = NatsServer::start().expect("a server");
    let (worker, _serving, _) = peers(&server).await;
    let connection = connect(&server).await;
    let client = WorkerClient::new(&connection);
    let calls = deploys(&client, 100, "wait");
    worker.until_begun(100).await;
    assert!(calls.iter().all(|call| !call.is_finished()));
    soon("close", connection.close()).await;
    for end in ends(calls).await {
        let failure = end.expect_err("closed").failure;
        assert_eq!(failure, Failure::NoAnswer(NoAnswer::Disconnected));
    }
    let failure = client
        .drain(&w1(), &trivial())
        .await
        .expect_err("closed")
        .failure;
    assert_eq!(failure, Failure::NotDelivered(NotDelivered::Closed));
}
