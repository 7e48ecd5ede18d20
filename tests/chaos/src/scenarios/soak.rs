//! A long mixed workload with occasional faults: memory use stays flat, and calls fail only while a fault is active.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::cluster::Cluster;
use crate::fault::Fault;
use crate::memory::Memory;
use crate::round::Round;

/// The number of registered workers beside the running workers.
const REGISTERED: usize = 50;

/// The longest phase without faults.
const CALM: Duration = Duration::from_secs(10);

/// The longest fault.
const FAULT: Duration = Duration::from_secs(2);

/// The number of memory samples.
const SAMPLES: u32 = 600;

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut cluster = Cluster::start(round, REGISTERED).await?;
    let mut memory = Memory::default();
    let (start, pause) = (Instant::now(), round.length / SAMPLES);
    let limit = CALM.min(round.length / 3);
    while start.elapsed() < round.length {
        cluster.recover().await?;
        round.history.toggle_faults();
        let calm = limit / 2 + round.random_time(limit / 2);
        let until = Instant::now() + calm;
        while Instant::now() < until {
            sample(&cluster, &mut memory)?;
            sleep(pause).await;
        }
        round.history.toggle_faults();
        round.count("fault_free_milliseconds", millis(calm));
        let fault = round.rng.choice(Fault::WITHOUT_KILLS).ok_or("no faults")?;
        cluster.inject(round, fault).await?;
        sleep(round.random_time(FAULT)).await;
        cluster.heal(round).await?;
    }
    cluster.recover().await?;
    cluster.finish(round).await?;
    let mut grown = Vec::new();
    for trend in memory.trends() {
        eprintln!(
            "soak: {} uses {} KiB in the last third, {} in the middle third",
            trend.process, trend.last, trend.middle
        );
        if !trend.is_flat() {
            grown.push(trend.process);
        }
    }
    if round.is_short || grown.is_empty() {
        Ok(())
    } else {
        Err(format!("memory has grown: {}", grown.join(", ")).into())
    }
}

fn sample(cluster: &Cluster, memory: &mut Memory) -> Result<(), Failure> {
    for (id, child) in cluster.coordinators.running() {
        memory.sample(&format!("coordinator {id}"), child.id())?;
    }
    for worker in &cluster.workers {
        if let Some(child) = worker.child() {
            memory.sample(&format!("worker {}", worker.config.id), child.id())?;
        }
    }
    Ok(())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
