//! Roles that start and stop on the same connection leave no memory behind.

use std::env;
use std::process::Command;

use natsgen_runtime::{Connection, MemoryBroker};
use tokio::task::spawn_blocking;

use super::fake_coordinator::FakeCoordinator;
use super::membership::node;
use super::memory::resident;
use super::{Worker, exclusive, within_timeout};

/// Set in the measuring process. Memory is counted per process, and this process also runs other tests.
const MEASURED: &str = "FAULTS_ROLE_CYCLES";

const PARTS: u64 = 5;

const CYCLES: u64 = 500;

/// The largest growth of memory in most parts. A leak of 4 KiB in each cycle would be more.
const PART_LIMIT: u64 = 256 << 10;

/// Starts a worker and stops it.
async fn cycle(coordinator: &FakeCoordinator, connection: &Connection) {
    let starting = node(&Worker::default()).handler_threads(1);
    let running = starting.start(connection).await.expect("a worker");
    within_timeout("registration", running.registered()).await;
    within_timeout("shutdown", running.shutdown()).await;
    // Otherwise the next instance waits until this instance has handed over.
    coordinator.forget_workers();
}

async fn measure() {
    let broker = MemoryBroker::new();
    let coordinator = FakeCoordinator::start(&Connection::over(broker.connect())).await;
    let connection = Connection::over(broker.connect());
    let mut sizes = Vec::new();
    // The first part fills buffers and the reserves of the allocator.
    for _ in 0..=PARTS {
        for _ in 0..CYCLES / PARTS {
            cycle(&coordinator, &connection).await;
        }
        sizes.push(resident());
    }
    println!("{CYCLES} starts of a worker, memory in bytes: {sizes:?}");
    let growths = sizes.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    let mut growths: Vec<_> = growths.collect();
    growths.sort_unstable();
    assert!(growths[growths.len() / 2] < PART_LIMIT, "{sizes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn role_cycles_leave_memory_flat() {
    if env::var(MEASURED).is_ok() {
        return measure().await;
    }
    let _exclusive = exclusive().await;
    let mut child = Command::new(env::current_exe().expect("this program"));
    child
        .args(["--exact", "--nocapture"])
        .arg("faults::role_cycles::role_cycles_leave_memory_flat")
        .env(MEASURED, "1");
    let output = spawn_blocking(move || child.output()).await;
    let output = output.expect("no panic").expect("a process");
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("1 passed"), "{errors}");
}
