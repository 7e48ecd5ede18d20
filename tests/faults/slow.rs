//! A slow command delays no other, and commands of one pipeline keep their order.

use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use natsgen_testing::NatsServer;
use tokio::runtime;
use tokio::task::unconstrained;
use varpulis_sdk::worker::WorkerClient;

use super::{connect, deploy, deploys, elsewhere, ends, inject, peers, soon, trivial, turn, w1};

/// What "at once" may take on a slow and busy machine: half of the shortest delay. Unloaded it is less than a hundredth.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Calls the trivial command `times` times, one after the other. The longest that one took.
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
async fn behind_a_slow_deploy_a_trivial_command_answers_at_once() {
    let server = NatsServer::start().expect("a server");
    let (worker, _serving, client) = peers(&server).await;
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
    assert!(longest < AT_ONCE, "{longest:?}");
    let (deployed, took) = soon("end of the deploy", slow).await.expect("no panic");
    deployed.expect("an answer");
    assert!(took >= Duration::from_secs(8), "{took:?}");
}

/// No runtime could help if all threads were blocked; as long as one is left, nobody may notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_block_their_threads_delay_no_other() {
    const THREADS: usize = 4;
    let _turn = turn().await;
    let server = NatsServer::start().expect("a server");
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build();
    let (worker, _stop) = elsewhere(&server, runtime.expect("a runtime")).await;
    let client = WorkerClient::new(&connect(&server).await);
    let check = async |program: &str, blockers: usize| {
        let begun = worker.begun();
        let blocking = deploys(&client, blockers, program);
        worker.until_begun(begun + blockers as u64).await;
        let (mut longest, started) = (Duration::ZERO, Instant::now());
        while started.elapsed() < Duration::from_millis(500) {
            longest = longest.max(slowest(&client, 10).await);
        }
        println!(
            "{blockers} of {THREADS} threads in `{program}`: trivial commands take up to {longest:?}"
        );
        assert!(longest < AT_ONCE, "{longest:?}");
        assert!(blocking.iter().all(|blocking| !blocking.is_finished()));
        for end in ends(blocking).await {
            end.expect("an answer");
        }
    };
    for program in ["block 2000", "sleep and block 2000"] {
        check(program, 1).await;
        check(program, THREADS - 1).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn injects_into_one_pipeline_keep_their_order_while_another_goes_on() {
    const EVENTS: u64 = 1_000;
    let server = NatsServer::start().expect("a server");
    let (worker, _serving, client) = peers(&server).await;
    let w1 = w1();
    let mut first = inject("first", "Wait", 0);
    let stuck = tokio::spawn({
        let (client, w1, first) = (client.clone(), w1.clone(), first.clone());
        async move { client.inject(&w1, &first).await }
    });
    worker.until_begun(1).await;
    first.event_type = "Event".parse().expect("an event type");

    // Polled in this order, so sent in this order; all wait behind the one that is stuck.
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
    for injected in soon("answers to the second pipeline", beside).await {
        injected.expect("an answer");
    }
    assert!(worker.injected("second").into_iter().eq(1..=EVENTS));
    assert_eq!(worker.injected("first"), Vec::<u64>::new());

    worker.go_on();
    for injected in soon("answers to the first pipeline", behind).await {
        injected.expect("an answer");
    }
    stuck.await.expect("no panic").expect("an answer");
    assert!(worker.injected("first").into_iter().eq(0..=EVENTS));
}

/// What has begun to wait goes on, whatever the next one does to the thread that it began on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_blocks_its_thread_keeps_none_from_ending_that_began_before_it() {
    const ROUNDS: usize = 20;
    let _turn = turn().await;
    let server = NatsServer::start().expect("a server");
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(ROUNDS + 2)
        .enable_all()
        .build();
    let (worker, _stop) = elsewhere(&server, runtime.expect("a runtime")).await;
    let client = WorkerClient::new(&connect(&server).await);
    client.drain(&w1(), &trivial()).await.expect("an answer");
    let mut blocking = Vec::new();
    for _ in 0..ROUNDS {
        // They come together, in this order.
        let calls = ["sleep 1", "block 4000"].map(|program| {
            let (client, request) = (client.clone(), deploy(program));
            async move { client.deploy(&w1(), &request).await }
        });
        let [mut before, mut blocker] = calls.map(|call| Box::pin(unconstrained(call)));
        assert!((&mut before).now_or_never().is_none());
        assert!((&mut blocker).now_or_never().is_none());
        blocking.push(blocker);
        let started = Instant::now();
        soon("answer", before).await.expect("an answer");
        assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
    }
    assert_eq!(worker.begun(), 1 + 2 * ROUNDS as u64);
    for end in soon("ends", join_all(blocking)).await {
        end.expect("an answer");
    }
}
