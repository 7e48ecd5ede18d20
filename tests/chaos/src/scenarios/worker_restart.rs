//! Workers are killed and restarted while coordinators command them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use natsgen_testing::NatsServer;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Failure;
use crate::access::Access;
use crate::coordinators::{Coordinators, are_ready};
use crate::journal;
use crate::pipeline_client::PipelineClient;
use crate::round::Round;
use crate::worker::Worker;

const WORKERS: u64 = 2;

/// The number of clients that command pipelines.
const CLIENTS: u64 = 8;

/// The longest phase without faults.
const CALM: Duration = Duration::from_secs(1);

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let server = NatsServer::start()?;
    let access = Access::Proxies(server.port());
    let coordinators = Coordinators::start(round, &access, 3).await?;
    let mut workers = Vec::new();
    for number in 1..=WORKERS {
        workers.push(Worker::start(round, &access, number).await?);
    }
    let ready =
        |registry: &Value| are_ready(registry, workers.iter().map(|worker| &worker.config.id));
    coordinators.until("ready workers", ready).await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let mut commanding = JoinSet::new();
    for _ in 0..CLIENTS {
        commanding.spawn(PipelineClient::new(round, coordinators.channels(), &is_over).run());
    }
    for _ in 0..round.size(3, 1) {
        sleep(round.random_time(CALM)).await;
        let target = round.rng.usize(..workers.len());
        kill_and_restart(round, &coordinators, &mut workers[target]).await?;
    }
    is_over.store(true, Ordering::SeqCst);
    let mut commanded = Vec::new();
    while let Some(pipelines) = commanding.join_next().await {
        commanded.push(pipelines?);
    }
    coordinators
        .until("all acknowledged operations", |registry| {
            are_ready(registry, workers.iter().map(|worker| &worker.config.id))?;
            commanded
                .iter()
                .try_for_each(|pipelines| pipelines.check(registry))
        })
        .await?;
    for worker in &mut workers {
        worker.stop().await?;
    }
    let journals = workers.iter().flat_map(|worker| &worker.journals);
    let repeats = journal::record_instances(journals, &round.history)?;
    round.count("deployed_again", repeats.by_other_requests);
    round.count(
        "executed_again_by_another_instance",
        repeats.by_other_instances,
    );
    coordinators.stop().await
}

/// Kills a worker and starts it again, immediately or after the coordinators have marked it unhealthy.
async fn kill_and_restart(
    round: &mut Round,
    coordinators: &Coordinators,
    worker: &mut Worker,
) -> Result<(), Failure> {
    let id = worker.config.id.clone();
    let before = coordinators.registry().await?["workers"][id.as_str()][1].clone();
    worker.kill().await?;
    round.count("workers_killed", 1);
    if round.rng.bool() {
        let unhealthy = |registry: &Value| status(registry, id.as_str(), "unhealthy");
        coordinators.until("an unhealthy worker", unhealthy).await?;
        round.count("workers_marked_unhealthy", 1);
    } else {
        sleep(round.random_time(CALM)).await;
    }
    worker.ensure_running(round).await?;
    let is_replaced = |registry: &Value| match &registry["workers"][id.as_str()][1] {
        instance if *instance == before => Err(format!("worker {id} is still {instance}")),
        _ => status(registry, id.as_str(), "ready"),
    };
    coordinators.until("a new instance", is_replaced).await?;
    Ok(())
}

fn status(registry: &Value, id: &str, status: &str) -> Result<(), String> {
    let worker = &registry["workers"][id];
    if worker[0] == status {
        Ok(())
    } else {
        Err(format!("worker {id} is {worker}, not {status}"))
    }
}
