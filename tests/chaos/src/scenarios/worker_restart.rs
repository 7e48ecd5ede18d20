//! Workers are killed and started again under coordinators that command them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use natsgen_testing::NatsServer;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Failure;
use crate::commander::Commander;
use crate::coordinators::{Coordinators, are_ready};
use crate::journal;
use crate::lives::Lives;
use crate::round::Round;

const WORKERS: u64 = 2;

/// How many command workers all the time.
const COMMANDERS: u64 = 8;

/// How long all is well in between, at most.
const CALM: Duration = Duration::from_secs(1);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let server = NatsServer::start()?;
    let coordinators = Coordinators::start(round, server.port(), 3).await?;
    let mut workers = Vec::new();
    for number in 1..=WORKERS {
        workers.push(Lives::start(round, server.port(), &format!("w{number}")).await?);
    }
    let ready = |shown: &Value| are_ready(shown, workers.iter().map(|worker| &worker.hand.id));
    coordinators
        .until("to workers that are ready", ready)
        .await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let mut commanding = JoinSet::new();
    for _ in 0..COMMANDERS {
        commanding.spawn(Commander::new(round, coordinators.desks(), &is_over).run());
    }
    for _ in 0..round.size(3, 1) {
        sleep(round.moment(CALM)).await;
        let victim = round.chance.usize(..workers.len());
        die_and_return(round, &coordinators, &mut workers[victim]).await?;
    }
    is_over.store(true, Ordering::SeqCst);
    let mut commanded = Vec::new();
    while let Some(pipelines) = commanding.join_next().await {
        commanded.push(pipelines?);
    }
    coordinators
        .until("to all that was acknowledged", |shown| {
            are_ready(shown, workers.iter().map(|worker| &worker.hand.id))?;
            commanded
                .iter()
                .try_for_each(|pipelines| pipelines.check(shown))
        })
        .await?;
    for worker in &mut workers {
        worker.stop().await?;
    }
    let journals = workers.iter().flat_map(|worker| &worker.journals);
    let again = journal::enter_lives(journals, &round.ledger)?;
    round.count("deployed_again", again.by_others);
    round.count("executed_again_in_another_life", again.by_lives);
    coordinators.stop().await
}

/// Kills a worker, and starts it again: at once, or once the coordinators have missed it.
async fn die_and_return(
    round: &mut Round,
    coordinators: &Coordinators,
    worker: &mut Lives,
) -> Result<(), Failure> {
    let id = worker.hand.id.clone();
    let before = coordinators.shown().await?["workers"][id.as_str()][1].clone();
    worker.kill().await?;
    round.count("workers_killed", 1);
    if round.chance.bool() {
        let unhealthy = |shown: &Value| status(shown, id.as_str(), "unhealthy");
        coordinators
            .until("to an unhealthy worker", unhealthy)
            .await?;
        round.count("workers_missed", 1);
    } else {
        sleep(round.moment(CALM)).await;
    }
    worker.revive(round).await?;
    let is_back = |shown: &Value| match &shown["workers"][id.as_str()][1] {
        instance if *instance == before => Err(format!("worker {id} is still {instance}")),
        _ => status(shown, id.as_str(), "ready"),
    };
    coordinators.until("to a new instance", is_back).await?;
    Ok(())
}

fn status(shown: &Value, id: &str, status: &str) -> Result<(), String> {
    let worker = &shown["workers"][id];
    if worker[0] == status {
        Ok(())
    } else {
        Err(format!("worker {id} is {worker}, not {status}"))
    }
}
