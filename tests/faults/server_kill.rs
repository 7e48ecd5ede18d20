//! The server dies or hangs with calls in flight, and recovers.

use std::iter;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use natsgen_runtime::{
    CallOptions, Connection, Failure, NoAnswer, NotDelivered, Retry, ServeOptions, Unpublished,
};
use natsgen_testing::NatsServer;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use varpulis_sdk::coordinator::{CoordinatorClient, Heartbeat, HeartbeatFilter};
use varpulis_sdk::types::GroupId;
use varpulis_sdk::worker::{
    DeployFault, DeployReply, PipelineEvent, PipelineEventFilter, WorkerClient, WorkerServer,
};

use super::{
    Worker, connect, deploy, exclusive, serve, trivial, w1, within_timeout, worker_and_client,
};

const CALLS: u64 = 1_000;
const ROUNDS: u64 = 5;

/// The longest time from the kill to the end of a call. The timeout of a call is 10 s.
const END_LIMIT: Duration = Duration::from_secs(5);

type Called = Result<DeployReply, Failure<DeployFault>>;

fn call(client: &WorkerClient, program: &str) -> JoinHandle<(Called, Instant)> {
    let (client, request) = (client.clone(), deploy(program));
    tokio::spawn(async move {
        let called = client.deploy(&w1(), &request).await;
        (called.map_err(|error| error.failure), Instant::now())
    })
}

/// The results of the calls: answered, outcome unknown, not delivered.
async fn outcomes(calls: Vec<JoinHandle<(Called, Instant)>>, killed: Instant) -> [u64; 3] {
    let mut outcomes = [0; 3];
    let mut longest = Duration::ZERO;
    let mut calls: FuturesUnordered<_> = calls.into_iter().collect();
    while let Some(call) = within_timeout("ends of all calls", calls.next()).await {
        let (called, ended) = call.expect("no panic");
        longest = longest.max(ended.saturating_duration_since(killed));
        match called {
            Ok(_) => outcomes[0] += 1,
            Err(Failure::NoAnswer(NoAnswer::Disconnected)) => outcomes[1] += 1,
            Err(Failure::NotDelivered(NotDelivered::Disconnected)) => outcomes[2] += 1,
            Err(failure) => panic!("{failure:?}"),
        }
    }
    println!(
        "answered, unknown, not delivered: {outcomes:?}; the last ended {longest:?} after the kill"
    );
    assert!(longest < END_LIMIT, "{longest:?}");
    outcomes
}

/// A client that retries until the connection is back.
fn retrying(connection: &Connection) -> WorkerClient {
    let retry = Retry::new(1_000).pauses(Duration::from_millis(5), Duration::from_millis(50));
    let options = CallOptions::new()
        .timeout(Duration::from_secs(30))
        .retry(retry);
    WorkerClient::new(connection).options(options)
}

