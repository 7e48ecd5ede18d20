//! The replicated registry is linearizable: each operation takes effect at one moment between its call and its answer,
//! whatever the network and the nodes do meanwhile.
//!
//! Clients on all nodes write and read while links are cut, nodes are cut off and leaders are stopped and started again
//! from their stores. What they asked and what they were answered is a history, and
//! [`WGLChecker`](todc_utils::WGLChecker) says whether a registry that does one thing after another could have answered
//! like that. Some tens of histories by default; the long form:
//!
//! ```text
//! HISTORIES=200 SEED=1 cargo test --test raft linearizable -- --nocapture
//! ```

mod client;
mod history;
mod weather;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::{JoinSet, spawn_blocking};

use self::client::{Client, Reading};
use self::history::{Recorder, Verdict};
use self::weather::Weather;
use crate::nodes::Nodes;

/// Histories that are made side by side.
const AT_ONCE: usize = 8;

/// Histories of the short form.
const FEW: u64 = 24;

/// Histories within which a broken read must be caught.
const MANY: u64 = 200;

/// Clients of a history, and operations of each that are done or may be.
const CLIENTS: u64 = 6;
const OPERATIONS: usize = 25;

/// How often leaders let hear of themselves.
const PACE: Duration = Duration::from_millis(100);

/// Numbers that look random and are the same for the same seed: splitmix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// Other dice, which follow from these.
    fn split(&mut self) -> Self {
        Self(self.below(u64::MAX))
    }
}

/// The number in this variable of the environment.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().expect(name))
}

fn seed() -> u64 {
    let clock = std::time::UNIX_EPOCH.elapsed().unwrap().as_micros();
    number("SEED").unwrap_or_else(|| u64::try_from(clock).unwrap())
}

/// One history of clients that read like `reading`.
async fn history(seed: u64, reading: Reading) -> Verdict {
    let mut dice = Dice(seed);
    let count = 3 + 2 * dice.below(4).saturating_sub(2);
    let nodes = Arc::new(Nodes::found(count, PACE).await);
    let recorder = Arc::new(Recorder::default());
    let (over, is_over) = watch::channel(false);
    let weather = Weather::new(&nodes, dice.split());
    let weather = tokio::spawn(weather.change(is_over));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let client = Client::new(number, &nodes, &recorder, dice.split(), reading);
        clients.spawn(client.run(OPERATIONS));
    }
    clients.join_all().await;
    over.send_replace(true);
    weather.await.unwrap();
    Client::new(CLIENTS, &nodes, &recorder, dice, reading)
        .look_at_all()
        .await;
    let nodes = Arc::into_inner(nodes).unwrap();
    let elections = nodes.term();
    nodes.stop_all().await;
    // Whatever that takes, the other histories go on.
    let judging = spawn_blocking(move || recorder.judge(seed, elections));
    judging.await.unwrap()
}

/// Histories of consecutive seeds, side by side, until there are enough of them.
async fn histories(
    count: u64,
    reading: Reading,
    is_enough: impl Fn(&Verdict) -> bool,
) -> Vec<Verdict> {
    let (first, started) = (seed(), Instant::now());
    println!("SEED={first} HISTORIES={count} {reading:?}");
    let mut seeds = first..first + count;
    let mut running = JoinSet::new();
    let mut verdicts = Vec::new();
    loop {
        while running.len() < AT_ONCE
            && let Some(seed) = seeds.next()
        {
            running.spawn(history(seed, reading));
        }
        let Some(verdict) = running.join_next().await else {
            break;
        };
        let verdict = verdict.unwrap();
        if is_enough(&verdict) {
            seeds = 0..0;
        }
        verdicts.push(verdict);
    }
    let total = |part: fn(&Verdict) -> usize| verdicts.iter().map(part).sum::<usize>();
    println!(
        "{} histories, {} operations ({} of them without an answer), {} elections, {} not linearizable, {:.0?}",
        verdicts.len(),
        total(|verdict| verdict.operations),
        total(|verdict| verdict.open),
        verdicts
            .iter()
            .map(|verdict| verdict.elections)
            .sum::<u64>(),
        total(|verdict| usize::from(!verdict.is_linearizable)),
        started.elapsed(),
    );
    verdicts
}

#[tokio::test(flavor = "multi_thread")]
async fn histories_are_linearizable() {
    let count = number("HISTORIES").unwrap_or(FEW);
    for verdict in histories(count, Reading::Current, |_| false).await {
        assert!(verdict.is_linearizable, "SEED={}", verdict.seed);
    }
}

async fn assert_caught(reading: Reading) {
    let is_caught = |verdict: &Verdict| !verdict.is_linearizable;
    let verdicts = histories(MANY, reading, is_caught).await;
    assert!(verdicts.iter().any(is_caught), "{reading:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_that_ask_nobody_are_caught() {
    assert_caught(Reading::Local).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_of_a_leader_that_asks_no_majority_are_caught() {
    assert_caught(Reading::Unconfirmed).await;
}
