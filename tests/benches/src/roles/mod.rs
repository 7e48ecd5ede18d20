//! `roles`: a coordinator, a worker and Raft nodes under load, each beside a lower bound.

mod commits;
mod engine;
mod events;
mod heartbeats;
mod registry;
mod stuck;
mod target;
mod workers;

use natsgen_testing::NatsServer;
use tokio::runtime::Runtime;

use crate::report::Report;
use crate::{Effort, Failure};

/// Measures the cases in sequence.
///
/// # Errors
/// If a role does not start or a call fails.
pub(crate) fn run(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let nats = NatsServer::start()?;
    let url = nats.url();
    Runtime::new()?.block_on(async {
        // First, so that the memory of other cases does not count for the workers.
        registry::run(&url, effort, report).await?;
        heartbeats::run(&url, effort, report).await?;
        commits::run(&url, effort, report).await?;
        events::run(&url, effort, report).await?;
        stuck::run(&url, effort, report).await
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::run;
    use crate::Effort;
    use crate::report::Report;

    #[test]
    fn roles_cases_complete() {
        let effort = Effort {
            quick: true,
            count: None,
            seed: 1,
            minutes: None,
        };
        let mut report = Report::new("roles", false, io::sink());
        run(effort, &mut report).expect("all cases complete");
    }
}
