//! A long time under mixed load, with something done to the cluster now and then: memory is flat, and nothing fails but
//! what something was done to.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::memory::Memory;
use crate::round::Round;
use crate::stage::{Stage, Strike};

/// How many workers register beside those that work.
const REGISTERED: usize = 50;

/// How long all is well, at most.
const FAIR: Duration = Duration::from_secs(10);

/// How long something is done, at most.
const FOUL: Duration = Duration::from_secs(2);

/// How many samples of memory are taken.
const SAMPLES: u32 = 600;

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let mut stage = Stage::start(round, REGISTERED).await?;
    let mut memory = Memory::default();
    let (start, pause) = (Instant::now(), round.length / SAMPLES);
    let fair = FAIR.min(round.length / 3);
    while start.elapsed() < round.length {
        stage.recover().await?;
        round.ledger.change_weather();
        let calm = fair / 2 + round.moment(fair / 2);
        let until = Instant::now() + calm;
        while Instant::now() < until {
            sample(&stage, &mut memory)?;
            sleep(pause).await;
        }
        round.ledger.change_weather();
        round.count("fair_milliseconds", millis(calm));
        let strike = round.chance.choice(Strike::GENTLE).ok_or("no strikes")?;
        stage.strike(round, strike).await?;
        sleep(round.moment(FOUL)).await;
        stage.heal(round).await?;
    }
    stage.recover().await?;
    stage.finish(round).await?;
    let mut grown = Vec::new();
    for course in memory.courses() {
        eprintln!(
            "soak: {} has {} KiB in the last third, {} in the middle one",
            course.process, course.last, course.middle
        );
        if !course.is_flat() {
            grown.push(course.process);
        }
    }
    if round.is_short || grown.is_empty() {
        Ok(())
    } else {
        Err(format!("these have grown: {}", grown.join(", ")).into())
    }
}

fn sample(stage: &Stage, memory: &mut Memory) -> Result<(), Failure> {
    for (id, child) in stage.coordinators.running() {
        memory.sample(&format!("coordinator {id}"), child.id())?;
    }
    for worker in &stage.workers {
        if let Some(child) = worker.child() {
            memory.sample(&format!("worker {}", worker.hand.id), child.id())?;
        }
    }
    Ok(())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
