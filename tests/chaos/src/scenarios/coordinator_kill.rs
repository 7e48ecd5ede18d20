//! Coordinators are killed at random moments, mostly the leader, while clients register workers and command pipelines.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::cluster::Cluster;
use crate::fault::Fault;
use crate::round::Round;

/// The longest time before killed coordinators start again.
const DOWNTIME: Duration = Duration::from_millis(1_500);

/// The longest phase without faults.
const CALM: Duration = Duration::from_secs(1);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut cluster = Cluster::start(round, usize::MAX).await?;
    let end = Instant::now() + Duration::from_millis(round.size(4_000, 2_500));
    while Instant::now() < end {
        sleep(round.random_time(CALM)).await;
        // Sometimes two of them, so that there is no majority.
        let count = if round.rng.u8(..4) == 0 { 2 } else { 1 };
        for _ in 0..count {
            cluster.inject(round, Fault::KillCoordinator).await?;
        }
        sleep(round.random_time(DOWNTIME)).await;
        cluster.heal(round).await?;
    }
    cluster.finish(round).await
}
