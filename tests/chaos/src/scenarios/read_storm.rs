//! Linearizable reads in bulk through all coordinators at the same time, beside writes: of the whole registry, and of
//! pipelines that do not exist. No read fails.

use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::Failure;
use crate::attacked::{Attacked, millis};
use crate::pipeline_client::ABSENT;
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
    }
    target.finish(round).await?;
    match failed {
        0 => Ok(()),
        _ => Err(format!("{failed} reads failed without a fault").into()),
    }
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