/// Sends heartbeats until one arrives. A heartbeat is lost if either side is disconnected.
async fn exchange_heartbeat(
    from: &Connection,
    heartbeats: &mut natsgen_runtime::Subscription<Heartbeat>,
    number: u64,
) {
    let client = CoordinatorClient::new(from);
    let sending = async {
        let heartbeat = Heartbeat::new(number, 0);
        loop {
            // An error means that the connection is not back yet.
            let _ = client.heartbeat(&w1(), &heartbeat).await;
            sleep(Duration::from_millis(10)).await;
        }
    };
    let arriving = async {
        while let Some(heartbeat) = heartbeats.next().await {
            if heartbeat.expect("a heartbeat").event.events_processed == number {
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
    within_timeout("heartbeat", arrived).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_kill_ends_calls_and_restart_recovers_peers() {
    let _exclusive = exclusive().await;
    let mut server = NatsServer::start().expect("a server");
    let (ours, theirs) = (connect(&server).await, connect(&server).await);
    let mut heartbeats = ours
        .subscribe::<Heartbeat>(&HeartbeatFilter::default())
        .await
        .expect("a subscription");
    let worker = Worker::default();
    let serving = WorkerServer::new(worker.clone())
        .options(ServeOptions::new().concurrency(10_000))
        .start(&theirs, &w1())
        .await
        .expect("a server");
    let client = WorkerClient::new(&ours);
    for round in 0..ROUNDS {
        exchange_heartbeat(&theirs, &mut heartbeats, 2 * round).await;
        let begun = worker.begun();
        // All calls are at the worker, and no reply can arrive.
        let calls: Vec<_> = (0..CALLS).map(|_| call(&client, "wait")).collect();
        worker.until_begun(begun + CALLS).await;
        server.kill();
        let killed = Instant::now();
        assert_eq!(outcomes(calls, killed).await, [0, CALLS, 0]);
        assert_eq!(ours.pending_requests(), 0);

        server.restart().expect("a server");
        let restarted = Instant::now();
        retrying(&ours)
            .drain(&w1(), &trivial())
            .await
            .expect("an answer");
        exchange_heartbeat(&theirs, &mut heartbeats, 2 * round + 1).await;
        println!(
            "round {round}: all works again {:?} after the restart",
            restarted.elapsed()
        );
    }
    worker.release();
    let stats = within_timeout("shutdown", serving.shutdown()).await;
    // The interrupted commands finish in the end; their replies reach no caller.
    assert_eq!((stats.answered, stats.unsent), (worker.begun(), 0));
}

/// A pseudorandom generator (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// The kill comes at a random moment: while requests leave, while replies arrive, or in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_kill_at_any_moment_ends_each_call() {
    let _exclusive = exclusive().await;
    let mut server = NatsServer::start().expect("a server");
    let (ours, theirs) = (connect(&server).await, connect(&server).await);
    let _serving = serve(&theirs, &Worker::default()).await;
    let client = WorkerClient::new(&ours);
    for seed in 0..ROUNDS {
        let mut random = Random(seed);
        let calls = (0..CALLS)
            .map(|_| call(&client, &format!("sleep {}", random.below(100))))
            .collect();
        let delay = Duration::from_millis(random.below(60));
        sleep(delay).await;
        let killing = Instant::now();
        server.kill();
        let killed = Instant::now();
        println!(
            "seed {seed}: killed after {delay:?}, in {:?}",
            killed - killing
        );
        let outcomes = outcomes(calls, killed).await;
        assert_eq!(outcomes.iter().sum::<u64>(), CALLS);
        assert_eq!(ours.pending_requests(), 0);
        server.restart().expect("a server");
        retrying(&ours)
            .drain(&w1(), &trivial())
            .await
            .expect("an answer");
    }
}

/// No failure is reported while a server hangs. Each call ends at its deadline, even if it cannot be sent because the
/// socket buffer is full.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_open_connection_ends_calls_at_their_deadline() {
    let timeout = Duration::from_millis(300);
    let _exclusive = exclusive().await;
    let server = NatsServer::start().expect("a server");
    let (_worker, _serving, client) = worker_and_client(&server).await;
    let brief = client.clone().options(CallOptions::new().timeout(timeout));
    brief.drain(&w1(), &trivial()).await.expect("an answer");
    server.pause().expect("a signal");
    let mut longest = Duration::ZERO;
    // A few large requests that fill the socket, then more small requests than the client buffers.
    let programs = iter::repeat_n(100_000, 100).chain(iter::repeat_n(1, 3_000));
    let mut calls: FuturesUnordered<_> = programs
        .map(|size| {
            let (brief, request) = (brief.clone(), deploy(&" ".repeat(size)));
            tokio::spawn(async move {
                let started = Instant::now();
                (brief.deploy(&w1(), &request).await, started.elapsed())
            })
        })
        .collect();
    while let Some(ended) = within_timeout("end of a call", calls.next()).await {
        let (called, took) = ended.expect("no panic");
        let failure = called.expect_err("the server hangs").failure;
        assert_eq!(failure, Failure::NoAnswer(NoAnswer::TimedOut));
        longest = longest.max(took);
    }
    println!("with a server that hangs, calls of {timeout:?} took up to {longest:?}");
    assert!(longest < timeout + END_LIMIT, "{longest:?}");
    server.resume().expect("a signal");
    let answered = client.drain(&w1(), &trivial()).await;
    answered.expect("an answer after the server resumes");
}

/// Events have no reply and no deadline. The publisher may wait for room in the connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publish_to_hung_server_times_out_and_keeps_accepted() {
    let limit = Duration::from_millis(300);
    let _exclusive = exclusive().await;
    let server = NatsServer::start().expect("a server");
    let mut events = connect(&server)
        .await
        .subscribe::<PipelineEvent>(&PipelineEventFilter::default())
        .await
        .expect("a subscription");
    let connection = connect(&server).await;
    let client = WorkerClient::new(&connection).options(CallOptions::new().timeout(limit));
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
    println!("{accepted} events had room; the next was refused after {took:?}");
    assert_eq!(
        refused,
        Unpublished::NotDelivered(NotDelivered::Disconnected)
    );
    assert!(took < limit + END_LIMIT, "{took:?}");
    server.resume().expect("a signal");
    for _ in 0..accepted {
        let event = within_timeout("event", events.next())
            .await
            .expect("an event");
        event.expect("readable");
    }
}
