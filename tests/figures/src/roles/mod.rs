//! `roles`: a coordinator, a worker and Raft nodes under load, each beside what bounds it.

mod commits;
mod engine;
mod events;
mod heartbeats;
mod stuck;
mod target;
mod workers;

use natsgen_runtime::test_server::NatsServer;
use tokio::runtime::Runtime;

use crate::report::Report;
use crate::{Effort, Failure};

/// Measures one case after the other.
///
/// # Errors
/// When a role does not start or a call fails.
pub(crate) fn run(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let nats = NatsServer::start()?;
    let url = nats.url();
    Runtime::new()?.block_on(async {
        heartbeats::run(&url, effort, report).await?;
        commits::run(&url, effort, report).await?;
        events::run(&url, effort, report).await?;
        stuck::run(&url, effort, report).await
    })
}
