//! Commits of a cluster of three nodes in this process, each with a store on disk: over NATS and over HTTP.

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

/// The numbers of concurrent writers.
const WRITERS: [usize; 2] = [1, 64];

/// The number of nodes.
const NODES: u64 = 3;

/// The number of workers that register repeatedly.
const WORKERS: u64 = 1_000;

/// The time limit of the first election.
const ELECTION_LIMIT: Duration = Duration::from_secs(20);

/// Measures commits per second and the latency of a commit.
///
/// # Errors
/// If a node does not start or a command is not committed.
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

/// The commands: each registers the next worker. Clones share the counter.
#[derive(Clone, Debug, Default)]
struct Commands(Arc<AtomicU64>);

impl Commands {
    fn next(&self) -> Result<Command, Failure> {
        let number = self.0.fetch_add(1, Ordering::Relaxed) % WORKERS;
        Ok(Command::RegisterWorker(workers::registration(number)?))
    }
}
