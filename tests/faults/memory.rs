//! Calls that time out leave no memory behind.

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

use super::{connect_raw, exclusive, trivial, w1};

/// The URL of the server, set in the measuring process. Memory is counted per process, and this process also runs other
/// tests and the worker.
const MEASURED_SERVER: &str = "FAULTS_MEMORY_SERVER";

const CALLS: u64 = 1_000_000;

/// The number of concurrent calls.
const CONCURRENT: u64 = 2_000;

const TIMEOUT: Duration = Duration::from_millis(10);

/// A leak appears in each part, while a buffer grows only once on a busy machine.
const PARTS: u64 = 5;

/// The largest growth of memory in most parts. The requests of async-nats itself would leave 72 MB in each.
const PART_LIMIT: u64 = 1 << 20;

/// The largest growth of buffers over all parts.
const TOTAL_LIMIT: u64 = 32 << 20;

/// The resident memory of this process in bytes.
pub(super) fn resident() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.expect("a number") * 4_096
}

/// Makes calls that get no reply.
async fn time_out(connection: &Connection, calls: u64) {
    let client = WorkerClient::new(connection).options(CallOptions::new().timeout(TIMEOUT));
    let mut callers = JoinSet::new();
    for _ in 0..CONCURRENT {
        let client = client.clone();
        callers.spawn(async move {
            for _ in 0..calls / CONCURRENT {
                let called = client.drain(&w1(), &trivial()).await;
                let failure = called.expect_err("no reply").failure;
                assert_eq!(failure, Failure::NoAnswer(NoAnswer::TimedOut));
            }
        });
    }
    callers.join_all().await;
    assert_eq!(connection.pending_requests(), 0);
    assert!(connection.flush().await);
}

async fn measure(url: &str) {
    let connection = Connection::nats(url).await.expect("a connection");
    // The first calls fill buffers and the reserves of the allocator.
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
    assert!(growths[growths.len() / 2] < PART_LIMIT, "{sizes:?}");
    assert!(growths.iter().sum::<u64>() < TOTAL_LIMIT, "{sizes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn million_timed_out_calls_leave_memory_flat() {
    if let Ok(url) = env::var(MEASURED_SERVER) {
        return measure(&url).await;
    }
    let _exclusive = exclusive().await;
    let server = NatsServer::start().expect("a server");
    let silent = connect_raw(&server).await;
    let requests = silent.subscribe("varpulis.cluster.cmd.w1.>", None).await;
    let mut requests = requests.expect("a subscription");
    tokio::spawn(async move { while requests.next().await.is_some() {} });
    let program = env::current_exe().expect("this program");
    let mut child = Command::new(program);
    child
        .args(["--exact", "--nocapture"])
        .arg("faults::memory::million_timed_out_calls_leave_memory_flat")
        .env(MEASURED_SERVER, server.url());
    let output = spawn_blocking(move || child.output())
        .await
        .expect("no panic");
    let output = output.expect("a process");
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("1 passed"), "{errors}");
}
