//! Coordinators are killed at any moment, the one that leads above all, while workers register and are commanded.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::round::Round;
use crate::stage::{Stage, Strike};

/// How long a coordinator is away at most.
const AWAY: Duration = Duration::from_millis(1_500);

/// How long all are there in between, at most.
const CALM: Duration = Duration::from_secs(1);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut stage = Stage::start(round, usize::MAX).await?;
    let end = Instant::now() + Duration::from_millis(round.size(4_000, 2_500));
    while Instant::now() < end {
        sleep(round.moment(CALM)).await;
        // Sometimes two, so that there is no majority.
        let count = if round.chance.u8(..4) == 0 { 2 } else { 1 };
        for _ in 0..count {
            stage.strike(round, Strike::KillCoordinator).await?;
        }
        sleep(round.moment(AWAY)).await;
        stage.heal(round).await?;
    }
    stage.finish(round).await
}
