//! The replicated registry is linearizable: each operation takes effect at a single moment between its call and its
//! reply, whatever faults occur.
//!
//! Clients on all nodes write and read while the nemesis cuts links, isolates nodes, and stops and restarts leaders
//! from their stores. The calls and replies form a history. [`WGLChecker`](todc_utils::WGLChecker) decides whether a
//! sequential registry could have produced this history. The short form checks some tens of histories; the long form
//! is:
//!
//! ```text
//! HISTORIES=200 SEED=1 cargo test --test raft linearizable -- --nocapture
//! ```

mod client;
mod history;
mod nemesis;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::{JoinSet, spawn_blocking};

use self::client::{Client, ReadMode};
use self::history::{CheckResult, Recorder};
use self::nemesis::Nemesis;
use crate::nodes::Nodes;

/// The number of histories that are recorded in parallel.
const PARALLEL: usize = 8;

/// The number of histories in the short form.
const SHORT_FORM: u64 = 24;

/// The number of histories within which the checker must detect a broken read.
const DETECTION_LIMIT: u64 = 200;

/// The number of clients in a history, and the number of operations of each client that are done or may be done.
const CLIENTS: u64 = 6;
const OPERATIONS: usize = 25;

/// The heartbeat interval of leaders.
const HEARTBEAT: Duration = Duration::from_millis(100);

/// A pseudorandom generator (splitmix64): the same seed gives the same numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// Another generator, seeded from this generator.
    fn split(&mut self) -> Self {
        Self(self.below(u64::MAX))
    }
}

/// The number in the environment variable `name`.
fn env_number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().expect(name))
}

fn seed() -> u64 {
    let clock = std::time::UNIX_EPOCH.elapsed().unwrap().as_micros();
    env_number("SEED").unwrap_or_else(|| u64::try_from(clock).unwrap())
}

/// Records and checks a history of clients that read by `mode`.
async fn history(seed: u64, mode: ReadMode) -> CheckResult {
    let mut random = Random(seed);
    let count = 3 + 2 * random.below(4).saturating_sub(2);
    let nodes = Arc::new(Nodes::found(count, HEARTBEAT).await);
    let recorder = Arc::new(Recorder::default());
    let (over, is_over) = watch::channel(false);
    let nemesis = Nemesis::new(&nodes, random.split());
    let nemesis = tokio::spawn(nemesis.run(is_over));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let client = Client::new(number, &nodes, &recorder, random.split(), mode);
        clients.spawn(client.run(OPERATIONS));
    }
    clients.join_all().await;
    over.send_replace(true);
    nemesis.await.unwrap();
    Client::new(CLIENTS, &nodes, &recorder, random, mode)
        .read_from_all()
        .await;
    let nodes = Arc::into_inner(nodes).unwrap();
    let elections = nodes.term();
    nodes.stop_all().await;
    // A blocking task, so that the other histories continue.
    let checking = spawn_blocking(move || recorder.check(seed, elections));
    checking.await.unwrap()
}

/// Records histories of consecutive seeds in parallel, until `count` histories or until `is_enough` holds.
async fn histories(
    count: u64,
    mode: ReadMode,
    is_enough: impl Fn(&CheckResult) -> bool,
) -> Vec<CheckResult> {
    let (first, started) = (seed(), Instant::now());
    println!("SEED={first} HISTORIES={count} {mode:?}");
    let mut seeds = first..first + count;
    let mut running = JoinSet::new();
    let mut results = Vec::new();
    loop {
        while running.len() < PARALLEL
            && let Some(seed) = seeds.next()
        {
            running.spawn(history(seed, mode));
        }
        let Some(result) = running.join_next().await else {
            break;
        };
        let result = result.unwrap();
        if is_enough(&result) {
            seeds = 0..0;
        }
        results.push(result);
    }
    let total = |part: fn(&CheckResult) -> usize| results.iter().map(part).sum::<usize>();
    println!(
        "{} histories, {} operations ({} without a reply), {} elections, {} not linearizable, {:.0?}",
        results.len(),
        total(|result| result.operations),
        total(|result| result.open),
        results.iter().map(|result| result.elections).sum::<u64>(),
        total(|result| usize::from(!result.is_linearizable)),
        started.elapsed(),
    );
    results
}

#[tokio::test(flavor = "multi_thread")]
async fn current_reads_are_linearizable() {
    let count = env_number("HISTORIES").unwrap_or(SHORT_FORM);
    for result in histories(count, ReadMode::Current, |_| false).await {
        assert!(result.is_linearizable, "SEED={}", result.seed);
    }
}

async fn assert_detected(mode: ReadMode) {
    let is_detected = |result: &CheckResult| !result.is_linearizable;
    let results = histories(DETECTION_LIMIT, mode, is_detected).await;
    assert!(results.iter().any(is_detected), "{mode:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn checker_detects_local_reads() {
    assert_detected(ReadMode::Local).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn checker_detects_unconfirmed_leader_reads() {
    assert_detected(ReadMode::Unconfirmed).await;
}
