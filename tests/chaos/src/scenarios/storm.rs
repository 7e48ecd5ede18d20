//! Everything at once: servers, coordinators and workers are killed, stopped, cut off and replaced by chance.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::round::Round;
use crate::stage::{Stage, Strike};

/// How long it lasts at most before all is healed.
const FOUL: Duration = Duration::from_millis(1_500);

/// How long nothing is done at most.
const CALM: Duration = Duration::from_secs(1);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut stage = Stage::start(round, usize::MAX).await?;
    let end = Instant::now() + Duration::from_millis(round.size(5_000, 3_000));
    while Instant::now() < end {
        sleep(round.moment(CALM)).await;
        for _ in 0..round.chance.u8(1..=3) {
            let strike = round.chance.choice(Strike::ALL).ok_or("no strikes")?;
            stage.strike(round, strike).await?;
            sleep(round.moment(FOUL / 2)).await;
        }
        sleep(round.moment(FOUL)).await;
        stage.heal(round).await?;
    }
    stage.finish(round).await
}
