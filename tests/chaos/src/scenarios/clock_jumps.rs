//! The clocks of coordinators and workers jump by seconds up to years, forwards and backwards.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::attacked::Attacked;
use crate::clock::{self, FakeClock};
use crate::cluster::{COORDINATORS, WORKERS};
use crate::round::Round;

/// The distances of jumps, in seconds: below and above timeouts, a day, ten years.
const JUMPS: [i64; 5] = [1, 20, 3_600, 86_400, 315_360_000];

/// The largest difference of two looks at a clock, in seconds.
const TOLERANCE: u64 = 5;

/// Longer than the processes take to read their clock files.
const PAUSE: Duration = Duration::from_millis(1_500);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    round.clock = Some(FakeClock::find().await?);
    let coordinators = (1..=COORDINATORS).map(|id| format!("coordinator-{id}"));
    let workers = (1..=WORKERS).map(|number| format!("w{number}"));
    let names: Vec<_> = coordinators.chain(workers).collect();
    for name in &names {
        clock::set(&round.path(name), 0)?;
    }
    let mut target = Attacked::start(round).await?;
    let end = Instant::now() + Duration::from_secs(round.size(90, 6));
    while Instant::now() < end {
        let is_common = round.rng.bool();
        let common = jump(round)?;
        for name in &names {
            let seconds = if is_common { common } else { jump(round)? };
            if is_common || round.rng.bool() {
                clock::set(&round.path(name), seconds)?;
                round.count("clocks_moved", 1);
            }
        }
        sleep(PAUSE + round.random_time(PAUSE)).await;
        if is_common {
            verify(&target, common).await?;
        }
        target.recover(round).await?;
    }
    target.finish(round).await
}

/// Checks that all coordinators see the clock that was set.
async fn verify(target: &Attacked, seconds: i64) -> Result<(), Failure> {
    for channel in target.cluster.coordinators.channels().all() {
        let clock = channel
            .send("clock")
            .await
            .ok_or("a coordinator has ended")?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let moved = clock.parse::<i64>()? - i64::try_from(now)?;
        if moved.abs_diff(seconds) > TOLERANCE {
            return Err(format!("a clock was moved by {moved} s, not {seconds} s").into());
        }
    }
    Ok(())
}

fn jump(round: &mut Round) -> Result<i64, Failure> {
    let distance = round.rng.choice(JUMPS).ok_or("no jumps")?;
    Ok(if round.rng.bool() {
        distance
    } else {
        -distance
    })
}
