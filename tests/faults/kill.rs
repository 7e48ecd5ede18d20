//! The server dies or hangs with calls in flight, and comes back.

use std::iter;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use natsgen_runtime::{
    CallOptions, Connection, Failure, Limited, NoAnswer, NotDelivered, Retry, ServeOptions,
    Unpublished,
};
use natsgen_testing::NatsServer;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use varpulis_sdk::coordinator::{CoordinatorClient, Heartbeat, HeartbeatFilter};
use varpulis_sdk::types::GroupId;
use varpulis_sdk::worker::{
    DeployFault, DeployReply, PipelineEvent, PipelineEventFilter, WorkerClient, WorkerServer,
};

use super::{Worker, connect, deploy, peers, serve, soon, trivial, turn, w1};

const CALLS: u64 = 1_000;
const ROUNDS: u64 = 5;

/// How long after the kill a call may still wait. Its own timeout is 10 s.
const SOON: Duration = Duration::from_secs(5);

type Called = Result<DeployReply, Failure<DeployFault>>;

fn call(client: &WorkerClient, program: &str) -> JoinHandle<(Called, Instant)> {
    let (client, request) = (client.clone(), deploy(program));
    tokio::spawn(async move {
        let called = client.deploy(&w1(), &request).await;
        (called.map_err(|error| error.failure), Instant::now())
    })
}

/// What came of the calls: answered, outcome unknown, not delivered.
async fn ends(calls: Vec<JoinHandle<(Called, Instant)>>, killed: Instant) -> [u64; 3] {
    let mut ends = [0; 3];
    let mut longest = Duration::ZERO;
    let mut calls: FuturesUnordered<_> = calls.into_iter().collect();
    while let Some(call) = soon("ends of all calls", calls.next()).await {
        let (called, ended) = call.expect("no panic");
        longest = longest.max(ended.saturating_duration_since(killed));
        match called {
            Ok(_) => ends[0] += 1,
            Err(Failure::NoAnswer(NoAnswer::Disconnected)) => ends[1] += 1,
            Err(Failure::NotDelivered(NotDelivered::Disconnected)) => ends[2] += 1,
            Err(failure) => panic!("{failure:?}"),
        }
    }
    println!(
        "answered, unknown, not delivered: {ends:?}; the last ended {longest:?} after the kill"
    );
    assert!(longest < SOON, "{longest:?}");
    ends
}

/// A client that does not mind that the connection is not back yet.
fn persistent(connection: &Connection) -> WorkerClient {
    let retry = Retry::new(1_000).pauses(Duration::from_millis(5), Duration::from_millis(50));
    let options = CallOptions::new()
        .timeout(Duration::from_secs(30))
        .retry(retry);
    WorkerClient::new(connection).with_options(options)
}

/// Heartbeats until one arrives. Those sent while either side is away are lost, as any publication is.
async fn beat(
    from: &Connection,
    beats: &mut natsgen_runtime::Subscription<Heartbeat>,
    number: u64,
) {
    let client = CoordinatorClient::new(from);
    let sending = async {
        let heartbeat = Heartbeat {
            events_processed: number,
            pipelines_running: 0,
            pipeline_metrics: Limited::default(),
        };
        loop {
            // An error says that the connection is not back yet.
            let _ = client.heartbeat(&w1(), &heartbeat).await;
            sleep(Duration::from_millis(10)).await;
        }
    };
    let arriving = async {
        while let Some(beat) = beats.next().await {
            if beat.expect("a heartbeat").event.events_processed == number {
                return;
            }
        }
        panic!("the subscription ended");
    };
    let arrived = async {
        tokio::select! {
            () = arriving => {}
            () = sending => {}
        }
    };
    soon("heartbeat", arrived).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_end_soon_after_a_kill_and_peers_work_again_after_a_restart() {
    let _turn = turn().await;
    let mut server = NatsServer::start().expect("a server");
    let (ours, theirs) = (connect(&server).await, connect(&server).await);
    let mut beats = ours
        .subscribe::<Heartbeat>(&HeartbeatFilter::default())
        .await
        .expect("a subscription");
    let worker = Worker::default();
    let serving = WorkerServer::new(worker.clone())
        .with_options(ServeOptions::new().concurrency(10_000))
        .start(&theirs, &w1())
        .await
        .expect("a server");
    let client = WorkerClient::new(&ours);
    for round in 0..ROUNDS {
        beat(&theirs, &mut beats, 2 * round).await;
        let begun = worker.begun();
        // All of them are with the worker, and none can be answered.
        let calls: Vec<_> = (0..CALLS).map(|_| call(&client, "wait")).collect();
        worker.until_begun(begun + CALLS).await;
        server.kill();
        let killed = Instant::now();
        assert_eq!(ends(calls, killed).await, [0, CALLS, 0]);
        assert_eq!(ours.waiting_calls(), 0);

        server.restart().expect("a server");
        let restarted = Instant::now();
        persistent(&ours)
            .drain(&w1(), &trivial())
            .await
            .expect("an answer");
        beat(&theirs, &mut beats, 2 * round + 1).await;
        println!(
            "round {round}: all works again {:?} after the restart",
            restarted.elapsed()
        );
    }
    worker.go_on();
    let stats = soon("shutdown", serving.shutdown()).await;
    // Those that were cut off are answered in the end, to nobody.
    assert_eq!((stats.answered, stats.unsent), (worker.begun(), 0));
}

/// Numbers from a seed: splitmix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// Here the kill comes at any moment: while requests leave, while answers come, in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_the_kill_comes_each_call_ends() {
    let _turn = turn().await;
    let mut server = NatsServer::start().expect("a server");
    let (ours, theirs) = (connect(&server).await, connect(&server).await);
    let _serving = serve(&theirs, &Worker::default()).await;
    let client = WorkerClient::new(&ours);
    for seed in 0..ROUNDS {
        let mut dice = Dice(seed);
        let calls = (0..CALLS)
            .map(|_| call(&client, &format!("sleep {}", dice.roll(100))))
            .collect();
        let delay = Duration::from_millis(dice.roll(60));
        sleep(delay).await;
        let killing = Instant::now();
        server.kill();
        let killed = Instant::now();
        println!(
            "seed {seed}: killed after {delay:?}, in {:?}",
            killed - killing
        );
        let ends = ends(calls, killed).await;
        assert_eq!(ends.iter().sum::<u64>(), CALLS);
        assert_eq!(ours.waiting_calls(), 0);
        server.restart().expect("a server");
        persistent(&ours)
            .drain(&w1(), &trivial())
            .await
            .expect("an answer");
    }
}

