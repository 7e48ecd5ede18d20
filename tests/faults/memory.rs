//! Calls that time out leave nothing behind.

use std::env;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use natsgen_runtime::transport::Transport as _;
use natsgen_runtime::{CallOptions, Connection, Failure, NoAnswer};
use natsgen_testing::NatsServer;
use tokio::task::{JoinSet, spawn_blocking};
use varpulis_sdk::worker::WorkerClient;

use super::{connect_raw, trivial, turn, w1};

/// Says where the server is, in the process that measures: memory is counted per process, and other tests and the
/// worker run in this one.
const ALONE: &str = "FAULTS_MEMORY_ALONE";

const CALLS: u64 = 1_000_000;

/// Calls that wait at once.
const AT_ONCE: u64 = 2_000;

const TIMEOUT: Duration = Duration::from_millis(10);

/// What is left behind is left behind by each part, but a buffer that grows on a busy machine does so once.
const PARTS: u64 = 5;

/// By how much memory may grow in most parts. async-nats's own requests would leave 72 MB in each.
const LITTLE: u64 = 1 << 20;

/// By how much buffers may grow in all parts together.
const BUFFERS: u64 = 32 << 20;

/// Bytes of memory that this process has.
fn resident() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.expect("a number") * 4_096
}

/// Makes calls that nobody answers.
async fn time_out(connection: &Connection, calls: u64) {
    let client = WorkerClient::new(connection).with_options(CallOptions::new().timeout(TIMEOUT));
    let mut callers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let client = client.clone();
        callers.spawn(async move {
            for _ in 0..calls / AT_ONCE {
                let called = client.drain(&w1(), &trivial()).await;
                let failure = called.expect_err("a mute worker").failure;
                assert_eq!(failure, Failure::NoAnswer(NoAnswer::TimedOut));
            }
        });
    }
    callers.join_all().await;
    assert_eq!(connection.waiting_calls(), 0);
    assert!(connection.round_trip().await);
}

async fn measure(url: &str) {
    let connection = Connection::nats(url).await.expect("a connection");
    // The first calls fill buffers and the allocator's reserves.
    time_out(&connection, CALLS / PARTS).await;
    let started = Instant::now();
    let mut sizes = vec![resident()];
    for _ in 0..PARTS {
        time_out(&connection, CALLS / PARTS).await;
        sizes.push(resident());
    }
    println!(
        "{CALLS} timed-out calls in {:?}, memory in bytes: {sizes:?}",
        started.elapsed()
    );
    let mut growths: Vec<_> = sizes
        .windows(2)
        .map(|pair| pair[1].saturating_sub(pair[0]))
        .collect();
    growths.sort_unstable();
    assert!(growths[growths.len() / 2] < LITTLE, "{sizes:?}");
    assert!(growths.iter().sum::<u64>() < BUFFERS, "{sizes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_million_calls_that_time_out_leave_memory_flat() {
    if let Ok(url) = env::var(ALONE) {
        return measure(&url).await;
    }
    let _turn = turn().await;
    let server = NatsServer::start().expect("a server");
    let mute = connect_raw(&server).await;
    let requests = mute.subscribe("varpulis.cluster.cmd.w1.>", None).await;
    let mut requests = requests.expect("a subscription");
    tokio::spawn(async move { while requests.next().await.is_some() {} });
    let program = env::current_exe().expect("this program");
    let mut alone = Command::new(program);
    alone
        .args(["--exact", "--nocapture"])
        .arg("faults::memory::a_million_calls_that_time_out_leave_memory_flat")
        .env(ALONE, server.url());
    let output = spawn_blocking(move || alone.output())
        .await
        .expect("no panic");
    let output = output.expect("a process");
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("1 passed"), "{errors}");
}
