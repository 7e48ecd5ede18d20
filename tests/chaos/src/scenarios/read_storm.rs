//! Linearizable reads in bulk through all coordinators at the same time, beside writes: of the whole registry, of
//! pipelines that do not exist, and of pipelines that all coordinators undeploy at once. No read fails.

use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::Failure;
use crate::attacked::{Attacked, millis};
use crate::history::{Guarantee, Outcome};
use crate::pipeline_client::{ABSENT, outcome};
use crate::round::Round;

pub(crate) async fn run(round: &mut Round) -> Result<(), Failure> {
    let target = Attacked::start(round).await?;
    let mut failed = 0;
    for _ in 0..round.size(10, 2) {
        let started = Instant::now();
        let mut reads = JoinSet::new();
        for channel in target.cluster.coordinators.channels().all() {
            for number in 0..round.size(1_000, 300) {
                let channel = channel.clone();
                reads.spawn(async move {
                    match number % 2 {
                        0 => is_registry(channel.send("show").await),
                        _ => is_absent(channel.send(&format!("undeploy absent-{number}")).await),
                    }
                });
            }
        }
        while let Some(read) = reads.join_next().await {
            round.count("reads", 1);
            if let Err(reply) = read? {
                eprintln!("a read failed: {reply:?}");
                failed += 1;
            }
        }
        round.highest("read_burst_ms", millis(started.elapsed()));
        failed += undeploy_everywhere(&target, round).await?;
    }
    target.finish(round).await?;
    match failed {
        0 => Ok(()),
        _ => Err(format!("{failed} reads failed without a fault").into()),
    }
}

/// Deploys pipelines, and undeploys each of them through all coordinators at once. Returns the number of failures.
async fn undeploy_everywhere(target: &Attacked, round: &mut Round) -> Result<u64, Failure> {
    let channels = target.cluster.coordinators.channels().all();
    let mut deployments = JoinSet::new();
    let count = usize::try_from(round.size(200, 50))?;
    for channel in channels.iter().cycle().take(count) {
        let (channel, history) = (channel.clone(), Arc::clone(&round.history));
        deployments.spawn(async move {
            let number = history.begin(Guarantee::AtMostOnce);
            let reply = channel.send(&format!("deploy {number}")).await;
            history.finish(number, outcome(&reply.unwrap_or_default()));
            number
        });
    }
    let numbers = deployments.join_all().await;
    let started = Instant::now();
    let mut undeployments = JoinSet::new();
    for number in numbers {
        for channel in channels.clone() {
            undeployments.spawn(async move { channel.send(&format!("undeploy {number}")).await });
        }
    }
    let mut failed = 0;
    while let Some(reply) = undeployments.join_next().await {
        round.count("undeployments", 1);
        let reply = reply?.unwrap_or_default();
        if reply != ABSENT && outcome(&reply) != Outcome::Acknowledged {
            eprintln!("a pipeline was not undeployed: {reply:?}");
            failed += 1;
        }
    }
    round.highest("undeploy_burst_ms", millis(started.elapsed()));
    Ok(failed)
}

fn is_registry(reply: Option<String>) -> Result<(), Option<String>> {
    let registry: Value =
        serde_json::from_str(reply.as_deref().unwrap_or_default()).unwrap_or_default();
    registry.get("workers").map(drop).ok_or(reply)
}

fn is_absent(reply: Option<String>) -> Result<(), Option<String>> {
    match reply {
        Some(reply) if reply == ABSENT => Ok(()),
        reply => Err(reply),
    }
}
