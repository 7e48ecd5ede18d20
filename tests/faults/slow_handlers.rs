//! A slow command delays no other command, and the commands of a pipeline keep their order.

use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use natsgen_testing::NatsServer;
use tokio::runtime;
use tokio::task::unconstrained;
use varpulis_sdk::worker::WorkerClient;

use super::{
    connect, deploy, exclusive, inject, outcomes, spawn_deploys, trivial, w1, within_timeout,
    worker_and_client, worker_on_own_runtime,
};

/// The limit for an immediate reply on a slow and busy machine: half of the shortest delay. Without load a reply takes
/// less than a hundredth of it.
const IMMEDIATE: Duration = Duration::from_secs(1);

/// Calls the trivial command `times` times in sequence. Returns the longest duration.
async fn slowest(client: &WorkerClient, times: usize) -> Duration {
    let mut slowest = Duration::ZERO;
    for _ in 0..times {
        let started = Instant::now();
        client.drain(&w1(), &trivial()).await.expect("an answer");
        slowest = slowest.max(started.elapsed());
    }
    slowest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_deploy_does_not_delay_a_trivial_command() {
    let server = NatsServer::start().expect("a server");
    let (worker, _serving, client) = worker_and_client(&server).await;
    let slow = tokio::spawn({
        let client = client.clone();
        async move {
            let started = Instant::now();
            let deployed = client.deploy(&w1(), &deploy("sleep 8000")).await;
            (deployed, started.elapsed())
        }
    });
    worker.until_begun(1).await;
    let longest = slowest(&client, 100).await;
    println!("behind an 8 s deploy, the slowest of 100 trivial commands took {longest:?}");
    assert!(!slow.is_finished(), "the deploy still runs");
    assert!(longest < IMMEDIATE, "{longest:?}");
    let (deployed, took) = within_timeout("end of the deploy", slow)
        .await
        .expect("no panic");
    deployed.expect("an answer");
    assert!(took >= Duration::from_secs(8), "{took:?}");
}

/// If all threads were blocked, no runtime could continue. With a single free thread, other commands must not be
/// delayed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blocking_commands_delay_no_other_command() {
    const THREADS: usize = 4;
    let _exclusive = exclusive().await;
    let server = NatsServer::start().expect("a server");
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build();
    let (worker, _stop) = worker_on_own_runtime(&server, runtime.expect("a runtime")).await;
    let client = WorkerClient::new(&connect(&server).await);
    let check = async |program: &str, blockers: usize| {
        let begun = worker.begun();
        let blocking = spawn_deploys(&client, blockers, program);
        worker.until_begun(begun + blockers as u64).await;
        let (mut longest, started) = (Duration::ZERO, Instant::now());
        while started.elapsed() < Duration::from_millis(500) {
            longest = longest.max(slowest(&client, 10).await);
        }
        println!(
            "{blockers} of {THREADS} threads in `{program}`: trivial commands take up to {longest:?}"
        );
        assert!(longest < IMMEDIATE, "{longest:?}");
        assert!(blocking.iter().all(|blocking| !blocking.is_finished()));
        for outcome in outcomes(blocking).await {
            outcome.expect("an answer");
        }
    };
    for program in ["block 2000", "sleep and block 2000"] {
        check(program, 1).await;
        check(program, THREADS - 1).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn injects_keep_order_per_pipeline_and_run_in_parallel() {
    const EVENTS: u64 = 1_000;
    let server = NatsServer::start().expect("a server");
    let (worker, _serving, client) = worker_and_client(&server).await;
    let w1 = w1();
    let mut first = inject("first", "Wait", 0);
    let stuck = tokio::spawn({
        let (client, w1, first) = (client.clone(), w1.clone(), first.clone());
        async move { client.inject(&w1, &first).await }
    });
    worker.until_begun(1).await;
    first.event_type = "Event".parse().expect("an event type");

    // The futures are polled in this order, so the requests are sent in this order. All wait behind the stuck command.
    let behind = (1..=EVENTS).map(|number| {
        let (client, w1) = (&client, &w1);
        async move { client.inject(w1, &inject("first", "Event", number)).await }
    });
    let mut behind = std::pin::pin!(unconstrained(join_all(behind)));
    assert!(behind.as_mut().now_or_never().is_none());
    let beside = unconstrained(join_all((1..=EVENTS).map(|number| {
        let (client, w1) = (&client, &w1);
        async move { client.inject(w1, &inject("second", "Event", number)).await }
    })));
    for injected in within_timeout("answers to the second pipeline", beside).await {
        injected.expect("an answer");
    }
    assert!(worker.injected("second").into_iter().eq(1..=EVENTS));
    assert_eq!(worker.injected("first"), Vec::<u64>::new());

    worker.release();
    for injected in within_timeout("answers to the first pipeline", behind).await {
        injected.expect("an answer");
    }
    stuck.await.expect("no panic").expect("an answer");
    assert!(worker.injected("first").into_iter().eq(0..=EVENTS));
}

/// A waiting command completes even if the next command blocks the thread on which it began.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blocking_command_delays_no_earlier_command() {
    const ROUNDS: usize = 20;
    let _exclusive = exclusive().await;
    let server = NatsServer::start().expect("a server");
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(ROUNDS + 2)
        .enable_all()
        .build();
    let (worker, _stop) = worker_on_own_runtime(&server, runtime.expect("a runtime")).await;
    let client = WorkerClient::new(&connect(&server).await);
    client.drain(&w1(), &trivial()).await.expect("an answer");
    let mut blocking = Vec::new();
    for _ in 0..ROUNDS {
        // Both commands arrive together, in this order.
        let calls = ["sleep 1", "block 4000"].map(|program| {
            let (client, request) = (client.clone(), deploy(program));
            async move { client.deploy(&w1(), &request).await }
        });
        let [mut before, mut blocker] = calls.map(|call| Box::pin(unconstrained(call)));
        assert!((&mut before).now_or_never().is_none());
        assert!((&mut blocker).now_or_never().is_none());
        blocking.push(blocker);
        let started = Instant::now();
        within_timeout("answer", before).await.expect("an answer");
        assert!(started.elapsed() < IMMEDIATE, "{:?}", started.elapsed());
    }
    assert_eq!(worker.begun(), 1 + 2 * ROUNDS as u64);
    for outcome in within_timeout("ends", join_all(blocking)).await {
        outcome.expect("an answer");
    }
}
