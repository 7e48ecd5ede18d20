//! Commits of a cluster of three nodes in this process, each with its store in a file: over NATS, and over HTTP.

mod http;
mod nats;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use varpulis_sdk::types::Command;

use super::workers;
use crate::contender::{Contender, measure};
use crate::report::{Report, Unit};
use crate::{Effort, Failure};

/// How many clients write at once.
const WRITERS: [usize; 2] = [1, 64];

/// How many nodes agree.
const NODES: u64 = 3;

/// How many workers register, again and again.
const WORKERS: u64 = 1_000;

/// How long the first election may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Measures commits a second and the time of one.
///
/// # Errors
/// When a node does not start or a command is not committed.
pub(super) async fn run(url: &str, effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let mut contenders = [
        Contender::new("nats", 1, nats::Nats::start(url).await?),
        Contender::new("http", 1, http::Http::start().await?),
    ];
    for writers in WRITERS {
        for contender in &mut contenders {
            contender.in_flight = writers;
        }
        let measured = measure(&contenders, effort).await?;
        for one in &measured {
            let case = format!("commits.{}.{writers}", one.name);
            report.line(&case, one.throughput.median(), Unit::PerSecond)?;
            let case = format!("commit_p50.{}.{writers}", one.name);
            report.line(&case, one.p50.median(), Unit::Micros)?;
        }
        let [ours, theirs] = &measured[..] else {
            continue;
        };
        let case = format!("commits_ratio.{writers}");
        report.line(
            &case,
            ours.throughput.ratio(&theirs.throughput),
            Unit::Ratio,
        )?;
    }
    Ok(())
}

/// What is written: one worker after the other registers. A clone goes on where the others are.
#[derive(Clone, Debug, Default)]
struct Commands(Arc<AtomicU64>);

impl Commands {
    fn next(&self) -> Result<Command, Failure> {
        let number = self.0.fetch_add(1, Ordering::Relaxed) % WORKERS;
        Ok(Command::RegisterWorker(workers::registration(number)?))
    }
}