/// Nobody is told that a server hangs; what is left is the deadline of each call, also for those that cannot leave
/// because the socket takes no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_half_open_connection_calls_end_by_their_deadlines() {
    let timeout = Duration::from_millis(300);
    let _turn = turn().await;
    let server = NatsServer::start().expect("a server");
    let (_worker, _serving, client) = peers(&server).await;
    let hasty = client
        .clone()
        .with_options(CallOptions::new().timeout(timeout));
    hasty.drain(&w1(), &trivial()).await.expect("an answer");
    server.pause().expect("a signal");
    let mut longest = Duration::ZERO;
    // Few large ones that fill the socket, and then more small ones than the client keeps for later.
    let programs = iter::repeat_n(100_000, 100).chain(iter::repeat_n(1, 3_000));
    let mut calls: FuturesUnordered<_> = programs
        .map(|size| {
            let (hasty, request) = (hasty.clone(), deploy(&" ".repeat(size)));
            tokio::spawn(async move {
                let started = Instant::now();
                (hasty.deploy(&w1(), &request).await, started.elapsed())
            })
        })
        .collect();
    while let Some(ended) = soon("end of a call", calls.next()).await {
        let (called, took) = ended.expect("no panic");
        let failure = called.expect_err("the server hangs").failure;
        assert_eq!(failure, Failure::NoAnswer(NoAnswer::TimedOut));
        longest = longest.max(took);
    }
    println!("with a server that hangs, calls of {timeout:?} took up to {longest:?}");
    assert!(longest < timeout + SOON, "{longest:?}");
    server.resume().expect("a signal");
    let answered = client.drain(&w1(), &trivial()).await;
    answered.expect("an answer once it goes on");
}

/// Nobody answers an event, so there is no deadline either; but room in the connection may be waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publisher_does_not_wait_for_ever_and_what_it_handed_over_arrives() {
    let limit = Duration::from_millis(300);
    let _turn = turn().await;
    let server = NatsServer::start().expect("a server");
    let mut events = connect(&server)
        .await
        .subscribe::<PipelineEvent>(&PipelineEventFilter::default())
        .await
        .expect("a subscription");
    let connection = connect(&server).await;
    let client = WorkerClient::new(&connection).with_options(CallOptions::new().timeout(limit));
    let group: GroupId = "g".parse().expect("a group");
    let mut event: PipelineEvent =
        serde_json::from_str(r#"{"event_type":"E","timestamp":"2026-01-01T00:00:00Z"}"#)
            .expect("an event");
    event.fields.insert("text", "x".repeat(10_000));
    client
        .pipeline_event(&group, &w1(), &w1(), &event)
        .await
        .expect("room");
    server.pause().expect("a signal");
    let mut accepted = 1;
    let (refused, took) = loop {
        let started = Instant::now();
        match client.pipeline_event(&group, &w1(), &w1(), &event).await {
            Ok(()) => accepted += 1,
            Err(error) => break (error.reason, started.elapsed()),
        }
    };
    println!("{accepted} events had room; the next was told so after {took:?}");
    assert_eq!(
        refused,
        Unpublished::NotDelivered(NotDelivered::Disconnected)
    );
    assert!(took < limit + SOON, "{took:?}");
    server.resume().expect("a signal");
    for _ in 0..accepted {
        let event = soon("event", events.next()).await.expect("an event");
        event.expect("readable");
    }
}
