//! All faults at random: servers, coordinators and workers are killed, suspended, isolated and replaced.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::cluster::Cluster;
use crate::fault::Fault;
use crate::round::Round;

/// The longest time before all faults are healed.
const FAULT: Duration = Duration::from_millis(1_500);

/// The longest phase without faults.
const CALM: Duration = Duration::from_secs(1);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut cluster = Cluster::start(round, usize::MAX).await?;
    let end = Instant::now() + Duration::from_millis(round.size(5_000, 3_000));
    while Instant::now() < end {
        sleep(round.random_time(CALM)).await;
        for _ in 0..round.rng.u8(1..=3) {
            let fault = round.rng.choice(Fault::ALL).ok_or("no faults")?;
            cluster.inject(round, fault).await?;
            sleep(round.random_time(FAULT / 2)).await;
        }
        sleep(round.random_time(FAULT)).await;
        cluster.heal(round).await?;
    }
    cluster.finish(round).await
}
