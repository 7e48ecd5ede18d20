//! The cost of many workers for a single coordinator with its registry on disk.

use std::time::{Duration, Instant};

use natsgen_runtime::NatsOptions;
use tokio::time::{sleep, timeout};
use varpulis_sdk::coordinator::CoordinatorClient;
use varpulis_sdk::coordinator_node::{CoordinatorHealth, RunningCoordinatorNode};
use varpulis_sdk::replica::ReplicaOptions;
use varpulis_sdk::types::NodeId;

use super::workers;
use crate::report::{Report, Unit};
use crate::resident;
use crate::rounds::Series;
use crate::{Effort, Failure};

/// The largest number of heartbeats in flight, below the number at which a subscription drops messages.
const WINDOW: u64 = 10_000;

/// The time limit of the coordinator for each step.
const STEP_LIMIT: Duration = Duration::from_mins(2);

/// The pause between two looks at the health.
const PAUSE: Duration = Duration::from_millis(10);

/// Measures:
///
/// * the registrations per second;
/// * the time until all workers are ready after their heartbeats;
/// * the memory per worker, log and caches included;
/// * the duration of a failure detector pass over all workers.
///
/// # Errors
/// If the coordinator does not start or a step takes too long.
pub(super) async fn run(url: &str, effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let (count, interval, sweeps) = if effort.quick {
        (1_000_u32, Duration::from_secs(1), 1)
    } else {
        (100_000, Duration::from_secs(10), 5)
    };
    let folder = tempfile::tempdir()?;
    let connection = NatsOptions::new(url).connect().await?;
    let replica = ReplicaOptions::new(NodeId::try_from(1)?, folder.path().join("registry"));
    let node = workers::coordinator(replica, interval, &connection).await?;
    let before = resident::memory();

    let start = Instant::now();
    workers::register(&node, count.into()).await?;
    let rate = f64::from(count) / start.elapsed().as_secs_f64();
    report.line("registry.registered", rate, Unit::PerSecond)?;

    let start = Instant::now();
    send_heartbeats(&node, &CoordinatorClient::new(&connection), count.into()).await?;
    wait_for(&node, |health| health.workers.ready == count as usize).await?;
    let rate = f64::from(count) / start.elapsed().as_secs_f64();
    report.line("registry.ready", rate, Unit::PerSecond)?;
    if let (Some(before), Some(after)) = (before, resident::memory()) {
        report.line(
            "registry.memory_per_worker",
            (after - before) / f64::from(count),
            Unit::Bytes,
        )?;
    }

    let mut took = Series::default();
    for _ in 0..sweeps {
        let last = node.health().scan_time;
        let sweep = wait_for(&node, |health| health.scan_time != last)
            .await?
            .scan_time;
        took.push(sweep.as_secs_f64() * 1e3);
    }
    report.line("registry.sweep", took.median(), Unit::Millis)?;
    node.shutdown().await;
    Ok(())
}

/// Sends a heartbeat of each worker, at the pace of the coordinator.
async fn send_heartbeats(
    node: &RunningCoordinatorNode,
    client: &CoordinatorClient,
    count: u64,
) -> Result<(), Failure> {
    let heartbeat = workers::heartbeat()?;
    for number in 0..count {
        client.heartbeat(&workers::id(number)?, &heartbeat).await?;
        let sent = number + 1;
        if sent.is_multiple_of(WINDOW) || sent == count {
            wait_for(node, |health| health.heartbeats >= sent).await?;
        }
    }
    Ok(())
}

/// Waits until the health of the coordinator satisfies `is_so`.
async fn wait_for(
    node: &RunningCoordinatorNode,
    is_so: impl Fn(&CoordinatorHealth) -> bool,
) -> Result<CoordinatorHealth, Failure> {
    let waiting = async {
        loop {
            let health = node.health();
            if is_so(&health) {
                return health;
            }
            sleep(PAUSE).await;
        }
    };
    Ok(timeout(STEP_LIMIT, waiting).await?)
}
